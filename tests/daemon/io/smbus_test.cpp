// SMBus 3.1 §6.5 against the I2C transfers that drivers ask for: the same bytes on the wire.
#include "daemon/io/smbus.hpp"

#include <gmock/gmock.h>

#include <array>

namespace b2m {
namespace {

using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

constexpr unsigned long everything = I2C_FUNC_SMBUS_EMUL;
// i2c-stub's default, which is also what most SMBus controllers of PCs have.
constexpr unsigned long without_blocks =
    I2C_FUNC_SMBUS_QUICK | I2C_FUNC_SMBUS_BYTE | I2C_FUNC_SMBUS_BYTE_DATA | I2C_FUNC_SMBUS_WORD_DATA;

Result<SmbusCommand> write_of(const Bytes& bytes, unsigned long functions = everything) {
  const I2cOp op{.write = bytes};
  return to_smbus({&op, 1}, functions);
}

Result<SmbusCommand> read_of(const Bytes& write, std::size_t length, unsigned long functions = everything) {
  Bytes into(length);
  const std::array ops{I2cOp{.write = write}, I2cOp{.read = into}};
  return write.empty() ? to_smbus(std::span(ops).last(1), functions) : to_smbus(ops, functions);
}

Bytes answer(const SmbusCommand& command, std::size_t length) {
  Bytes into(length);
  const I2cOp op{.read = into};
  EXPECT_TRUE(take_answer(command, {&op, 1}).has_value());
  return into;
}

TEST(Smbus, AWriteOfNothingIsTheQuickCommand) {
  const auto command = write_of({});
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->size, std::uint32_t{I2C_SMBUS_QUICK});
  EXPECT_EQ(command->read_write, I2C_SMBUS_WRITE);
}

TEST(Smbus, AWriteOfOneByteIsSendByte) {
  const auto command = write_of({0xfe});
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->size, std::uint32_t{I2C_SMBUS_BYTE});
  EXPECT_EQ(command->command, 0xfe);
}

TEST(Smbus, AWriteOfTwoBytesIsByteData) {
  const auto command = write_of({0x01, 0x60});
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->size, std::uint32_t{I2C_SMBUS_BYTE_DATA});
  EXPECT_EQ(command->command, 0x01);
  EXPECT_EQ(command->data.byte, 0x60);
}

TEST(Smbus, AWriteOfThreeBytesIsAWordWhoseLowByteGoesFirst) {
  const auto command = write_of({0x01, 0x12, 0x34});
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->size, std::uint32_t{I2C_SMBUS_WORD_DATA});
  EXPECT_EQ(command->command, 0x01);
  EXPECT_EQ(command->data.word, 0x3412);
}

TEST(Smbus, ALongerWriteIsAnI2cBlock) {
  Bytes bytes(33, 0xaa);
  bytes[0] = 0x10;
  bytes[32] = 0x55;
  const auto command = write_of(bytes);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->size, std::uint32_t{I2C_SMBUS_I2C_BLOCK_DATA});
  EXPECT_EQ(command->command, 0x10);
  EXPECT_EQ(command->data.block[0], 32);
  EXPECT_EQ(command->data.block[1], 0xaa);
  EXPECT_EQ(command->data.block[32], 0x55);
}

TEST(Smbus, ABlockStandsInForByteAndWordData) {
  const auto command = write_of({0x01, 0x12, 0x34}, I2C_FUNC_SMBUS_WRITE_I2C_BLOCK);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->size, std::uint32_t{I2C_SMBUS_I2C_BLOCK_DATA});
  EXPECT_EQ(command->data.block[0], 2);
  EXPECT_EQ(command->data.block[2], 0x34);
}

TEST(Smbus, ARegisterOfOneByteIsByteData) {
  auto command = read_of({0xd0}, 1);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->size, std::uint32_t{I2C_SMBUS_BYTE_DATA});
  EXPECT_EQ(command->read_write, I2C_SMBUS_READ);
  EXPECT_EQ(command->command, 0xd0);
  command->data.byte = 0x60;
  EXPECT_EQ(answer(*command, 1), (Bytes{0x60}));
}

TEST(Smbus, ARegisterOfTwoBytesIsAWordWhoseLowByteCameFirst) {
  auto command = read_of({0x00}, 2);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->size, std::uint32_t{I2C_SMBUS_WORD_DATA});
  command->data.word = 0x8019;  // an LM75 at 25.5 °C sends 0x19, 0x80
  EXPECT_EQ(answer(*command, 2), (Bytes{0x19, 0x80}));
}

TEST(Smbus, ALongerRegisterIsAnI2cBlockOfThatLength) {
  auto command = read_of({0x88}, 26);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->size, std::uint32_t{I2C_SMBUS_I2C_BLOCK_DATA});
  EXPECT_EQ(command->data.block[0], 26);
  command->data.block[1] = 0x11;
  command->data.block[26] = 0x22;
  const auto bytes = answer(*command, 26);
  EXPECT_EQ(bytes.front(), 0x11);
  EXPECT_EQ(bytes.back(), 0x22);
}

TEST(Smbus, ABlockThatCameShortIsAnError) {
  auto command = read_of({0x88}, 6);
  ASSERT_TRUE(command.has_value());
  command->data.block[0] = 5;
  Bytes into(6);
  const I2cOp op{.read = into};
  const auto result = take_answer(*command, {&op, 1});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::io);
}

TEST(Smbus, APlainReadOfOneByteIsReceiveByte) {
  auto command = read_of({}, 1);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->size, std::uint32_t{I2C_SMBUS_BYTE});
  EXPECT_EQ(command->read_write, I2C_SMBUS_READ);
  command->data.byte = 0x42;
  EXPECT_EQ(answer(*command, 1), (Bytes{0x42}));
}

TEST(Smbus, WhatSmbusCannotDoIsUnsupportedAndSaysWhy) {
  const auto reason = [](const Result<SmbusCommand>& command) {
    EXPECT_FALSE(command.has_value());
    if (command) return std::string();
    EXPECT_EQ(command.error().code, Errc::unsupported);
    return command.error().detail;
  };
  EXPECT_EQ(reason(read_of({}, 6)), "a read of 6 bytes without a register needs plain I2C");
  EXPECT_EQ(reason(read_of({0x24, 0x00}, 6)), "a read after a write of 2 bytes needs plain I2C");
  EXPECT_THAT(reason(read_of({0x00}, 33)), HasSubstr("plain I2C: SMBus ends at 32"));
  EXPECT_THAT(reason(write_of(Bytes(34))), HasSubstr("plain I2C: SMBus ends at 33"));
  EXPECT_THAT(reason(read_of({0x00}, 3, without_blocks)), HasSubstr("SMBus I2C block reads"));
  EXPECT_THAT(reason(write_of(Bytes(4), without_blocks)), HasSubstr("SMBus I2C block writes"));
  EXPECT_THAT(reason(write_of({}, I2C_FUNC_SMBUS_BYTE)), HasSubstr("quick"));
  EXPECT_THAT(reason(write_of({1}, I2C_FUNC_SMBUS_QUICK)), HasSubstr("send byte"));
  EXPECT_THAT(reason(read_of({}, 1, I2C_FUNC_SMBUS_QUICK)), HasSubstr("receive byte"));
  const std::array<I2cOp, 3> three{};
  EXPECT_THAT(reason(to_smbus(three, everything)), HasSubstr("3 parts"));
  const Bytes byte(1);
  const std::array two_writes{I2cOp{.write = byte}, I2cOp{.write = byte}};
  EXPECT_THAT(reason(to_smbus(two_writes, everything)), HasSubstr("2 parts"));
}

}  // namespace
}  // namespace b2m

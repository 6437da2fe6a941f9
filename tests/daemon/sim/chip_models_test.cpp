#include <gtest/gtest.h>

#include "daemon/sim/command_model.hpp"
#include "daemon/sim/port_models.hpp"
#include "daemon/sim/register_models.hpp"

namespace b2m {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t at = 0x40;

class ChipModels : public testing::Test {
 protected:
  template <class Model, class... Arguments>
  void attach(Arguments&&... arguments) {
    bus.attach(at, std::make_unique<Model>(std::forward<Arguments>(arguments)...));
  }
  Result<Bytes> read(std::size_t size) {
    Bytes bytes(size);
    B2M_TRY(chip.read(bytes));
    return bytes;
  }
  Result<Bytes> ask(const Bytes& command, std::size_t size) {
    Bytes bytes(size);
    B2M_TRY(chip.write_read(command, bytes));
    return bytes;
  }

  SimulatedI2c bus;
  I2cDevice chip{&bus, at};
};

TEST_F(ChipModels, AnAddressWithoutAChipDoesNotAcknowledge) {
  EXPECT_EQ(chip.write({0x00}).error().code, Errc::no_ack);
  const I2cDevice impossible{&bus, 0xff};
  EXPECT_EQ(impossible.write({0x00}).error().code, Errc::no_ack);
}

TEST_F(ChipModels, ADetachedChipDoesNotAcknowledge) {
  attach<PortModel>([] { return std::uint8_t{0}; });
  EXPECT_TRUE(read(1));
  bus.detach(at);
  EXPECT_EQ(read(1).error().code, Errc::no_ack);
}

TEST_F(ChipModels, ByteRegistersAreReadOnFromTheOneSelected) {
  ByteRegisterModel::Registers registers{};
  registers[0xfe] = 1;
  registers[0xff] = 2;
  registers[0x00] = 3;
  attach<ByteRegisterModel>(registers, ByteRegisterModel::Behaviour{});
  EXPECT_EQ(ask({0xfe}, 3).value(), (Bytes{1, 2, 3}));
}

TEST_F(ChipModels, ConsecutiveWritesFillConsecutiveRegisters) {
  attach<ByteRegisterModel>(ByteRegisterModel::Registers{}, ByteRegisterModel::Behaviour{});
  ASSERT_TRUE(chip.write({0x10, 1, 2, 3}));
  EXPECT_EQ(ask({0x10}, 3).value(), (Bytes{1, 2, 3}));
}

TEST_F(ChipModels, PairedWritesNameEachRegister) {
  attach<ByteRegisterModel>(ByteRegisterModel::Registers{},
                            ByteRegisterModel::Behaviour{.write_mode = ByteRegisterModel::WriteMode::pairs});
  ASSERT_TRUE(chip.write({0xf2, 1, 0xf4, 2}));
  EXPECT_EQ(ask({0xf2}, 3).value(), (Bytes{1, 0, 2}));
}

TEST_F(ChipModels, TheAddressMaskHidesCommandBits) {
  ByteRegisterModel::Registers registers{};
  registers[0x0c] = 7;
  attach<ByteRegisterModel>(registers, ByteRegisterModel::Behaviour{.address_mask = 0x0f});
  EXPECT_EQ(ask({0xac}, 1).value(), Bytes{7});
}

TEST_F(ChipModels, AWriteCanStartAConversion) {
  const auto convert = [](ByteRegisterModel::Registers& now, std::uint8_t reg, std::uint8_t value) {
    if (reg == 0xf4 && value == 0x2e) now[0xf6] = 0x6c;
  };
  attach<ByteRegisterModel>(ByteRegisterModel::Registers{}, ByteRegisterModel::Behaviour{.written = convert});
  EXPECT_EQ(ask({0xf6}, 1).value(), Bytes{0});
  ASSERT_TRUE(chip.write({0xf4, 0x2e}));
  EXPECT_EQ(ask({0xf6}, 1).value(), Bytes{0x6c});
}

TEST_F(ChipModels, WordsTravelInTheOrderOfTheChip) {
  WordRegisterModel::Registers registers{};
  registers[4] = 0x05c8;
  attach<WordRegisterModel>(registers, WordRegisterModel::Behaviour{});
  EXPECT_EQ(ask({4}, 2).value(), (Bytes{0x05, 0xc8}));
  attach<WordRegisterModel>(registers, WordRegisterModel::Behaviour{.big_endian = false});
  EXPECT_EQ(ask({4}, 2).value(), (Bytes{0xc8, 0x05}));
  ASSERT_TRUE(chip.write({4, 0x34, 0x12}));
  EXPECT_EQ(ask({4}, 2).value(), (Bytes{0x34, 0x12}));
}

TEST_F(ChipModels, AnEightBitWriteChangesTheByteThatTravelsFirst) {
  WordRegisterModel::Registers registers{};
  registers[1] = 0x1122;
  attach<WordRegisterModel>(registers, WordRegisterModel::Behaviour{});
  ASSERT_TRUE(chip.write({1, 0x60}));
  EXPECT_EQ(ask({1}, 2).value(), (Bytes{0x60, 0x22}));
}

CommandChipModel::Table one_reply(const Bytes& command, std::vector<Bytes> answers) {
  CommandChipModel::Table table;
  table.replies.push_back({.commands = {command}, .answer = in_turn(std::move(answers))});
  return table;
}

TEST_F(ChipModels, ACommandIsAnsweredInTheNextTransaction) {
  attach<CommandChipModel>(one_reply({0x24, 0x00}, {{1, 2, 3}}));
  ASSERT_TRUE(chip.write({0x24, 0x00}));
  EXPECT_EQ(read(3).value(), (Bytes{1, 2, 3}));
}

TEST_F(ChipModels, AReadAfterAnUnknownCommandIsNotAcknowledged) {
  attach<CommandChipModel>(one_reply({0x24, 0x00}, {{1}}));
  EXPECT_EQ(read(1).error().code, Errc::no_ack);
  ASSERT_TRUE(chip.write({0x99}));
  EXPECT_EQ(read(1).error().code, Errc::no_ack);
}

TEST_F(ChipModels, SuccessiveAnswersEndWithTheLastOne) {
  attach<CommandChipModel>(one_reply({0x71}, {{0x98}, {0x18}}));
  EXPECT_EQ(ask({0x71}, 1).value(), Bytes{0x98});
  EXPECT_EQ(ask({0x71}, 1).value(), Bytes{0x18});
  EXPECT_EQ(ask({0x71}, 1).value(), Bytes{0x18});
}

TEST_F(ChipModels, ALongReadEndsInTheIdleLevelOfTheBus) {
  attach<CommandChipModel>(one_reply({0x71}, {{0x18}}));
  EXPECT_EQ(ask({0x71}, 3).value(), (Bytes{0x18, 0xff, 0xff}));
}

TEST_F(ChipModels, AnAcceptedCommandLeavesThePendingAnswer) {
  auto table = one_reply({0x00}, {{7}});
  table.accepted = {{0x02, 0x10, 0x00}};
  attach<CommandChipModel>(std::move(table));
  ASSERT_TRUE(chip.write({0x00}));
  ASSERT_TRUE(chip.write({0x02, 0x10, 0x00}));
  EXPECT_EQ(read(1).value(), Bytes{7});
}

TEST_F(ChipModels, AStatusIsReadByOneByteWithoutACommand) {
  auto table = one_reply({0xac, 0x33, 0x00}, {{0x1c, 0x5d}});
  table.status_read = in_turn({{0x80}, {0x1c}});
  attach<CommandChipModel>(std::move(table));
  ASSERT_TRUE(chip.write({0xac, 0x33, 0x00}));
  EXPECT_EQ(read(1).value(), Bytes{0x80});
  EXPECT_EQ(read(1).value(), Bytes{0x1c});
  EXPECT_EQ(read(2).value(), (Bytes{0x1c, 0x5d}));
}

TEST_F(ChipModels, AnAnswerMayDependOnTheConversionBefore) {
  CommandChipModel::Table table;
  table.replies.push_back({.commands = {{0x00}}, .after = {{0x40}}, .answer = in_turn({{1}})});
  table.replies.push_back({.commands = {{0x00}}, .after = {{0x50}}, .answer = in_turn({{2}})});
  table.accepted = {{0x40}, {0x50}};
  attach<CommandChipModel>(std::move(table));
  ASSERT_TRUE(chip.write({0x50}));
  EXPECT_EQ(ask({0x00}, 1).value(), Bytes{2});
  ASSERT_TRUE(chip.write({0x40}));
  EXPECT_EQ(ask({0x00}, 1).value(), Bytes{1});
}

TEST_F(ChipModels, ACommandWithArgumentsIsKnownByItsBeginning) {
  CommandChipModel::Table table;
  table.replies.push_back({.commands = {{0x26, 0x0f}}, .prefix = true, .answer = in_turn({{5}})});
  attach<CommandChipModel>(std::move(table));
  EXPECT_EQ(ask({0x26, 0x0f, 0x80, 0x00}, 1).value(), Bytes{5});
}

TEST_F(ChipModels, AnSmbusPartForgetsItsCommandAtTheStop) {
  auto table = one_reply({0x06}, {{9}});
  table.repeated_start_only = true;
  attach<CommandChipModel>(std::move(table));
  EXPECT_EQ(ask({0x06}, 1).value(), Bytes{9});
  ASSERT_TRUE(chip.write({0x06}));
  EXPECT_EQ(read(1).error().code, Errc::no_ack);
}

TEST_F(ChipModels, AStreamGivesThePreviousConversionFirst) {
  attach<StreamModel>([](unsigned channel) { return static_cast<std::uint8_t>(0x11 * (channel + 1)); });
  ASSERT_TRUE(chip.write({0x41}));
  EXPECT_EQ(read(3).value(), (Bytes{0x80, 0x22, 0x22}));
  ASSERT_TRUE(chip.write({0x42}));
  EXPECT_EQ(read(2).value(), (Bytes{0x22, 0x33}));
}

TEST_F(ChipModels, APortReadsLowWhereEitherSidePullsLow) {
  attach<PortModel>([] { return std::uint8_t{0xa5}; });
  EXPECT_EQ(read(1).value(), Bytes{0xa5});
  ASSERT_TRUE(chip.write({0x0f}));
  EXPECT_EQ(read(1).value(), Bytes{0x05});
}

}  // namespace
}  // namespace b2m

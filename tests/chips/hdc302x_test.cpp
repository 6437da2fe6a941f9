#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes answer, Bytes status = {0x80, 0x10, 0xe1}) {
  return {i2c::write({0x30, 0x93}),     i2c::write({0x37, 0x81}), i2c::read({0x30, 0x00, 0x33}),
          i2c::write({0x30, 0xa2}),     i2c::write({0x30, 0x66}), i2c::write({0xf3, 0x2d}),
          i2c::read(std::move(status)), i2c::write({0x24, 0x00}), i2c::read(std::move(answer))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x44, std::move(script));
  return poll_once(*make_i2c_sensor("hdc3022", bus, options));
}

const Bytes abcd{0xab, 0xcd, 0x6f, 0x80, 0x00, 0xa2};  // the checksum of 0xabcd is the example of SNAS778D §7.3.9

TEST(Hdc302x, ReadsByTheFormulasOfItsDatasheet) {
  const auto values = poll(script_with(abcd));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 72.4437, 0.0001);  // 0xabcd / 65535 · 175 - 45
  EXPECT_NEAR((*values)["humidity"].value(), 50.0008, 0.0001);
}

TEST(Hdc302x, TheEndsOfTheScalesAreExact) {
  const auto low = poll(script_with({0x00, 0x00, 0x81, 0x00, 0x00, 0x81}));
  ASSERT_TRUE(low);
  EXPECT_EQ((*low)["temperature"], -45.0);
  EXPECT_EQ((*low)["humidity"], 0.0);
}

TEST(Hdc302x, AWrongChecksumInAnyWordGivesNoValue) {
  for (const std::size_t wrong : {2u, 5u}) {
    auto answer = abcd;
    answer[wrong] ^= 0x01;
    EXPECT_EQ(poll(script_with(answer)).error().code, Errc::checksum);
  }
}

TEST(Hdc302x, AnotherManufacturerIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write({0x30, 0x93}), i2c::write({0x37, 0x81}), i2c::read({0x00, 0x07, 0x16})}).error().code,
            Errc::wrong_chip);
}

TEST(Hdc302x, AHeaterThatStaysOnIsAnError) {
  auto script = script_with(abcd, {0xa0, 0x10, 0x3d});
  script.resize(7);
  EXPECT_EQ(poll(script).error().code, Errc::not_ready);
}

TEST(Hdc302x, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("hdc3022", 0x44, script_with(abcd));
}

}  // namespace
}  // namespace b2m

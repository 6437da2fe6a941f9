#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes id, Bytes answer) {
  return {i2c::write({0xfe}),          i2c::read({0x54, 0x49}),        i2c::write({0xff}),
          i2c::read(std::move(id)),    i2c::write({0x02, 0x10, 0x00}), i2c::write({0x00}),
          i2c::read(std::move(answer))};
}

const Bytes id_hdc1080{0x10, 0x50};
const Bytes kvasir{0x66, 0x66, 0x80, 0x00};  // kvasir-io/kvasir_devices test/i2c/thermal_test.cpp hdc1080()

Result<Poll> poll(std::string_view model, I2cScript script) {
  ScriptedI2c bus(0x40, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus));
}

TEST(Hdc1080, ReadsWhatKvasirExpects) {
  const auto values = poll("hdc1080", script_with(id_hdc1080, kvasir));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 26.0, 0.002);
  EXPECT_EQ((*values)["humidity"], 50.0);
  EXPECT_GE(values->waited, std::chrono::microseconds(12850));  // §7.5: 6.35 ms + 6.5 ms
}

TEST(Hdc1080, ATemperatureBelowZeroIsBelowTheOffset) {
  const auto values = poll("hdc1080", script_with(id_hdc1080, {0x20, 0x00, 0x80, 0x00}));
  ASSERT_TRUE(values);
  EXPECT_DOUBLE_EQ((*values)["temperature"].value(), -19.375);  // 1/8 · 165 - 40
}

TEST(Hdc1080, AnAnswerOfZerosIsNoMeasurement) {
  EXPECT_EQ(poll("hdc1080", script_with(id_hdc1080, {0, 0, 0, 0})).error().code, Errc::not_ready);
}

TEST(Hdc1080, ModelsAreToldApartByTheirIdentity) {
  EXPECT_TRUE(poll("hdc1008", script_with({0x10, 0x00}, kvasir)));
  auto script = script_with({0x10, 0x00}, kvasir);
  script.resize(4);
  EXPECT_EQ(poll("hdc1080", script).error().code, Errc::wrong_chip);
}

TEST(Hdc1080, AnInaOfTheSameAddressIsTheWrongChip) {
  EXPECT_EQ(poll("hdc1080", {i2c::write({0xfe}), i2c::read({0x39, 0x9f})}).error().code, Errc::wrong_chip);
}

TEST(Hdc1080, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("hdc1080", 0x40, script_with(id_hdc1080, kvasir));
}

}  // namespace
}  // namespace b2m

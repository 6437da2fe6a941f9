#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(const std::array<Bytes, 6>& words) {
  I2cScript script{i2c::write_read({0xfe}, {0x54, 0x49}), i2c::write_read({0xff}, {0x32, 0x20}),
                   i2c::write({0x00, 0x75, 0x27})};
  for (std::uint8_t reg = 1; reg <= 6; ++reg) script.push_back(i2c::write_read({reg}, words[reg - 1u]));
  return script;
}

// kvasir_devices power_io_test.cpp ina3221()
const I2cScript three_supplies =
    script_with({Bytes{0x03, 0x20}, {0x2e, 0xe0}, {0x06, 0x40}, {0x17, 0x70}, {0x09, 0x60}, {0x0b, 0xb8}});

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x40, std::move(script));
  return poll_once(*make_i2c_sensor("ina3221", bus, options));
}

TEST(Ina3221, ReadsThreeSupplies) {
  const auto values = poll(three_supplies, {{"shunt_2_ohm", "0.01"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["shunt_voltage_1"].value(), 0.004, 1e-12);
  EXPECT_NEAR((*values)["voltage_1"].value(), 12, 1e-9);
  EXPECT_NEAR((*values)["current_1"].value(), 0.04, 1e-12);
  EXPECT_NEAR((*values)["power_1"].value(), 0.48, 1e-9);
  EXPECT_NEAR((*values)["voltage_2"].value(), 6, 1e-9);
  EXPECT_NEAR((*values)["current_2"].value(), 0.8, 1e-9);
  EXPECT_NEAR((*values)["shunt_voltage_3"].value(), 0.012, 1e-12);
  EXPECT_NEAR((*values)["voltage_3"].value(), 3, 1e-9);
}

// SBOS576B §8.6.2.2: 0xfff8 is -40 µV, 0x8008 is -163.8 mV
TEST(Ina3221, NegativeVoltagesKeepTheirSign) {
  const auto values = poll(script_with({Bytes{0xff, 0xf8}, {0xff, 0xf8}, {0, 0}, {0, 0}, {0, 0}, {0, 0}}));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["shunt_voltage_1"].value(), -40e-6, 1e-12);
  EXPECT_NEAR((*values)["current_1"].value(), -400e-6, 1e-12);
  EXPECT_NEAR((*values)["voltage_1"].value(), -0.008, 1e-12);
}

TEST(Ina3221, AClippedInputDoesNotSpoilTheOthers) {
  const auto values =
      poll(script_with({Bytes{0x7f, 0xf8}, {0x2e, 0xe0}, {0x80, 0x08}, {0x17, 0x70}, {0, 8}, {0x7f, 0xf8}}));
  ASSERT_TRUE(values);
  for (const auto* key : {"shunt_voltage_1", "current_1", "power_1", "current_2", "voltage_3", "power_3"})
    EXPECT_EQ((*values)[key].error().code, Errc::out_of_range) << key;
  EXPECT_TRUE((*values)["voltage_1"]);
  EXPECT_TRUE((*values)["current_3"]);
}

TEST(Ina3221, AnotherDieIsTheWrongChip) {
  for (const auto& die : {Bytes{0x22, 0x60}, {0xff, 0xff}}) {
    const auto values = poll({i2c::write_read({0xfe}, {0x54, 0x49}), i2c::write_read({0xff}, die)});
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().code, Errc::wrong_chip);
  }
}

TEST(Ina3221, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("ina3221", 0x40, three_supplies);
}

TEST(Ina3221, AveragesReachTheChip) {
  auto script = three_supplies;
  script[2] = i2c::write({0x00, 0x71, 0x27});
  EXPECT_TRUE(poll(script, {{"averages", "3"}}));
}

}  // namespace
}  // namespace b2m

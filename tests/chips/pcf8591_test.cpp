#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

// hybridgroup/gobot pcf8591_driver_test.go TestPCF8591AnalogReadSingle: stale bytes before the 0xff; 0x80 after
// power-on. The control byte leaves the analog output on, for the driver of which see pcf8591_dac_test.cpp.
const I2cScript script{i2c::write_read({0x40}, {0x80, 0x11, 0x11}), i2c::write_read({0x40}, {0x11, 0x11, 0x11}),
                       i2c::write_read({0x41}, {0x11, 0x12, 0xff}), i2c::write_read({0x42}, {0xff, 0x23, 0x22}),
                       i2c::write_read({0x43}, {0x22, 0x00, 0x00})};

Result<Poll> poll(const OptionTexts& options = {}) {
  ScriptedI2c bus(0x48, script);
  return poll_once(*make_i2c_sensor("pcf8591", bus, options));
}

TEST(Pcf8591, ThrowsTheStaleConversionsAway) {
  const auto values = poll();
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["ain0"], 17.0);
  EXPECT_EQ((*values)["ain1"], 255.0);
  EXPECT_EQ((*values)["ain2"], 34.0);
  EXPECT_EQ((*values)["ain3"], 0.0);
  EXPECT_EQ(values->channels[0].quantity, Quantity::count);
}

TEST(Pcf8591, WithAReferenceItTellsVolts) {
  const auto values = poll({{"reference_v", "3.3"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["ain1"].value(), 3.3 * 255 / 256, 1e-12);
  EXPECT_EQ(values->channels[1].quantity, Quantity::voltage);
  EXPECT_DOUBLE_EQ(values->channels[1].range.high, 3.3);
}

TEST(Pcf8591, EachTransferFailingGivesAnErrorAndNoValue) { expect_each_failure_is_reported("pcf8591", 0x48, script); }

}  // namespace
}  // namespace b2m

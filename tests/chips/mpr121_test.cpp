#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

/// AN3944 for the filters, AN3889 for the limits at 3.3 V (201, 131, 181).
I2cScript script_with(Bytes answer, std::uint8_t electrodes = 2, std::uint8_t touch = 12, std::uint8_t release = 6) {
  const auto count = static_cast<std::uint8_t>(0x80 | electrodes);
  I2cScript script{i2c::write({0x80, 0x63}), i2c::write({0x2b, 0x01}), i2c::write({0x2c, 0x01}),
                   i2c::write({0x2d, 0x00}), i2c::write({0x2e, 0x00}), i2c::write({0x2f, 0x01}),
                   i2c::write({0x30, 0x01}), i2c::write({0x31, 0xff}), i2c::write({0x32, 0x02})};
  for (std::uint8_t i = 0; i < electrodes; ++i) {
    script.push_back(i2c::write({static_cast<std::uint8_t>(0x41 + 2 * i), touch}));
    script.push_back(i2c::write({static_cast<std::uint8_t>(0x42 + 2 * i), release}));
  }
  for (const auto& step : I2cScript{i2c::write({0x5d, 0x04}), i2c::write({0x7b, 0x0b}), i2c::write({0x7d, 201}),
                                    i2c::write({0x7e, 131}), i2c::write({0x7f, 181}), i2c::write({0x5e, count}),
                                    i2c::write_read({0x5d}, {0x04, count}), i2c::write_read({0x00}, std::move(answer))})
    script.push_back(step);
  return script;
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x5a, std::move(script));
  return poll_once(*make_i2c_sensor("mpr121", bus, options));
}

TEST(Mpr121, EachElectrodeIsABit) {
  const auto values = poll(script_with({0x01, 0x08}, 12));
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 12u);
  EXPECT_EQ((*values)["electrode_0"], 1.0);
  EXPECT_EQ((*values)["electrode_1"], 0.0);
  EXPECT_EQ((*values)["electrode_10"], 0.0);
  EXPECT_EQ((*values)["electrode_11"], 1.0);
}

TEST(Mpr121, FewerElectrodesAndOtherThresholdsReachThePart) {
  const auto values = poll(script_with({0x02, 0x00}, 2, 30, 20),
                           {{"electrodes", "2"}, {"touch_threshold", "30"}, {"release_threshold", "20"}});
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 2u);
  EXPECT_EQ((*values)["electrode_1"], 1.0);
}

TEST(Mpr121, AnOvercurrentGivesNoValue) { EXPECT_EQ(poll(script_with({0x00, 0x80}, 12)).error().code, Errc::io); }

TEST(Mpr121, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("mpr121", 0x5a, script_with({0x00, 0x00}), {{"electrodes", "2"}});
}

TEST(Mpr121, APartThatHasStoppedLostItsSupply) {
  auto script = script_with({0x00, 0x00}, 12);
  script.pop_back();
  script.back().answer = {0x24, 0x00};
  EXPECT_EQ(poll(script).error().code, Errc::io);
}

}  // namespace
}  // namespace b2m

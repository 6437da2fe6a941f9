#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

// SBAS302C tables 1 and 2: the commands of CH0 to CH7 to COM, internal reference and converter on
constexpr std::array<std::uint8_t, 8> commands{0x8c, 0xcc, 0x9c, 0xdc, 0xac, 0xec, 0xbc, 0xfc};

I2cScript eight_inputs() {
  I2cScript script{i2c::write_read({0x8c}, {0x00})};
  std::uint8_t code = 0x0f;
  for (const auto command : commands) {
    script.push_back(i2c::write_read({command}, {code}));
    code = static_cast<std::uint8_t>(code + 0x10);
  }
  return script;
}

TEST(Ads7830, ConvertsItsEightInputs) {
  ScriptedI2c bus(0x48, eight_inputs());
  const auto values = poll_once(*make_i2c_sensor("ads7830", bus));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["ain0"].value(), 2.5 * 15 / 256, 1e-12);
  EXPECT_NEAR((*values)["ain1"].value(), 2.5 * 31 / 256, 1e-12);
  EXPECT_NEAR((*values)["ain7"].value(), 2.5 * 127 / 256, 1e-12);
  EXPECT_GE(values->waited, std::chrono::milliseconds(2));
}

TEST(Ads7830, AnExternalReferenceLeavesTheInternalOneOff) {
  auto script = eight_inputs();
  for (auto& step : script) step.write[0] = static_cast<std::uint8_t>(step.write[0] & ~0x08);
  ScriptedI2c bus(0x48, script);
  const auto values = poll_once(*make_i2c_sensor("ads7830", bus, {{"reference_v", "5"}}));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["ain7"].value(), 5.0 * 127 / 256, 1e-12);
}

TEST(Ads7830, TheAds7828HasTwelveBits) {
  auto script = eight_inputs();
  for (auto& step : script) step.answer = {0xff, 0xfe};
  ScriptedI2c bus(0x48, script);
  const auto values = poll_once(*make_i2c_sensor("ads7828", bus));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["ain3"].value(), 2.5 * 4094 / 4096, 1e-12);
}

TEST(Ads7830, AnInputBeyondTheInternalReferenceIsOutOfRange) {
  auto script = eight_inputs();
  script.back().answer = {0xff};
  ScriptedI2c bus(0x48, script);
  const auto values = poll_once(*make_i2c_sensor("ads7830", bus));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["ain7"].error().code, Errc::out_of_range);
  EXPECT_TRUE((*values)["ain0"]);
  for (auto& step : script) step.write[0] = static_cast<std::uint8_t>(step.write[0] & ~0x08);
  ScriptedI2c external(0x48, script);
  EXPECT_TRUE((*poll_once(*make_i2c_sensor("ads7830", external, {{"reference_v", "5"}})))["ain7"]);
}

TEST(Ads7830, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("ads7830", 0x48, eight_inputs());
}

}  // namespace
}  // namespace b2m

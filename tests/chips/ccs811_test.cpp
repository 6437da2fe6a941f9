#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

const Bytes measured{0x12, 0x34, 0x56, 0x78, 0x98, 0x00};  // eldruin/embedded-ccs811-rs can_read_alg_result_data

I2cScript script_with(Bytes answer) {
  return {i2c::write_read({0x20}, {0x81}),
          i2c::write_read({0x00}, {0x10}),  // the boot loader runs, an application is there
          i2c::write({0xf4}),
          i2c::write_read({0x00}, {0x90}),
          i2c::write({0x01, 0x10}),
          i2c::write({0x05, 0x64, 0x00, 0x64, 0x00}),  // datasheet, ENV_DATA: 50 % and 25 °C
          i2c::write_read({0x00}, {0x98}),
          i2c::write_read({0x02}, std::move(answer))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x5a, std::move(script));
  return poll_once(*make_i2c_sensor("ccs811", bus, options));
}

TEST(Ccs811, ReadsWhatEldruinExpects) {
  const auto values = poll(script_with(measured));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["co2"].value(), 4660e-6, 1e-12);
  EXPECT_NEAR((*values)["tvoc"].value(), 22136e-9, 1e-15);
}

TEST(Ccs811, AnApplicationThatRunsIsNotRestarted) {
  auto script = script_with(measured);
  script.erase(script.begin() + 1, script.begin() + 3);
  script.insert(script.begin() + 1, i2c::write_read({0x00}, {0x90}));
  EXPECT_TRUE(poll(script));
}

TEST(Ccs811, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("ccs811", 0x5a, script_with(measured));
}

TEST(Ccs811, AnotherHardwareIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x20}, {0x00})}).error().code, Errc::wrong_chip);
}

TEST(Ccs811, APartWithoutFirmwareIsUnsupported) {
  EXPECT_EQ(poll({i2c::write_read({0x20}, {0x81}), i2c::write_read({0x00}, {0x00})}).error().code, Errc::unsupported);
}

TEST(Ccs811, AnErrorOfThePartIsSaidInWords) {
  auto script = script_with(measured);
  script[6].answer = {0x99};
  script[7] = i2c::write_read({0xe0}, {0x10});
  const auto values = poll(script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::io);
  EXPECT_EQ(values.error().detail, "the chip reports: the current of its heater is out of range");
}

TEST(Ccs811, AnErrorInTheResultItselfGivesNoValue) {
  EXPECT_EQ(poll(script_with({0x12, 0x34, 0x56, 0x78, 0x99, 0x20})).error().code, Errc::io);
}

TEST(Ccs811, AResultOfZerosIsNoResult) {
  EXPECT_EQ(poll(script_with({0, 0, 0, 0, 0x98, 0})).error().code, Errc::not_ready);
}

TEST(Ccs811, ABootLoaderInsteadOfTheApplicationMeansThatItWasRestarted) {
  auto script = script_with(measured);
  script.resize(7);
  script[6].answer = {0x10};
  EXPECT_EQ(poll(script).error().code, Errc::io);
}

TEST(Ccs811, APartThatNeverGetsReadyIsATimeout) {
  auto script = script_with(measured);
  script.resize(6);
  script.resize(6 + 30, i2c::write_read({0x00}, {0x90}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

// Datasheet, ENV_DATA: 48.5 % is 0x6100, 23.5 °C is (23.5 + 25) × 512 = 0x6100.
TEST(Ccs811, TheCompensationIsWritten) {
  auto script = script_with(measured);
  script[5] = i2c::write({0x05, 0x61, 0x00, 0x61, 0x00});
  EXPECT_TRUE(poll(script, {{"humidity_percent", "48.5"}, {"temperature_c", "23.5"}}));
}

}  // namespace
}  // namespace b2m

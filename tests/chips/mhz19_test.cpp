#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"
#include "tests/fakes/scripted_serial.hpp"

namespace b2m {
namespace {

using serial::Bytes;

const Bytes request{0xff, 0x01, 0x86, 0x00, 0x00, 0x00, 0x00, 0x00, 0x79};  // the manual's

Result<Poll> poll(std::string_view model, Bytes answer, const OptionTexts& options = {}, SerialScript before = {}) {
  before.push_back(serial::discard());
  before.push_back(serial::write(request));
  before.push_back(serial::read(std::move(answer)));
  ScriptedSerial port(std::move(before));
  return poll_once(*make_serial_sensor(model, port, options));
}

// Winsen MH-Z19 user's manual V1.0, with the temperature that the part adds.
TEST(MhZ19, AgreesWithTheExampleOfItsManual) {
  const auto values = poll("mhz19", {0xff, 0x86, 0x02, 0x60, 0x47, 0x00, 0x00, 0x00, 0xd1});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["co2"].value(), 608e-6, 1e-12);
  EXPECT_EQ((*values)["temperature"], 31.0);
}

// Winsen MH-Z19B user's manual V1.6: 544 ppm, and no temperature.
TEST(MhZ19, ATemperatureThatIsNotThereIsNotMinusForty) {
  const auto values = poll("mhz19b", {0xff, 0x86, 0x02, 0x20, 0x00, 0x00, 0x00, 0x00, 0x58});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["co2"].value(), 544e-6, 1e-12);
  EXPECT_EQ((*values)["temperature"].error().code, Errc::not_ready);
}

TEST(MhZ19, AWrongChecksumGivesNoValue) {
  const auto values = poll("mhz19", {0xff, 0x86, 0x02, 0x60, 0x47, 0x00, 0x00, 0x00, 0xd0});
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::checksum);
}

TEST(MhZ19, TheZ14aHasNoTemperature) {
  const auto values = poll("mhz14a", {0xff, 0x86, 0x02, 0x60, 0x47, 0x00, 0x00, 0x00, 0xd1});
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 1U);
}

// Winsen MH-Z19B user's manual V1.6, command 0x79.
TEST(MhZ19, SelfCalibrationIsTouchedOnlyWhenAskedFor) {
  const Bytes answer{0xff, 0x86, 0x02, 0x60, 0x47, 0x00, 0x00, 0x00, 0xd1};
  EXPECT_TRUE(poll("mhz19b", answer, {{"self_calibration", "on"}},
                   {serial::write({0xff, 0x01, 0x79, 0xa0, 0x00, 0x00, 0x00, 0x00, 0xe6})}));
  EXPECT_TRUE(poll("mhz19b", answer, {{"self_calibration", "off"}},
                   {serial::write({0xff, 0x01, 0x79, 0x00, 0x00, 0x00, 0x00, 0x00, 0x86})}));
}

}  // namespace
}  // namespace b2m

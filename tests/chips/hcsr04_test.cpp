#include "tests/fakes/fake_timed_lines.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

Result<Poll> poll(std::chrono::nanoseconds width, std::string_view model = "hcsr04", const OptionTexts& options = {}) {
  FakeTimedLines lines;
  lines.width = width;
  return poll_once(*make_lines_sensor(model, lines, options));
}

// HC-SR04 user guide: microseconds / 58 are centimetres
TEST(HcSr04, AgreesWithTheRuleOfItsGuide) { EXPECT_NEAR((*poll(580us))["distance"].value(), 0.1, 0.001); }

// Speed of sound in dry air: 331.3 m/s at 0 °C, 349.0 m/s at 30 °C
TEST(HcSr04, TheSpeedOfSoundFollowsTheAir) {
  EXPECT_NEAR((*poll(10ms, "hcsr04", {{"air_temperature_c", "0"}}))["distance"].value(), 1.6565, 1e-4);
  EXPECT_NEAR((*poll(10ms, "hcsr04", {{"air_temperature_c", "30"}}))["distance"].value(), 1.745, 1e-3);
}

TEST(HcSr04, AnEchoWithoutAnObstacleIsNoDistance) {
  EXPECT_EQ(poll(38ms).error().code, Errc::out_of_range);
  EXPECT_TRUE(poll(30ms, "jsnsr04t"));
}

TEST(HcSr04, NoEchoIsATimeout) {
  FakeTimedLines lines;
  lines.error = Error{Errc::timeout, "injected"};
  EXPECT_EQ(poll_once(*make_lines_sensor("hcsr04", lines)).error().code, Errc::timeout);
}

TEST(HcSr04, TriggersOnItsOwnLineAndListensOnTheOther) {
  FakeTimedLines lines;
  lines.width = 5ms;
  EXPECT_TRUE(poll_once(*make_lines_sensor("hcsr04", lines)));
  EXPECT_EQ(lines.log, std::vector<std::string>{"echo 1 2 12us"});
}

}  // namespace
}  // namespace b2m

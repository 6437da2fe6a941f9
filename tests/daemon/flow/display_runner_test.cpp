#include "daemon/flow/display_runner.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/daemon/flow/flow_fakes.hpp"

namespace b2m {
namespace {

using Shown = std::vector<std::string>;

struct DisplayRunnerTest : testing::Test {
  DisplayRunnerTest() { runner.start(); }
  static ActuatorConfig display(const std::string& id) {
    ActuatorConfig config;
    config.id = id;
    config.text_lines = {{{.literal = "T "}, {.field = "climate.temperature", .digits = 1}}};
    return config;
  }
  void measured(double celsius) {
    SensorConfig climate;
    climate.id = "climate";
    const Channel channel{"temperature", Quantity::temperature, {}};
    Measurement measurement;
    measurement.readings.push_back({.channel = 0, .value = celsius});
    runner.measured(climate, std::span(&channel, 1), measurement);
  }

  EventLoop loop;
  std::vector<ActuatorConfig> displays{display("door")};
  Shown shown;
  DisplayRunner runner{loop, displays,
                       [this](const std::string& id, const std::string& text) { shown.push_back(id + ": " + text); }};
};

TEST_F(DisplayRunnerTest, shows_what_the_sensors_tell) {
  measured(21.52);
  EXPECT_EQ(shown, (Shown{"door: T --", "door: T 21.5"}));
}

TEST_F(DisplayRunnerTest, an_unchanged_display_goes_on_as_it_is_while_others_come) {
  measured(21.52);
  shown.clear();
  displays.push_back(display("hall"));
  runner.change(displays, {});
  runner.start();
  EXPECT_EQ(shown, Shown{"hall: T --"});
}

TEST_F(DisplayRunnerTest, a_display_that_begins_anew_is_told_its_text_again) {
  measured(21.52);
  shown.clear();
  runner.change(displays, {"door"});
  runner.start();
  measured(21.52);
  EXPECT_EQ(shown, (Shown{"door: T --", "door: T 21.5"}));
}

TEST_F(DisplayRunnerTest, nothing_is_known_of_a_sensor_that_is_gone) {
  measured(21.52);
  shown.clear();
  runner.forget("climate");
  runner.start();
  EXPECT_EQ(shown, Shown{"door: T --"});
}

}  // namespace
}  // namespace b2m

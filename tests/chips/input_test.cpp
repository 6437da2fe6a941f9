#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

double state_of(EdgeSensor& input) {
  Samples samples(1);
  input.measure({}, samples);
  return samples[0].value();
}

TEST(Input, TellsTheLevelFoundAndEveryChange) {
  const auto input = make_edge_sensor("input", {{"debounce", "20ms"}});
  ASSERT_EQ(input->channels().size(), 1u);
  EXPECT_EQ(input->channels()[0].key, "state");
  ASSERT_EQ(input->lines().size(), 1u);
  EXPECT_EQ(input->lines()[0].debounce, 20ms);
  EXPECT_TRUE(input->start({true}, {}).changed);
  EXPECT_EQ(state_of(*input), 1.0);
  EXPECT_TRUE(input->on_change({.active = false}).changed);
  EXPECT_EQ(state_of(*input), 0.0);
}

TEST(Input, TheSameLevelAgainIsNoNews) {
  const auto input = make_edge_sensor("input");
  input->start({true}, {});
  EXPECT_FALSE(input->on_change({.active = true}).changed);
}

TEST(Input, HasTheLinesOptionsWithTheirDefaults) {
  const Options options = make_options(*driver_named("input").driver, {});
  EXPECT_EQ(options.text("pull"), "as_is");
  EXPECT_EQ(options.duration("debounce"), std::chrono::milliseconds(5));
  EXPECT_FALSE(options.flag("active_low"));
  EXPECT_FALSE(options.has("poll"));
}

}  // namespace
}  // namespace b2m

#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

TEST(Input, TellsEveryLevelAsItsState) {
  const auto& driver = *driver_named("input").driver;
  const Options options = make_options(driver, {{"line", "PC12"}});
  const auto input = driver.make_edge_sensor({.options = options});
  ASSERT_EQ(input->channels().size(), 1u);
  EXPECT_EQ(input->channels()[0].key, "state");
  Samples samples(1);
  EXPECT_TRUE(input->on_level(true, {}, samples));
  EXPECT_EQ(samples[0], 1.0);
  EXPECT_TRUE(input->on_level(false, {}, samples));
  EXPECT_EQ(samples[0], 0.0);
}

TEST(Input, HasTheLinesOptionsWithTheirDefaults) {
  const Options options = make_options(*driver_named("input").driver, {});
  EXPECT_EQ(options.text("pull"), "as_is");
  EXPECT_EQ(options.duration("debounce"), std::chrono::milliseconds(5));
  EXPECT_FALSE(options.flag("active_low"));
}

}  // namespace
}  // namespace b2m

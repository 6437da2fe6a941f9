#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"

namespace b2m {
namespace {

TEST(Text, HasNothingToMeasureAndNeverFails) {
  const auto& driver = *driver_named("text").driver;
  const Options options = make_options(driver, {{"text", "Hello WalnutPi!"}});
  const auto poll = poll_once(*driver.make_sensor({.options = options}));
  ASSERT_TRUE(poll);
  EXPECT_TRUE(poll->channels.empty());
  EXPECT_EQ(driver.payload_option, "text");
}

}  // namespace
}  // namespace b2m

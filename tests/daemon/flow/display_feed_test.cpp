#include "daemon/flow/display_feed.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

using namespace std::chrono_literals;

const SteadyTime begin = SteadyTime(1h);

struct Feed : testing::Test {
  Feed() {
    feed.reading("climate.temperature", warm(21.52));
    feed.update(begin);
  }
  static ShownValue warm(double celsius) { return {celsius, Quantity::temperature}; }

  DisplayFeed feed{{{{.literal = "T "}, {.field = "climate.temperature", .digits = 1}, {.literal = " °C"}},
                    {{.field = "climate.pressure"}}},
                   1s};
};

TEST(DisplayFeed, shows_dashes_for_what_is_not_known_yet) {
  DisplayFeed feed({{{.literal = "T "}, {.field = "climate.temperature"}}}, 1s);
  EXPECT_EQ(feed.update(begin), "T --");
  EXPECT_FALSE(feed.update(begin));
  EXPECT_FALSE(feed.due());
}

TEST_F(Feed, shows_published_units_with_the_digits_that_were_asked_for) {
  feed.reading("climate.pressure", {101325, Quantity::atmospheric_pressure});
  EXPECT_EQ(feed.update(begin + 1s), "T 21.5 °C\n1013.25");
}

TEST_F(Feed, what_no_line_names_changes_nothing) {
  feed.reading("climate.humidity", {40, Quantity::relative_humidity});
  EXPECT_FALSE(feed.due());
}

TEST_F(Feed, what_comes_within_the_refresh_waits_and_the_newest_is_shown) {
  feed.reading("climate.temperature", warm(22));
  feed.reading("climate.temperature", warm(23));
  EXPECT_FALSE(feed.update(begin + 999ms));
  EXPECT_EQ(feed.due(), begin + 1s);
  EXPECT_EQ(feed.update(begin + 1s), "T 23.0 °C\n--");
}

TEST_F(Feed, a_value_that_looks_the_same_is_not_shown_anew) {
  feed.reading("climate.temperature", warm(21.53));
  EXPECT_FALSE(feed.update(begin + 1s));
  EXPECT_FALSE(feed.due());
}

TEST_F(Feed, a_failed_reading_and_a_lost_sensor_show_dashes) {
  feed.reading("climate.temperature", {{}, Quantity::temperature});
  EXPECT_EQ(feed.update(begin + 1s), "T -- °C\n--");
  feed.reading("climate.temperature", warm(20));
  EXPECT_EQ(feed.update(begin + 2s), "T 20.0 °C\n--");
  feed.lost("clim");
  EXPECT_FALSE(feed.update(begin + 3s));
  feed.lost("climate");
  EXPECT_EQ(feed.update(begin + 3s), "T -- °C\n--");
}

TEST_F(Feed, a_value_that_is_too_old_is_no_longer_shown) {
  feed.reading("climate.temperature", {24, Quantity::temperature, begin + 10s});
  EXPECT_EQ(feed.update(begin + 1s), "T 24.0 °C\n--");
  EXPECT_EQ(feed.due(), begin + 10s);
  EXPECT_EQ(feed.update(begin + 10s), "T -- °C\n--");
  EXPECT_FALSE(feed.due());
}

}  // namespace
}  // namespace b2m

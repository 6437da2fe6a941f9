#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/dbus/authority.hpp"
#include "daemon/dbus/names.hpp"

namespace b2m::dbus {
namespace {

using testing::StrEq;

TEST(ActingRule, lets_root_the_own_user_and_the_group_act_and_nobody_else) {
  const ActingRule rule{.own_user = 990, .group = 980};
  EXPECT_TRUE(may_act({.user = 0}, rule));
  EXPECT_TRUE(may_act({.user = 990}, rule));
  EXPECT_TRUE(may_act({.user = 1000, .groups = {1000, 27, 980}}, rule));
  EXPECT_FALSE(may_act({.user = 1000, .groups = {1000, 27}}, rule));
}

TEST(ActingRule, lets_nobody_act_whom_the_bus_does_not_know) {
  EXPECT_FALSE(may_act({.groups = {980}}, {.own_user = 990, .group = 980}));
}

TEST(ActingRule, has_no_group_where_none_is_called_so) {
  EXPECT_FALSE(may_act({.user = 1000, .groups = {0, 1000}}, {.own_user = 990}));
}

TEST(Names, escape_what_a_path_may_not_hold) {
  EXPECT_THAT(device_path(sensors_path, "soil-1"), StrEq("/org/board2mqtt/sensors/soil_2d1"));
  EXPECT_THAT(device_path(sensors_path, "1st"), StrEq("/org/board2mqtt/sensors/_31st"));
  EXPECT_THAT(device_id(sensors_path, "/org/board2mqtt/sensors/soil_2d1"), StrEq("soil-1"));
}

TEST(Names, find_no_device_elsewhere) {
  EXPECT_THAT(device_id(sensors_path, "/org/board2mqtt/sensors"), StrEq(""));
  EXPECT_THAT(device_id(sensors_path, "/org/board2mqtt/actuators/fan"), StrEq(""));
}

TEST(Names, of_refusals_go_there_and_back) {
  EXPECT_THAT(error_name("too_old"), StrEq("org.board2mqtt.Error.TooOld"));
  EXPECT_THAT(error_word("org.board2mqtt.Error.TooOld"), StrEq("too_old"));
  EXPECT_THAT(error_word("org.freedesktop.DBus.Error.AccessDenied"), StrEq(""));
}

}  // namespace
}  // namespace b2m::dbus

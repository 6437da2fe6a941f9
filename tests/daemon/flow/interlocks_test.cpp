#include "daemon/flow/interlocks.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

ActuatorConfig output(const std::string& id, std::vector<std::string> interlock = {}) {
  ActuatorConfig config;
  config.id = id;
  config.interlock = std::move(interlock);
  return config;
}

/// Two that may not be on together, and a third that has nothing to do with them.
struct InterlocksTest : testing::Test {
  void change(const std::vector<ActuatorConfig>& to) { interlocks.change(to); }
  void set(const std::string& id, OutputState state) { interlocks.set(interlocks.index_of(id), state); }
  [[nodiscard]] std::string blocker(const std::string& id) const {
    const auto found = interlocks.blocker(interlocks.index_of(id));
    return found ? found->id : "";
  }

  std::vector<ActuatorConfig> configs{output("up", {"down"}), output("down"), output("fan")};
  Interlocks interlocks{configs};
};

TEST_F(InterlocksTest, who_is_named_is_in_the_way_too_until_it_is_known_to_be_off) {
  for (const auto* id : {"up", "down", "fan"}) set(id, OutputState::off);
  EXPECT_EQ(blocker("up"), "");
  set("up", OutputState::on);
  EXPECT_EQ(blocker("down"), "up");
  EXPECT_EQ(blocker("fan"), "");
}

TEST_F(InterlocksTest, who_stays_keeps_its_place_and_what_is_known_of_it) {
  set("down", OutputState::on);
  const auto place = interlocks.index_of("down");
  change({output("new"), output("down"), output("up", {"down"})});
  EXPECT_EQ(interlocks.index_of("down"), place);
  EXPECT_EQ(blocker("up"), "down");
  set("down", OutputState::off);
  EXPECT_EQ(blocker("up"), "") << "a new configuration does not make it unknown";
  change(configs);
  EXPECT_EQ(blocker("up"), "");
}

TEST_F(InterlocksTest, who_is_no_longer_named_is_in_nobodys_way) {
  set("up", OutputState::on);
  change({output("up", {"fan"}), output("down"), output("fan")});
  EXPECT_EQ(blocker("down"), "");
  EXPECT_EQ(blocker("fan"), "up");
}

TEST_F(InterlocksTest, of_who_comes_back_nothing_is_known_and_nobody_listens) {
  set("down", OutputState::off);
  EXPECT_EQ(blocker("up"), "");
  int heard = 0;
  interlocks.on_change(interlocks.index_of("down"), [&] { ++heard; });
  change({output("up"), output("fan")});
  change(configs);
  EXPECT_EQ(heard, 0);
  EXPECT_EQ(blocker("up"), "down");
}

TEST_F(InterlocksTest, who_stays_is_told_that_there_may_be_other_partners) {
  int heard = 0;
  interlocks.on_change(interlocks.index_of("fan"), [&] { ++heard; });
  change({output("fan", {"up"}), output("up")});
  EXPECT_EQ(heard, 1);
}

}  // namespace
}  // namespace b2m

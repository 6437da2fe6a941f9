#include "daemon/mqtt/nudge.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

using namespace std::chrono_literals;

struct NudgeTest : testing::Test {
  const SteadyTime start{1h};
  Nudge nudge;

  /// When the next one is due, from the connection on.
  [[nodiscard]] std::optional<Nudge::Duration> due() const {
    const auto at = nudge.due();
    return at ? std::optional(*at - start) : std::nullopt;
  }
};

TEST_F(NudgeTest, an_idle_link_on_which_nothing_is_waited_for_stays_silent) {
  nudge.connected(start);
  EXPECT_EQ(due(), std::nullopt);
  nudge.published(start + 1s);
  nudge.answered(start + 1010ms, true);
  EXPECT_EQ(due(), std::nullopt);
}

TEST_F(NudgeTest, where_commands_are_waited_for_no_silence_lasts_a_second) {
  nudge.connected(start);
  nudge.be_prompt(true);
  EXPECT_EQ(due(), Nudge::silence);
  nudge.heard(start + 500ms);
  EXPECT_EQ(due(), 500ms + Nudge::silence);
  nudge.nudged(start + 1300ms);
  EXPECT_EQ(due(), 1300ms + Nudge::silence);
  nudge.be_prompt(false);
  EXPECT_EQ(due(), std::nullopt);
}

TEST_F(NudgeTest, a_publication_that_stays_unanswered_is_hurried_once) {
  nudge.connected(start);
  nudge.published(start + 1s);
  EXPECT_EQ(due(), 1s + Nudge::shortest_stall);
  nudge.nudged(start + 1s + Nudge::shortest_stall);
  EXPECT_EQ(due(), std::nullopt);
}

TEST_F(NudgeTest, what_answers_take_here_is_not_hurried) {
  nudge.connected(start);
  for (int i = 0; i < 100; ++i) {
    nudge.published(start);
    nudge.answered(start + 40ms, true);
  }
  nudge.published(start + 1s);
  EXPECT_GT(due(), 1s + 100ms);
}

TEST_F(NudgeTest, without_a_connection_nothing_is_due) {
  nudge.connected(start);
  nudge.be_prompt(true);
  nudge.published(start);
  nudge.disconnected();
  EXPECT_EQ(due(), std::nullopt);
  nudge.connected(start);
  EXPECT_EQ(due(), std::nullopt);
}

}  // namespace
}  // namespace b2m

#include "daemon/flow/actuator_group.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace b2m {
namespace {

constexpr OutputSpec percent{.kind = ActuatorKind::range, .range = {0, 100}, .unit = "%"};

class Member final : public Commanded {
 public:
  explicit Member(std::string id) { config_.id = std::move(id); }
  void start() override {}
  void stop(std::function<void()> done) override { done(); }
  void release() override {}
  void command(const Command&, Source, Answer) override {}
  void broker(bool) override {}
  [[nodiscard]] const ActuatorConfig& config() const override { return config_; }
  [[nodiscard]] DeviceState device_state() const override { return there; }
  [[nodiscard]] const std::optional<ActuatorState>& state() const override { return now; }
  [[nodiscard]] const std::optional<Error>& last_error() const override { return error; }
  [[nodiscard]] Source cause() const override { return Source::rule; }

  DeviceState there = DeviceState::ready;
  std::optional<ActuatorState> now;
  std::optional<Error> error;

 private:
  ActuatorConfig config_;
};

struct Given {
  std::string actuator;
  Command command;
  Source source;
  Commanded::Answer answer;
};

struct Group : testing::Test {
  Group() {
    config.id = "lamps";
    sink.reached = [this](const ActuatorConfig&, const ActuatorState& state) { told.push_back(state); };
    sink.availability = [this](const ActuatorConfig&, bool online) { availability.push_back(online); };
  }
  ActuatorGroup& group() {
    if (!made) {
      const auto give = [this](const std::string& actuator, const Command& command, Source source,
                               Commanded::Answer answer) {
        given.push_back({actuator, command, source, std::move(answer)});
      };
      made.emplace(config, std::vector<const Commanded*>{&hall, &desk}, give, sink);
    }
    return *made;
  }
  void now(ActuatorState of_hall, ActuatorState of_desk) {
    hall.now = std::move(of_hall);
    group().member_changed(hall);
    desk.now = std::move(of_desk);
    group().member_changed(desk);
  }
  void command(const Command& command) {
    group().command(command, Source::rule, [this](const Outcome& outcome) { outcomes.push_back(outcome); });
  }

  ActuatorConfig config;
  ActuatorSink sink;
  Member hall{"hall"};
  Member desk{"desk"};
  std::vector<Given> given;
  std::vector<ActuatorState> told;
  std::vector<bool> availability;
  std::vector<Outcome> outcomes;
  std::optional<ActuatorGroup> made;
};

using States = std::vector<ActuatorState>;

TEST_F(Group, a_command_goes_to_each_member_from_the_same_source_and_without_its_id) {
  command({.target = true, .duration = std::chrono::seconds(5), .id = "abc"});
  ASSERT_EQ(given.size(), 2U);
  EXPECT_EQ(given[0].actuator, "hall");
  EXPECT_EQ(given[1].actuator, "desk");
  for (const auto& each : given) {
    EXPECT_EQ(each.command, (Command{.target = true, .duration = std::chrono::seconds(5)}));
    EXPECT_EQ(each.source, Source::rule);
  }
}

TEST_F(Group, it_is_answered_once_when_every_member_has_answered) {
  command({.target = true, .id = "abc"});
  given[1].answer({.state = true});
  EXPECT_TRUE(outcomes.empty());
  now(true, true);
  given[0].answer({.state = true});
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].id, "abc");
  EXPECT_EQ(outcomes[0].state, ActuatorState(true));
}

TEST_F(Group, the_refusals_are_named) {
  command({.target = true});
  given[0].answer({.refusal = Refusal{"interlock", "hall may not be on together with pump, which is on"}});
  given[1].answer({.state = true});
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].refusal,
            (Refusal{"interlock", "1 of 2 refused: hall: hall may not be on together with pump, which is on"}));
}

TEST_F(Group, refusals_of_different_kinds_are_several) {
  command({.target = true});
  given[0].answer({.refusal = Refusal{"max_on", "too long"}});
  given[1].answer({.refusal = Refusal{"gone", "chip removed"}});
  EXPECT_EQ(outcomes.at(0).refusal, (Refusal{"several", "2 of 2 refused: hall: too long; desk: chip removed"}));
}

TEST_F(Group, toggle_means_the_same_for_all) {
  now(true, false);
  command({.target = Toggle{}});
  for (const auto& each : given) EXPECT_EQ(each.command.target, Target(false));
}

TEST_F(Group, a_number_that_no_member_takes_is_refused_at_once) {
  config.own_output = percent;
  command({.target = 101.0});
  EXPECT_TRUE(given.empty());
  EXPECT_EQ(outcomes.at(0).refusal, (Refusal{"out_of_range", "lamps takes 0 to 100 %, not 101"}));
}

TEST_F(Group, is_on_when_any_member_is) {
  now(false, false);
  now(true, false);
  now(true, true);
  now(false, false);
  EXPECT_EQ(told, (States{false, true, false}));
}

TEST_F(Group, is_on_when_all_members_are_where_that_is_asked_for) {
  config.group_state = GroupState::all;
  now(false, false);
  now(true, false);
  now(true, true);
  EXPECT_EQ(told, (States{false, true}));
  EXPECT_EQ(group().cause(), Source::rule);
}

TEST_F(Group, of_numbers_the_farthest_from_off_counts) {
  config.own_output = percent;
  now(20.0, 70.0);
  EXPECT_EQ(told, (States{70.0}));
}

TEST_F(Group, of_numbers_the_nearest_to_off_counts_where_all_is_asked_for) {
  config.own_output = percent;
  config.group_state = GroupState::all;
  now(20.0, 70.0);
  EXPECT_EQ(told, (States{20.0}));
}

TEST_F(Group, nothing_is_told_until_all_are_known) {
  hall.now = true;
  group().member_changed(hall);
  EXPECT_TRUE(told.empty());
  EXPECT_FALSE(group().state());
}

TEST_F(Group, is_there_while_one_member_is) {
  desk.there = DeviceState::starting;
  group().member_changed(hall);
  hall.there = DeviceState::absent;
  hall.error = Error{Errc::gone, "chip removed"};
  group().member_changed(hall);
  EXPECT_EQ(availability, (std::vector{true, false}));
  EXPECT_EQ(group().last_error(), hall.error);
}

TEST_F(Group, is_offline_when_no_member_was_ever_reached_and_not_told_before_that_is_known) {
  hall.there = desk.there = DeviceState::starting;
  group().start();
  hall.there = DeviceState::absent;
  group().member_changed(hall);
  EXPECT_TRUE(availability.empty());
  desk.there = DeviceState::absent;
  group().member_changed(desk);
  EXPECT_EQ(availability, std::vector{false});
}

TEST_F(Group, one_that_comes_later_begins_with_what_its_members_are) {
  hall.now = true;
  desk.now = false;
  group().start();
  EXPECT_EQ(told, (States{true}));
  EXPECT_EQ(availability, (std::vector{true}));
}

TEST_F(Group, what_is_under_way_when_the_configuration_changes_it_is_answered_and_only_once) {
  command({.target = true, .id = "abc"});
  given[0].answer({.state = true});
  group().release();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].id, "abc");
  ASSERT_TRUE(outcomes[0].refusal);
  EXPECT_EQ(outcomes[0].refusal->error, "reloading");
  given[1].answer({.state = true});
  EXPECT_EQ(outcomes.size(), 1U);
}

TEST_F(Group, an_answer_that_comes_after_its_end_is_heard_by_nobody) {
  command({.target = true});
  made.reset();
  for (const auto& each : given) each.answer({.state = true});
  EXPECT_TRUE(outcomes.empty());
}

}  // namespace
}  // namespace b2m

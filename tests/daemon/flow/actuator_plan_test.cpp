// The guard and the plan against a model: random wishes, times, losses and failures, and what must hold whatever comes.
#include "daemon/flow/actuator_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <set>

namespace b2m {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const SteadyTime begin = SteadyTime(1h);

/// One output whose jobs arrive when the test says so.
struct Output {
  explicit Output(const ActuatorConfig& limits, Interlocks& interlocks) : config(limits), plan(limits, interlocks) {}

  void start(SteadyTime now, std::optional<ActuatorPlan::Kept> kept = {}, bool found = false) {
    plan.begin(std::move(kept), now);
    const auto first = plan.start(now);
    plan.reached(first.state.value_or(found), now);
    level = is_on(first.state.value_or(found));
  }
  /// What became of a wish: "done", "waits", or the refusal's word.
  std::string wish(ActuatorState state, SteadyTime now, std::optional<std::chrono::nanoseconds> lasting = {},
                   Source source = Source::command) {
    return follow(plan.wish({std::move(state), source, lasting, ++ticket}, now), now);
  }
  [[nodiscard]] std::string last_message() const { return refusals.empty() ? "" : refusals.back().message; }
  std::string time(SteadyTime now) { return follow(plan.on_time(now), now); }
  std::string follow(const ActuatorPlan::Steps& steps, SteadyTime now) {
    for (const auto& refused : steps.refused) refusals.push_back(refused.why);
    if (!steps.drive) return steps.refused.empty() ? "waits" : steps.refused.back().why.error;
    for (const auto& refused : plan.posted(*steps.drive, now)) refusals.push_back(refused.why);
    plan.reached(steps.drive->state, now);
    level = is_on(steps.drive->state);
    return "done";
  }

  const ActuatorConfig& config;
  ActuatorPlan plan;
  bool level = false;
  std::uint64_t ticket = 0;
  std::vector<Refusal> refusals;
};

struct Guarded : ::testing::Test {
  Guarded() : actuators(2) {
    actuators[0].id = "fan";
    actuators[1].id = "pump";
  }
  Output& fan() { return first ? *first : first.emplace(actuators[0], links()); }
  Output& pump() { return second ? *second : second.emplace(actuators[1], links()); }
  Interlocks& links() { return interlocks ? *interlocks : interlocks.emplace(actuators); }

  std::vector<ActuatorConfig> actuators;
  std::optional<Interlocks> interlocks;
  std::optional<Output> first;
  std::optional<Output> second;
};

TEST_F(Guarded, max_on_switches_off_when_its_time_has_come_and_not_before) {
  actuators[0].max_on = 10s;
  fan().start(begin);
  fan().wish(true, begin);
  EXPECT_EQ(fan().plan.due(), begin + 10s);
  EXPECT_EQ(fan().time(begin + 9s), "waits");
  EXPECT_EQ(fan().time(begin + 10s), "done");
  EXPECT_FALSE(fan().level);
}

TEST_F(Guarded, a_second_on_does_not_prolong_max_on) {
  actuators[0].max_on = 10s;
  fan().start(begin);
  fan().wish(true, begin);
  fan().wish(true, begin + 8s);
  EXPECT_EQ(fan().plan.due(), begin + 10s);
}

TEST_F(Guarded, a_for_beyond_max_on_is_refused) {
  actuators[0].max_on = 10s;
  fan().start(begin);
  EXPECT_EQ(fan().wish(true, begin, 11s), "max_on");
  EXPECT_EQ(fan().last_message(), "fan may be on for at most 10s at a time");
  EXPECT_EQ(fan().wish(true, begin, 10s), "done");
  EXPECT_EQ(fan().wish(true, begin + 5s, 6s), "max_on");
  EXPECT_EQ(fan().last_message(), "fan may be on for at most 10s at a time, and is on already");
}

TEST_F(Guarded, min_on_lets_an_off_wait) {
  actuators[0].min_on = 1min;
  fan().start(begin);
  fan().wish(true, begin);
  EXPECT_EQ(fan().wish(false, begin + 20s), "waits");
  EXPECT_EQ(fan().plan.due(), begin + 1min);
  EXPECT_EQ(fan().time(begin + 59s), "waits");
  EXPECT_TRUE(fan().level);
  EXPECT_EQ(fan().time(begin + 1min), "done");
  EXPECT_FALSE(fan().level);
}

TEST_F(Guarded, min_off_lets_an_on_wait_and_a_newer_command_takes_its_place) {
  actuators[0].min_off = 1min;
  fan().start(begin);
  EXPECT_EQ(fan().wish(true, begin + 10s), "waits");
  EXPECT_EQ(fan().wish(false, begin + 20s), "done");
  ASSERT_EQ(fan().refusals.size(), 1U);
  EXPECT_EQ(fan().refusals[0], (Refusal{"superseded", "a newer command took its place while it waited"}));
  EXPECT_FALSE(fan().plan.due());
}

TEST_F(Guarded, min_off_after_a_restart_counts_from_what_was_kept) {
  actuators[0].min_off = 1min;
  fan().start(begin, ActuatorPlan::Kept{false, begin - 50s});
  EXPECT_EQ(fan().wish(true, begin + 1s), "waits");
  EXPECT_EQ(fan().plan.due(), begin + 10s);
}

TEST_F(Guarded, min_off_after_a_restart_counts_from_the_start_when_nothing_is_known) {
  actuators[0].min_off = 1min;
  fan().start(begin);
  EXPECT_EQ(fan().wish(true, begin + 1s), "waits");
  EXPECT_EQ(fan().plan.due(), begin + 1min);
}

TEST_F(Guarded, an_initial_on_waits_for_min_off_and_leaves_the_output_as_it_is_found) {
  actuators[0].initial = InitialState::on;
  actuators[0].min_off = 1min;
  fan().plan.begin(ActuatorPlan::Kept{false, begin - 20s}, begin);
  EXPECT_FALSE(fan().plan.start(begin).state);
  fan().plan.reached(false, begin);
  EXPECT_EQ(fan().plan.due(), begin + 40s);
  EXPECT_EQ(fan().time(begin + 40s), "done");
  EXPECT_TRUE(fan().level);
}

TEST_F(Guarded, a_short_for_is_refused_where_min_on_or_min_off_is_longer) {
  actuators[0].min_on = 1min;
  actuators[0].min_off = 2min;
  fan().start(begin, ActuatorPlan::Kept{false, begin - 1h});
  EXPECT_EQ(fan().wish(true, begin, 5s), "min_on");
  EXPECT_EQ(fan().last_message(), "fan stays on for at least 1min, longer than 5s");
  EXPECT_EQ(fan().wish(false, begin, 90s), "min_off");
  EXPECT_EQ(fan().last_message(), "fan stays off for at least 2min, longer than 90s");
}

TEST_F(Guarded, an_interlock_refuses_in_both_directions) {
  actuators[0].interlock = {"pump"};
  fan().start(begin);
  pump().start(begin);
  EXPECT_EQ(pump().wish(true, begin), "done");
  EXPECT_EQ(fan().wish(true, begin), "interlock");
  EXPECT_EQ(fan().last_message(), "fan may not be on together with pump, which is on");
  pump().wish(false, begin);
  EXPECT_EQ(fan().wish(true, begin), "done");
  EXPECT_EQ(pump().wish(true, begin), "interlock");
}

TEST_F(Guarded, an_interlock_with_an_output_that_nobody_knows_refuses) {
  actuators[0].interlock = {"pump"};
  fan().start(begin);
  EXPECT_EQ(fan().wish(true, begin), "interlock");
  EXPECT_EQ(fan().last_message(), "fan may not be on together with pump, whose state is not known");
}

TEST_F(Guarded, an_on_waits_while_its_partner_is_going_off) {
  actuators[0].interlock = {"pump"};
  fan().start(begin);
  pump().start(begin);
  pump().wish(true, begin);
  const auto off = pump().plan.wish({false}, begin);
  pump().plan.posted(*off.drive, begin);  // on its way, and not there yet
  EXPECT_EQ(fan().wish(true, begin), "waits");
  links().on_change(0, [&] { fan().plan.partner_changed(); });
  pump().plan.reached(false, begin + 1ms);
  EXPECT_EQ(fan().plan.due(), SteadyTime::min());
  EXPECT_EQ(fan().time(begin + 1ms), "done");
}

TEST_F(Guarded, two_that_are_found_on_together_are_not_left_so) {
  for (auto& actuator : actuators) actuator.initial = InitialState::keep;
  actuators[0].interlock = {"pump"};
  pump().start(begin, {}, true);
  fan().start(begin, {}, true);
  EXPECT_EQ(fan().plan.due(), SteadyTime::min());
  EXPECT_EQ(fan().time(begin), "done");
  EXPECT_FALSE(fan().level);
  EXPECT_TRUE(pump().level);
}

TEST_F(Guarded, the_loss_of_the_broker_counts_from_the_loss_and_ends_with_it) {
  actuators[0].on_broker_lost = BrokerLost{30s, false};
  fan().start(begin);
  fan().plan.broker(true, begin);
  fan().wish(true, begin);
  EXPECT_FALSE(fan().plan.due());
  fan().plan.broker(false, begin + 1s);
  EXPECT_EQ(fan().plan.due(), begin + 31s);
  fan().plan.broker(true, begin + 20s);
  EXPECT_FALSE(fan().plan.due());
  fan().plan.broker(false, begin + 40s);
  EXPECT_EQ(fan().time(begin + 70s), "done");
  EXPECT_FALSE(fan().level);
}

TEST_F(Guarded, a_restored_state_is_the_last_one_and_off_when_its_max_on_has_passed) {
  actuators[0].initial = InitialState::restore;
  fan().start(begin, ActuatorPlan::Kept{true, begin - 5min});
  EXPECT_TRUE(fan().level);
  actuators[1].initial = InitialState::restore;
  actuators[1].max_on = 1min;
  pump().start(begin, ActuatorPlan::Kept{true, begin - 5min});
  EXPECT_FALSE(pump().level);
}

TEST_F(Guarded, an_exit_goes_off_whatever_min_on_says_but_not_on_against_an_interlock) {
  actuators[0].min_on = 1min;
  actuators[0].on_exit = ExitState::off;
  actuators[1].on_exit = ExitState::on;
  actuators[0].interlock = {"pump"};
  fan().start(begin);
  pump().start(begin);
  fan().wish(true, begin);
  EXPECT_EQ(pump().follow(pump().plan.leave(begin), begin), "interlock");
  EXPECT_EQ(fan().follow(fan().plan.leave(begin + 1s), begin + 1s), "done");
  EXPECT_EQ(fan().wish(true, begin + 2s), "stopping");
  EXPECT_EQ(fan().last_message(), "fan is left as it is: the gateway stops");
}

TEST_F(Guarded, a_for_that_ends_while_the_hardware_is_gone_ends_when_it_is_back) {
  actuators[0].initial = InitialState::keep;
  fan().start(begin);
  fan().wish(true, begin, 10s);
  fan().plan.lost();
  EXPECT_FALSE(fan().plan.due());
  fan().plan.start(begin + 1min);
  fan().plan.reached(true, begin + 1min);
  EXPECT_EQ(fan().time(begin + 1min), "done");
  EXPECT_FALSE(fan().level);
}

TEST_F(Guarded, an_output_that_gave_way_counts_as_on_until_it_is_known) {
  actuators[0].interlock = {"pump"};
  fan().start(begin);
  pump().start(begin);
  const auto on = pump().plan.wish({true}, begin);
  pump().plan.posted(*on.drive, begin);
  const auto off = pump().plan.wish({false}, begin + 1s);
  pump().plan.posted(*off.drive, begin + 1s);
  pump().plan.gave_way(begin + 2s);  // the ON, somewhere on its way
  EXPECT_EQ(fan().wish(true, begin + 2s), "waits");
  links().on_change(0, [&] { fan().plan.partner_changed(); });
  pump().plan.reached(false, begin + 3s);
  EXPECT_EQ(fan().time(begin + 3s), "done");
}

// ---- the model ----

/// Outputs whose jobs take time and may fail, and what is true of them in the end.
class Model {
 public:
  explicit Model(unsigned seed) : random_(seed), configs_(make_configs()), interlocks_(configs_) {
    for (auto& config : configs_) outputs_.push_back(std::make_unique<One>(config, interlocks_));
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      interlocks_.on_change(i, [this, i] { outputs_[i]->plan.partner_changed(); });
      outputs_[i]->in_steps = chance(2);
      outputs_[i]->plan.begin(std::nullopt, now_);
      start(*outputs_[i]);
    }
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) step();
    for (auto& one : outputs_) {
      note(*one, one->plan.leave(now_));
      while (!one->jobs.empty()) finish(*one);
      EXPECT_TRUE(one->open.empty()) << "commands without a result";
    }
  }

 private:
  struct Job {
    ActuatorState state;
    std::uint64_t ticket;
    Source source;
    bool takes_hold;
    SteadyTime done_at;
  };
  struct One {
    One(const ActuatorConfig& config_, Interlocks& interlocks) : config(config_), plan(config_, interlocks) {}
    const ActuatorConfig& config;
    ActuatorPlan plan;
    std::deque<Job> jobs;
    bool ready = false;
    bool on = false;  ///< the hardware itself
    SteadyTime changed = begin - 24h;
    bool trusted = false;   ///< its state has not been touched by a failure since the change
    bool in_steps = false;  ///< a newer job takes the place of those on their way
    std::set<std::uint64_t> open;
  };

  std::vector<ActuatorConfig> make_configs() {
    std::vector<ActuatorConfig> configs(4);
    const auto some = [this](milliseconds most) { return chance(2) ? milliseconds(0) : pick(most) + 1ms; };
    for (std::size_t i = 0; i < configs.size(); ++i) {
      auto& config = configs[i];
      config.id = "output" + std::to_string(i);
      config.max_on = chance(2) ? 0ms : pick(20s) + 5s;
      config.min_on = some(5s);
      config.min_off = some(10s);
      config.initial = std::array{InitialState::off, InitialState::keep, InitialState::restore}[random_() % 3];
      config.on_exit = std::array{ExitState::keep, ExitState::off}[random_() % 2];
      if (chance(2)) config.on_broker_lost = BrokerLost{pick(10s), false};
    }
    configs[0].interlock = {"output1"};
    if (chance(2)) configs[2].interlock = {"output0", "output1"};
    return configs;
  }

  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  milliseconds pick(milliseconds most) { return milliseconds(random_() % static_cast<unsigned>(most.count())); }

  void start(One& one) {
    const auto first = one.plan.start(now_);
    note(one, {.refused = first.refused});
    one.jobs.push_back({first.state.value_or(one.on), 0, Source::start, true, now_ + pick(50ms)});
  }

  void step() {
    // Time moves to the next thing that happens at the latest.
    now_ += pick(chance(10) ? milliseconds(15s) : milliseconds(400));
    for (auto& one : outputs_) {
      while (!one->jobs.empty() && one->jobs.front().done_at <= now_) finish(*one);
      if (one->ready)
        for (int turn = 0; one->plan.due() && *one->plan.due() <= now_; ++turn) {
          ASSERT_LT(turn, 100) << "time stands still";
          carry_out(*one, one->plan.on_time(now_));
        }
      if (!one->ready && one->jobs.empty() && chance(3)) start(*one);
    }
    if (chance(15)) {
      connected_ = !connected_;
      for (auto& one : outputs_) one->plan.broker(connected_, now_);
    }
    auto& one = *outputs_[random_() % outputs_.size()];
    if (one.ready && !chance(3)) wish(one);
    check();
  }

  void wish(One& one) {
    const auto ticket = ++tickets_;
    one.open.insert(ticket);
    const std::optional<std::chrono::nanoseconds> lasting =
        chance(3) ? std::optional<std::chrono::nanoseconds>(pick(20s) + 1ms) : std::nullopt;
    carry_out(one, one.plan.wish({chance(2), chance(4) ? Source::rule : Source::command, lasting, ticket}, now_));
  }

  void carry_out(One& one, const ActuatorPlan::Steps& steps) {
    note(one, steps);
    if (!steps.drive) return;
    note(one, {.refused = one.plan.posted(*steps.drive, now_)});
    one.jobs.push_back({steps.drive->state, steps.drive->ticket, steps.drive->source, false, now_ + pick(50ms)});
  }

  void note(One& one, const ActuatorPlan::Steps& steps) {
    for (const auto& refused : steps.refused) answer(one, refused.what.ticket);
  }
  void answer(One& one, std::uint64_t ticket) {
    if (ticket != 0) {
      EXPECT_EQ(one.open.erase(ticket), 1U) << "a second result";
    }
  }

  void finish(One& one) {
    const auto job = one.jobs.front();
    one.jobs.pop_front();
    answer(one, job.ticket);
    if (one.in_steps && !one.jobs.empty()) return give_way(one, job);
    if (chance(40)) {
      if (chance(2)) one.on = is_on(job.state);  // a failed transfer may have done it all the same
      one.changed = now_;
      one.plan.failed(now_);
      one.trusted = false;
      one.ready = false;
      note(one, {.refused = one.plan.lost()});
      return;
    }
    const bool on = is_on(job.state);
    if (on != one.on) switched(one, on, job);
    one.plan.reached(job.state, now_);
    one.ready = true;
  }

  /// Half way it is on when it was or was to be.
  void give_way(One& one, const Job& job) {
    if (is_on(job.state) && !one.on) switched(one, true, job);
    if (is_on(job.state) != one.on) {
      one.changed = now_;
      one.trusted = false;
    }
    one.plan.gave_way(now_);
  }

  /// The hardware changes: were the limits kept?
  void switched(One& one, bool on, const Job& job) {
    const auto stood = now_ - one.changed;
    const bool forced =
        job.takes_hold || job.source == Source::max_on || job.source == Source::interlock || job.source == Source::exit;
    if (one.trusted && !forced && on) {
      EXPECT_GE(stood, one.config.min_off) << one.config.id;
    }
    if (one.trusted && !forced && !on) {
      EXPECT_GE(stood, one.config.min_on) << one.config.id;
    }
    one.on = on;
    one.changed = now_;
    one.trusted = true;
  }

  void check() {
    for (const auto& one : outputs_) {
      if (!one->on) continue;
      // A step is as long as its time, and a job takes up to 50 ms.
      if (one->config.max_on.count() != 0 && one->ready && one->jobs.empty()) {
        EXPECT_LE(now_ - one->changed, one->config.max_on) << one->config.id;
      }
      for (const auto& other : outputs_) {
        const auto& names = one->config.interlock;
        const bool forbidden = std::find(names.begin(), names.end(), other->config.id) != names.end();
        EXPECT_FALSE(forbidden && other->on) << one->config.id << " and " << other->config.id;
      }
    }
  }

  std::minstd_rand random_;
  SteadyTime now_ = begin;
  std::vector<ActuatorConfig> configs_;
  Interlocks interlocks_;
  std::vector<std::unique_ptr<One>> outputs_;
  std::uint64_t tickets_ = 0;
  bool connected_ = false;
};

TEST(ActuatorPlanModel, whatever_comes_the_limits_hold_and_every_command_has_one_result) {
  for (unsigned seed = 1; seed <= 400 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Model(seed).run(500);
  }
}

}  // namespace
}  // namespace b2m

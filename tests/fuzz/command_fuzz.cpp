// Command payloads and topics of any kind, at any time, for outputs with every limit; what must hold is watched.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/topic_rules.hpp"
#include "daemon/flow/actuator_plan.hpp"
#include "daemon/flow/target.hpp"
#include "daemon/mqtt/command_payload.hpp"
#include "daemon/mqtt/payload.hpp"
#include "daemon/mqtt/router.hpp"
#include "daemon/mqtt/topics.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr DriverInfo dimmer{.name = "dimmer",
                            .summary = "of a test",
                            .datasheet = "none",
                            .output = {.kind = ActuatorKind::range, .range = {0, 100}, .unit = "%"},
                            .example = ""};

void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

/// Three outputs, two of which may not be on together.
class Outputs {
 public:
  Outputs() : configs_(make_configs()), interlocks_(configs_) {
    for (std::size_t i = 0; i < configs_.size(); ++i) plans_.emplace_back(configs_[i], interlocks_);
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      interlocks_.on_change(i, [this, i] { plans_[i].partner_changed(); });
      plans_[i].begin(std::nullopt, now_);
      plans_[i].start(now_);
      plans_[i].reached(off_state(configs_[i].output()), now_);
    }
  }

  [[nodiscard]] const std::vector<ActuatorConfig>& configs() const { return configs_; }

  void command(std::size_t index, const Command& command) {
    auto& plan = plans_[index];
    const auto state = resolve(command.target, configs_[index].output(), plan.newest(), configs_[index].id);
    if (!state) return require(!state.error().message.empty(), "a refusal without a message");
    if (const auto* number = std::get_if<double>(&*state))
      require(configs_[index].output().range.contains(*number), "a number out of range is driven");
    const auto ticket = ++tickets_;
    open_.insert(ticket);
    follow(index, plan.wish({*state, Source::command, command.duration, ticket}, now_));
  }

  void pass(std::chrono::milliseconds time) {
    const auto until = now_ + time;
    for (int turns = 0;; ++turns) {
      require(turns < 10'000, "time stands still");
      const auto next = first_due();
      if (!next || *next > until) break;
      now_ = std::max(now_, *next);
      for (std::size_t i = 0; i < plans_.size(); ++i)
        if (const auto due = plans_[i].due(); due && *due <= now_) follow(i, plans_[i].on_time(now_));
      check();
    }
    now_ = until;
    check();
  }

  void end() {
    for (std::size_t i = 0; i < plans_.size(); ++i) follow(i, plans_[i].leave(now_, {"stopping", "the gateway stops"}));
    require(open_.empty(), "a command without a result");
  }

 private:
  static std::vector<ActuatorConfig> make_configs() {
    std::vector<ActuatorConfig> configs(3);
    const std::array<const char*, 3> ids{"up", "down", "lamp"};
    for (std::size_t i = 0; i < configs.size(); ++i) {
      configs[i].id = ids[i];
      configs[i].command_topic = fmt::format("base/{}/set", ids[i]);
    }
    configs[0].interlock = {"down"};
    configs[0].max_on = 20s;
    configs[0].min_off = 1s;
    configs[1].max_on = 10s;
    configs[1].min_on = 500ms;
    configs[2].driver.driver = &dimmer;
    configs[2].max_on = 1h;
    configs[2].command_topic = "$share/group/+/lamp/#";
    return configs;
  }

  [[nodiscard]] std::optional<SteadyTime> first_due() const {
    std::optional<SteadyTime> first;
    for (const auto& plan : plans_)
      if (const auto due = plan.due(); due && (!first || *due < *first)) first = due;
    return first;
  }

  void follow(std::size_t index, const ActuatorPlan::Steps& steps) {
    for (const auto& refused : steps.refused) answer(refused.what.ticket);
    if (!steps.drive) return;
    for (const auto& refused : plans_[index].posted(*steps.drive, now_)) answer(refused.what.ticket);
    const bool on = is_on(steps.drive->state);
    if (on != on_.at(index)) changed_.at(index) = now_;
    on_.at(index) = on;
    answer(steps.drive->ticket);
    plans_[index].reached(steps.drive->state, now_);
    require(!(on_[0] && on_[1]), "two of an interlock are on");
  }

  void answer(std::uint64_t ticket) {
    if (ticket != 0) require(open_.erase(ticket) == 1, "a second result");
  }

  void check() const {
    for (std::size_t i = 0; i < plans_.size(); ++i)
      require(!on_[i] || now_ - changed_[i] <= configs_[i].max_on, "on for longer than max_on");
  }

  SteadyTime now_ = SteadyTime(1h);
  std::vector<ActuatorConfig> configs_;
  Interlocks interlocks_;
  std::deque<ActuatorPlan> plans_;
  std::array<bool, 3> on_{};
  std::array<SteadyTime, 3> changed_{};
  std::uint64_t tickets_ = 0;
  std::set<std::uint64_t> open_;
};

void check_refusal(const Outcome& outcome) {
  require(outcome.refusal && !outcome.refusal->error.empty() && !outcome.refusal->message.empty(), "a bare refusal");
  const auto json = nlohmann::json::parse(format_outcome(outcome, {}));
  require(json["status"] == "refused", "a refusal that says ok");
}

void take(Outputs& outputs, const Router& router, std::string_view topic, std::string_view payload) {
  const auto route = router.route(topic);
  if (!route) return;
  const auto& config = outputs.configs().at(route->index);
  if (route->form == CommandForm::set)
    require(topic_matches(bare_filter(config.command_topic), topic), "a message of another topic");
  const auto command = parse_command(payload, config.output().kind, route->form);
  if (!command) return check_refusal(command.error());
  require(!command->duration || *command->duration > 0ns, "a duration of no time");
  if (const auto* number = std::get_if<double>(&command->target)) require(std::isfinite(*number), "not finite");
  outputs.command(route->index, *command);
}

/// "topic payload", with a byte of time before.
void take_line(Outputs& outputs, const Router& router, std::string_view line) {
  if (line.empty()) return;
  outputs.pass(std::chrono::milliseconds(static_cast<unsigned char>(line.front()) * 40));
  line.remove_prefix(1);
  const auto blank = line.find(' ');
  const auto topic = line.substr(0, blank);
  const auto payload = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
  take(outputs, router, topic, payload);
  // Whatever a topic says, the same bytes as a payload of each actuator.
  for (const char* known : {"base/up/set", "base/down/set", "x/lamp/y", "base/down/set_on_ms"})
    take(outputs, router, known, payload);
  if (check_filter(topic)) static_cast<void>(topic_matches(bare_filter(topic), payload));
}

}  // namespace
}  // namespace b2m

std::vector<std::string_view> fuzz_words() {
  return {"\n\005base/up/set ",
          "\n\005base/down/set ",
          "\n\020x/lamp/y ",
          "\n\005base/up/set_on_ms ",
          "\n\005base/down/set_off_ms ",
          "ON",
          "off",
          "TOGGLE",
          "1",
          "0",
          "40%",
          "12.5",
          "-1",
          "1e308",
          "1e999",
          "nan",
          "{\"state\":",
          "\"ON\"",
          ",\"for\":\"",
          "5s\"",
          "250ms\"",
          ",\"id\":\"a\"",
          "}",
          "{\"value\":40}",
          ",\"time\":",
          "\"2026-11-21T03:04:05Z\"",
          "1795230245678",
          "[",
          "{",
          "null",
          "true",
          "\xef\xbb\xbf",
          "\xed\xa0\x80",
          "\xf0\x9f\x92\xa1",
          "$share/g/",
          "+",
          "#",
          "/",
          " ",
          "\n"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  b2m::Outputs outputs;
  const b2m::Router router(outputs.configs());
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (!text.empty()) {
    const auto end = text.find('\n');
    b2m::take_line(outputs, router, text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  outputs.pass(std::chrono::hours(2));
  outputs.end();
  return 0;
}

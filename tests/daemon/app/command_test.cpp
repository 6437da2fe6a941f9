// Commands from the message to the result message, to the letter.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

#include "daemon/app/command_intake.hpp"
#include "daemon/flow/actuator_device.hpp"
#include "tests/daemon/flow/flow_fakes.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::FakeActuator;
using test::run_until;

constexpr DriverInfo dimmer_driver{.name = "dimmer",
                                   .summary = "of a test",
                                   .datasheet = "none",
                                   .output = {.kind = ActuatorKind::range, .range = {0, 100}, .unit = "%"},
                                   .example = ""};
constexpr DriverInfo servo_driver{.name = "servo",
                                  .summary = "of a test",
                                  .datasheet = "none",
                                  .output = {.kind = ActuatorKind::range, .range = {-90, 90}, .unit = "°"},
                                  .example = ""};
constexpr DriverInfo display_driver{.name = "display",
                                    .summary = "of a test",
                                    .datasheet = "none",
                                    .output = {.kind = ActuatorKind::text},
                                    .example = ""};

struct Sink final : MessageSink {
  void publish_reading(ReadingMessage reading) override { sent.push_back(std::move(reading.message)); }
  void publish_state(Message message) override { sent.push_back(std::move(message)); }
  void publish_event(Message message) override { sent.push_back(std::move(message)); }
  void count_dropped(const std::string&) override {}
  std::vector<Message> sent;
};

class CommandTest : public ::testing::Test {
 protected:
  enum Which : std::size_t { fan, pump, dimmer, servo, display };

  CommandTest() : configs_(5) {
    const std::array<const char*, 5> ids{"fan", "pump", "dimmer", "servo", "display"};
    const std::array<const DriverInfo*, 5> drivers{nullptr, nullptr, &dimmer_driver, &servo_driver, &display_driver};
    for (std::size_t i = 0; i < configs_.size(); ++i) {
      configs_[i].id = ids[i];
      configs_[i].driver.driver = drivers[i];
      configs_[i].command_topic = fmt::format("{}/set", ids[i]);
      configs_[i].result_topic = fmt::format("{}/result", ids[i]);
    }
    sink_.reached = [](const ActuatorConfig&, const ActuatorState&) {};
    sink_.availability = [](const ActuatorConfig&, bool) {};
    configs_[display].initial = InitialState::keep;
  }
  ~CommandTest() override {
    if (bus_) bus_->worker().join_until(SteadyClock::now() + 5s);
  }

  /// After the last change of `configs_`.
  void build() {
    bus_.emplace(loop_, "outputs");
    interlocks_.emplace(configs_);
    for (std::size_t i = 0; i < configs_.size(); ++i)
      devices_.push_back(std::make_unique<ActuatorDevice>(loop_, configs_[i], *bus_, nullptr,
                                                          std::make_unique<FakeActuator>(hardware_.at(i)), kept_,
                                                          *interlocks_, sink_));
    commander_.emplace(devices_);
    router_ = Router(configs_);
    const auto no_totals = [](std::size_t) -> EdgeDevice& { throw std::logic_error("there is no sensor"); };
    intake_.emplace(router_, *commander_, no_totals, publisher_);
  }
  void start() {
    build();
    for (const auto& device : devices_) device->start();
    ASSERT_TRUE(run_until(loop_, [&] {
      return std::all_of(devices_.begin(), devices_.end(),
                         [](const auto& device) { return device->device_state() == DeviceState::ready; });
    }));
  }

  /// The next message after this one, its time taken out.
  std::string ask(const std::string& topic, const std::string& payload, bool retained = false) {
    const auto before = messages_.sent.size();
    EXPECT_TRUE(intake_->take({.topic = topic, .payload = payload}, retained));
    EXPECT_TRUE(run_until(loop_, [&] { return messages_.sent.size() > before; })) << payload;
    return messages_.sent.size() > before ? timeless(messages_.sent[before].payload) : "";
  }
  static std::string timeless(const std::string& json) {
    return std::regex_replace(json, std::regex(R"re(,"time":"[^"]*"(,"clock":"unsynchronised")?)re"), "");
  }
  std::size_t driven(Which which) { return hardware_.at(which).driven.size(); }

  EventLoop loop_;
  std::vector<ActuatorConfig> configs_;
  std::array<FakeActuator::Hardware, 5> hardware_;
  ActuatorSink sink_;
  ValuesInMemory kept_;
  Sink messages_;
  Publisher publisher_{messages_, "base", {}};
  std::optional<Bus> bus_;
  std::optional<Interlocks> interlocks_;
  std::vector<std::unique_ptr<Commanded>> devices_;
  std::optional<Commander> commander_;
  Router router_;
  std::optional<CommandIntake> intake_;
};

TEST_F(CommandTest, everything_a_person_would_type_is_understood) {
  start();
  for (const char* on : {"ON", " on\n", "1", "true", "{\"state\":\"ON\"}"})
    EXPECT_EQ(ask("fan/set", on), R"({"status":"ok","state":"ON"})") << on;
  for (const char* off : {"OFF", "off ", "0", "False", "{\"value\":0}"})
    EXPECT_EQ(ask("fan/set", off), R"({"status":"ok","state":"OFF"})") << off;
  EXPECT_EQ(ask("fan/set", "TOGGLE"), R"({"status":"ok","state":"ON"})");
  EXPECT_EQ(ask("dimmer/set", "12.5"), R"({"status":"ok","state":12.5})");
  EXPECT_EQ(ask("dimmer/set", "40%"), R"({"status":"ok","state":40})");
  EXPECT_EQ(ask("dimmer/set", "{\"value\":40}"), R"({"status":"ok","state":40})");
  EXPECT_EQ(ask("dimmer/set", "ON"), R"({"status":"ok","state":100})");
  EXPECT_EQ(ask("dimmer/set", "toggle"), R"({"status":"ok","state":0})");
  EXPECT_EQ(ask("servo/set", "75%"), R"({"status":"ok","state":45})");
  EXPECT_EQ(ask("servo/set", "-90"), R"({"status":"ok","state":-90})");
  EXPECT_EQ(ask("display/set", " Hello ON "), R"({"status":"ok","state":" Hello ON "})");
}

struct Refused {
  const char* topic;
  std::string payload;
  const char* error;
  const char* message;
};

const std::vector<Refused>& refusals() {
  static const std::vector<Refused> rows{
      {"fan/set", "", "empty_payload", "the payload is empty"},
      {"fan/set", std::string(65537, ' '), "payload_too_long", "more than 65536 bytes"},
      {"fan/set", "\xff", "invalid_utf8", "the payload is not UTF-8"},
      {"fan/set", "{\"state\":ON}", "invalid_json", "not JSON at byte 10"},
      {"fan/set", "{\"state\":{\"on\":1}}", "too_deep", "a command is one flat object"},
      {"fan/set", "{\"stat\":\"ON\"}", "unknown_key", "\"stat\" is none of state, value, for, id, time"},
      {"fan/set", "{\"for\":\"5s\"}", "missing_state", "neither \"state\" nor \"value\""},
      {"fan/set", "perhaps", "unknown_state",
       "\"perhaps\" is none of ON, OFF, TOGGLE, 1, 0, true, false, a number, \"40%\""},
      {"dimmer/set", "nan", "not_finite", "\"nan\" is not a finite number"},
      {"fan/set", "{\"state\":\"ON\",\"for\":5}", "invalid_duration", "\"for\" is a text with a unit, such as \"5s\""},
      {"fan/set", "{\"state\":\"ON\",\"for\":\"-5s\"}", "invalid_duration", nullptr},
      {"fan/set_on_ms", "soon", "invalid_duration", "\"soon\" is not a number of milliseconds"},
      {"fan/set", "{\"state\":\"ON\",\"id\":true}", "invalid_id", "\"id\" is a text of at most 128 bytes or a number"},
      {"fan/set", "{\"state\":\"ON\",\"time\":\"noon\"}", "invalid_time",
       "\"time\" is a text such as \"2026-11-21T03:04:05Z\", or seconds or milliseconds since 1970"},
      {"fan/set", "40", "unsupported", "fan is switched on or off and takes no other value"},
      {"dimmer/set", "101", "out_of_range", "dimmer takes 0 to 100 %, not 101"},
      {"dimmer/set", "101%", "out_of_range", "dimmer takes 0% to 100%, not 101%"},
      {"servo/set", "-91", "out_of_range", "servo takes -90 to 90 °, not -91"},
      {"display/set", "{\"value\":40}", "unsupported", "display shows text; write it in quotes"},
      {"fan/set", "{\"state\":\"ON\",\"for\":\"1h\"}", "max_on", "fan may be on for at most 30min at a time"},
      {"pump/set", "{\"state\":\"ON\",\"for\":\"1s\"}", "min_on", "pump stays on for at least 1min, longer than 1s"},
      {"dimmer/set", "{\"state\":\"OFF\",\"for\":\"1s\"}", "min_off",
       "dimmer stays off for at least 5min, longer than 1s"},
  };
  return rows;
}

std::string refused_json(const char* error, std::string_view message) {
  std::string escaped = std::regex_replace(std::string(message), std::regex("\""), "\\\"");
  return fmt::format(R"({{"status":"refused","error":"{}","message":"{}"}})", error, escaped);
}

TEST_F(CommandTest, each_refusal_says_exactly_this_and_does_nothing) {
  configs_[fan].max_on = 30min;
  configs_[pump].min_on = 1min;
  configs_[dimmer].min_off = 5min;
  start();
  for (const auto& row : refusals()) {
    const auto said = ask(row.topic, row.payload);
    if (row.message != nullptr) {
      EXPECT_EQ(said, refused_json(row.error, row.message)) << row.payload.substr(0, 60);
    } else {
      EXPECT_NE(said.find(row.error), std::string::npos) << said;
    }
  }
  for (const auto which : {fan, pump, dimmer, servo, display}) EXPECT_EQ(driven(which), 1U) << which;
}

TEST_F(CommandTest, refusals_of_the_state_of_things_say_exactly_this) {
  configs_[fan].interlock = {"pump"};
  configs_[fan].max_command_age = 1min;
  configs_[dimmer].min_off = 5min;
  start();
  ask("pump/set", "ON");
  EXPECT_EQ(ask("fan/set", "ON"), refused_json("interlock", "fan may not be on together with pump, which is on"));
  EXPECT_EQ(ask("fan/set", "ON", true),
            refused_json("retained", "a retained command is old and not carried out; send it without the retain flag"));
  const auto before = messages_.sent.size();
  intake_->take({.topic = "dimmer/set", .payload = "ON"}, false);
  EXPECT_EQ(messages_.sent.size(), before) << "it waits for min_off";
  EXPECT_TRUE(ask("dimmer/set", "OFF").starts_with(R"({"status":"refused","error":"superseded")"));
  ASSERT_TRUE(run_until(loop_, [&] { return messages_.sent.size() == before + 2; }))
      << "the OFF itself is answered, too";
  hardware_[pump].answer = [] { return fail(Errc::gone, "chip removed"); };
  EXPECT_EQ(ask("pump/set", "OFF"), refused_json("gone", "gone: chip removed"));
  EXPECT_EQ(ask("pump/set", "OFF"), refused_json("unavailable", "pump cannot be driven now: gone: chip removed"));
  for (const auto& device : devices_) device->stop([] {});
  EXPECT_EQ(ask("fan/set", "OFF"), refused_json("stopping", "fan is left as it is: the gateway stops"));
}

TEST(CommandAge, what_is_too_old_or_of_unknown_age_is_refused) {
  const auto now = WallTime(std::chrono::hours(500'000));
  Command command{true};
  command.time = now - 61s;
  EXPECT_FALSE(too_old(command, 0s, {now, {}, true}));
  EXPECT_EQ(too_old(command, 1min, {now, {}, true}), (Refusal{"too_old", "the command is older than 1min"}));
  EXPECT_EQ(too_old(command, 1min, {now, {}, false}),
            (Refusal{"age_unknown", "how old the command is cannot be told: the gateway's clock is not synchronised"}));
  command.time = now - 59s;
  EXPECT_FALSE(too_old(command, 1min, {now, {}, true}));
  command.time = now + 61s;
  EXPECT_EQ(too_old(command, 1min, {now, {}, true}),
            (Refusal{"invalid_time", "the command's \"time\" is in the future: compare the clocks"}));
  command.time.reset();
  EXPECT_FALSE(too_old(command, 1min, {now, {}, true}));
}

TEST_F(CommandTest, an_id_is_carried_out_once_and_answered_as_the_first_time) {
  start();
  const auto first = ask("fan/set", R"({"state":"TOGGLE","id":"abc"})");
  EXPECT_EQ(first, R"({"id":"abc","status":"ok","state":"ON"})");
  EXPECT_EQ(ask("fan/set", R"({"state":"TOGGLE","id":"abc"})"), first);
  EXPECT_EQ(driven(fan), 2U);
  const auto refused = ask("fan/set", R"({"stat":"ON","id":"x"})");
  EXPECT_EQ(
      refused,
      R"({"id":"x","status":"refused","error":"unknown_key","message":"\"stat\" is none of state, value, for, id, time"})");
  EXPECT_EQ(ask("fan/set", R"({"state":"ON","id":"x"})"), refused);
  EXPECT_EQ(driven(fan), 2U);
}

TEST_F(CommandTest, an_id_that_is_still_under_way_is_answered_when_it_is_done) {
  start();
  const auto before = messages_.sent.size();
  for (int i = 0; i < 3; ++i) intake_->take({.topic = "fan/set", .payload = R"({"state":"TOGGLE","id":"q"})"}, false);
  ASSERT_TRUE(run_until(loop_, [&] { return messages_.sent.size() == before + 3; }));
  EXPECT_EQ(driven(fan), 2U);
}

TEST_F(CommandTest, an_ack_is_the_configured_payload_on_the_configured_topic) {
  configs_[fan].ack = AckPayloads{"1", "0"};
  configs_[fan].result_topic = configs_[fan].command_topic;
  start();
  EXPECT_EQ(ask("fan/set", "ON"), "1");
  EXPECT_EQ(messages_.sent.back().topic, "fan/set");
  EXPECT_EQ(ask("fan/set", "perhaps"), "0");
}

TEST_F(CommandTest, an_accepted_retained_command_is_done_once_until_it_changes) {
  configs_[fan].accept_retained = true;
  start();
  EXPECT_EQ(ask("fan/set", "ON", true), R"({"status":"ok","state":"ON"})");
  EXPECT_EQ(ask("fan/set", "OFF"), R"({"status":"ok","state":"OFF"})");
  const auto before = messages_.sent.size();
  intake_->take({.topic = "fan/set", .payload = "ON"}, true);  // the broker sends it again after a reconnect
  EXPECT_EQ(messages_.sent.size(), before);
  EXPECT_EQ(ask("fan/set", "{\"state\":\"ON\"}", true), R"({"status":"ok","state":"ON"})");
}

TEST_F(CommandTest, another_road_leads_to_the_same_actuator) {
  start();
  std::optional<Outcome> outcome;
  intake_->give(fan, "ON", [&](const Outcome& answer) { outcome = answer; });
  ASSERT_TRUE(run_until(loop_, [&] { return outcome.has_value(); }));
  EXPECT_EQ(outcome->state, ActuatorState(true));
  intake_->give(fan, "perhaps", [&](const Outcome& answer) { outcome = answer; });
  EXPECT_EQ(outcome->refusal->error, "unknown_state");
  EXPECT_TRUE(messages_.sent.empty()) << "who asked over another road is answered there";
}

/// The table of docs/commands.md has a row for every refusal of this file, with its message.
TEST(CommandDocs, the_table_of_refusals_is_true) {
  std::stringstream docs;
  docs << std::ifstream(B2M_SOURCE_DIR "/docs/commands.md").rdbuf();
  const auto all = docs.str();
  const auto text = all.substr(std::min(all.size(), all.find("## Refusals")));
  for (const auto& row : refusals()) {
    EXPECT_NE(text.find(fmt::format("| `{}` |", row.error)), std::string::npos) << row.error;
    if (row.message != nullptr) {
      EXPECT_NE(text.find(row.message), std::string::npos) << row.message;
    }
  }
  std::set<std::string> known{"interlock", "retained", "superseded", "unavailable", "bus_stuck",
                              "busy",      "stopping", "too_old",    "age_unknown", "several"};
  for (const auto& word : known) EXPECT_NE(text.find(fmt::format("| `{}` |", word)), std::string::npos) << word;
  for (const auto& row : refusals()) known.insert(row.error);
  const std::regex rows(R"re(\| `([a-z_]+)` \|)re");
  for (std::sregex_iterator at(text.begin(), text.end(), rows), end; at != end; ++at)
    EXPECT_TRUE(known.count((*at)[1]) == 1) << (*at)[1] << " has no test";
}

}  // namespace
}  // namespace b2m

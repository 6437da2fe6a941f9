// Command payloads and topics of any kind, at any time, for outputs with every limit; what must hold is watched.
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/topic_rules.hpp"
#include "daemon/mqtt/command_payload.hpp"
#include "daemon/mqtt/payload.hpp"
#include "daemon/mqtt/router.hpp"
#include "daemon/mqtt/topics.hpp"
#include "tests/fuzz/limited_outputs.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

using fuzz::LimitedOutputs;
using fuzz::require;

void check_refusal(const Outcome& outcome) {
  require(outcome.refusal && !outcome.refusal->error.empty() && !outcome.refusal->message.empty(), "a bare refusal");
  const auto json = nlohmann::json::parse(format_outcome(outcome, {}));
  require(json["status"] == "refused", "a refusal that says ok");
}

void take(LimitedOutputs& outputs, const Router& router, std::string_view topic, std::string_view payload) {
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
void take_line(LimitedOutputs& outputs, const Router& router, std::string_view line) {
  if (line.empty()) return;
  outputs.pass(std::chrono::milliseconds(static_cast<unsigned char>(line.front()) * 40));
  line.remove_prefix(1);
  const auto blank = line.find(' ');
  const auto topic = line.substr(0, blank);
  const auto payload = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
  take(outputs, router, topic, payload);
  // Whatever a topic says, the same bytes as a payload of each actuator.
  for (const char* known : {"base/up/set", "base/down/set", "x/lamp/y", "base/down/set_on_ms", "base/spot/set",
                            "base/shutter/set", "base/panel/set", "base/pair/set", "base/house/set"})
    take(outputs, router, known, payload);
  if (check_filter(topic)) static_cast<void>(topic_matches(bare_filter(topic), payload));
}

}  // namespace
}  // namespace b2m

std::vector<std::string_view> fuzz_words() {
  return {"\n\005base/up/set ",
          "\n\005base/down/set ",
          "\n\020x/lamp/y ",
          "\n\003base/shutter/set ",
          "\n\003base/panel/set ",
          "\n\005base/pair/set ",
          "\n\005base/house/set ",
          "\n\005base/shutter/set_on_ms ",
          "\n\005base/up/set_on_ms ",
          "\n\005base/down/set_off_ms ",
          "ON",
          "off",
          "TOGGLE",
          "1",
          "0",
          "40%",
          "12.5",
          "1200",
          "2.5 %",
          "101%",
          "90 deg",
          "1.65 V",
          "350 steps",
          "Hello {climate.temperature}",
          "21.5 \xc2\xb0"
          "C\\n",
          "{\"value\":\"\"",
          "{\"value\":",
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
  b2m::fuzz::LimitedOutputs outputs;
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

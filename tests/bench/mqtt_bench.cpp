// How long messages take through the session, Paho and a mosquitto of the machine, between two processes:
//   mqtt_bench burst [MESSAGES]     readings at QoS 1 in bursts of 100, one every 20 ms: publish to receive
//   mqtt_bench command [COMMANDS]   sparse commands at QoS 1 answered at QoS 1: command to answer
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/party.hpp"
#include "tests/integration/mqtt/broker.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

std::int64_t to_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The child: answers commands, or sends bursts once it is told to.
int gateway(std::uint16_t port, int messages) {
  Party party("gateway", port);
  int left = 0;
  bool begun = false;
  Timer timer(party.loop, [&] {
    for (int i = 0; i < 100 && left > 0; ++i, --left)
      party.session.publish_reading({"burst", std::to_string(now_ns())});
    if (left > 0) timer.arm_after(20ms);
  });
  party.session.set_subscriptions({{"set", 1, true}, {"go", 1, true}});
  party.session.on_message([&](const Message& message, bool) {
    if (message.topic == "set") return party.session.publish_event({"result", message.payload});
    if (std::exchange(begun, true)) return;
    left = messages;
    timer.arm_after(0ms);
  });
  party.start();
  return party.loop.run();
}

void burst(Party& party, int messages) {
  std::vector<std::int64_t> ns;
  party.session.set_subscriptions({{"burst", 1}});
  auto started = now_ns();
  party.session.on_message([&](const Message& message, bool) {
    if (ns.empty()) started = now_ns();
    ns.push_back(now_ns() - to_number(message.payload));
  });
  Timer go(party.loop, [&] {  // until it is heard
    if (!ns.empty()) return;
    party.session.publish_event({"go", "go"});
    go.arm_after(200ms);
  });
  go.arm_after(0ms);
  while (ns.size() < static_cast<std::size_t>(messages)) party.loop.run_once(100ms);
  report("burst", ns);
  fmt::print("{:.0f} messages a second\n", messages * 1e9 / static_cast<double>(now_ns() - started));
}

void command(Party& party, int commands) {
  std::vector<std::int64_t> ns;
  std::minstd_rand random(1);
  Timer timer(party.loop, [&] { party.session.publish_event({"set", std::to_string(now_ns())}); });
  party.session.set_subscriptions({{"result", 1}, {"gateway/status", 1}});
  party.session.on_message([&](const Message& message, bool) {
    if (message.topic == "result") ns.push_back(now_ns() - to_number(message.payload));
    timer.arm_after(std::chrono::milliseconds(1000 + random() % 1500));
  });
  while (ns.size() < static_cast<std::size_t>(commands)) party.loop.run_once(100ms);
  report("command", ns);
}

}  // namespace
}  // namespace b2m

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "gateway" && argc == 4)
    return b2m::gateway(static_cast<std::uint16_t>(b2m::to_number(argv[2])), static_cast<int>(b2m::to_number(argv[3])));
  if (mode != "burst" && mode != "command") return fmt::print(stderr, "usage: mqtt_bench burst|command [COUNT]\n"), 2;
  const int count = argc > 2 ? static_cast<int>(b2m::to_number(argv[2])) : mode == "burst" ? 10'000 : 60;
  const char* nodelay = std::getenv("B2M_BENCH_NODELAY");
  const b2m::Broker broker(std::string("allow_anonymous true\nmax_queued_messages 20000\n") +
                           (nodelay != nullptr ? "set_tcp_nodelay true\n" : ""));
  b2m::Process child({"/proc/self/exe", "gateway", std::to_string(broker.port()), std::to_string(count)},
                     "/dev/stderr");
  b2m::Party party("watcher", broker.port());
  party.start();
  mode == "burst" ? b2m::burst(party, count) : b2m::command(party, count);
  return 0;
}

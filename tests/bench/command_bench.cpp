// How long a command takes through the broker and the gateway, as its sender sees it: until the line has the level,
// until the state message comes, until the result comes.
//   command_bench simulate PROGRAM [COMMANDS]        the gateway on a simulated board, a mosquitto of its own
//   command_bench watch PORT VALUE_FILE [COMMANDS]   a gateway "lab" that is there already
//   (tests/system/bench_commands), whose
//                                                    switch "relay" drives the line of gpio-sim with this value
// B2M_BENCH_NODELAY=1 has the mosquitto send at once what it would hold back for 40 ms.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/bench/party.hpp"
#include "tests/integration/mqtt/broker.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

int to_number(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Looks at a line of gpio-sim without a pause, from a thread of its own, and notes when its level last changed.
class LineWatcher {
 public:
  explicit LineWatcher(const char* path) : fd_(open(path, O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) throw std::runtime_error(fmt::format("cannot open {}", path));
    thread_ = std::thread([this] { watch(); });
  }
  ~LineWatcher() {
    going_ = false;
    thread_.join();
    close(fd_);
  }
  LineWatcher(const LineWatcher&) = delete;
  LineWatcher& operator=(const LineWatcher&) = delete;
  /// Of the steady clock, in ns; 0 before the first change.
  [[nodiscard]] std::int64_t changed_at() const { return changed_at_; }

 private:
  void watch() {
    char before = 0;
    while (going_) {
      char level = 0;
      if (pread(fd_, &level, 1, 0) != 1) continue;
      if (before != 0 && level != before) changed_at_ = now_ns();
      before = level;
    }
  }

  int fd_;
  std::atomic<bool> going_ = true;
  std::atomic<std::int64_t> changed_at_ = 0;
  std::thread thread_;
};

/// One command after another, each when all that follows from the one before has come.
class Commands {
 public:
  Commands(std::uint16_t port, int count, const LineWatcher* line) : party_("bench", port), line_(line), left_(count) {}

  void run() {
    party_.session.set_subscriptions({{base + "/relay", 1}, {base + "/relay/result", 1}, {base + "/status", 1}});
    party_.session.on_message([this](const Message& message, bool) { take(message); });
    party_.start();
    while (left_ > 0) party_.loop.run_once(100ms);
    report("command to line", to_line_);
    report("command to state message", to_state_);
    report("command to result", to_result_);
  }

 private:
  static inline const std::string base = "board2mqtt/lab";

  void take(const Message& message) {
    const auto now = now_ns();
    if (message.topic == base + "/status") {
      if (!sent_ && message.payload == "online")
        pause_.arm_after(2s);  // of the start, too, nothing is on its way by then
    } else if (!sent_) {
      return;
    } else if (message.topic == base + "/relay/result") {
      result_ = now;
    } else if (message.payload == (on_ ? "ON" : "OFF")) {
      state_ = now;
    }
    if (sent_ && state_ && result_) finish();
  }

  void finish() {
    if (line_ != nullptr) to_line_.push_back(line_->changed_at() - *sent_);
    to_state_.push_back(*state_ - *sent_);
    to_result_.push_back(*result_ - *sent_);
    sent_.reset();
    if (--left_ > 0) pause_.arm_after(std::chrono::milliseconds(100 + random_() % 200));
  }

  void give() {
    on_ = !on_;
    state_.reset();
    result_.reset();
    sent_ = now_ns();
    party_.session.publish_event({base + "/relay/set", on_ ? "ON" : "OFF"});
  }

  Party party_;
  Timer pause_{party_.loop, [this] { give(); }};
  const LineWatcher* line_;
  std::minstd_rand random_{1};
  int left_;
  bool on_ = false;
  std::optional<std::int64_t> sent_;
  std::optional<std::int64_t> state_;
  std::optional<std::int64_t> result_;
  std::vector<std::int64_t> to_line_;
  std::vector<std::int64_t> to_state_;
  std::vector<std::int64_t> to_result_;
};

void simulate(const char* program, int count) {
  const char* nodelay = std::getenv("B2M_BENCH_NODELAY");
  const Broker broker(std::string("allow_anonymous true\n") + (nodelay != nullptr ? "set_tcp_nodelay true\n" : ""));
  char name[] = "/tmp/b2m-bench-XXXXXX";
  if (mkdtemp(name) == nullptr) throw std::runtime_error("no directory");
  const std::string folder = name;
  std::ofstream(folder + "/config.json") << fmt::format(
      R"({{"name": "lab", "mqtt": {{"broker": "mqtt://127.0.0.1:{}"}},
"actuators": {{"relay": {{"driver": "switch", "line": "gpiochip0:3"}}}}}})",
      broker.port());
  {
    Process gateway({program, "run", "--simulate", "--config", folder + "/config.json", "--state", folder + "/state"},
                    folder + "/log");
    Commands(broker.port(), count, nullptr).run();
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace b2m

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  constexpr int commands = 200;
  if (mode == "simulate" && argc >= 3) {
    b2m::simulate(argv[2], argc > 3 ? b2m::to_number(argv[3]) : commands);
  } else if (mode == "watch" && argc >= 4) {
    const b2m::LineWatcher line(argv[3]);
    b2m::Commands(static_cast<std::uint16_t>(b2m::to_number(argv[2])), argc > 4 ? b2m::to_number(argv[4]) : commands,
                  &line)
        .run();
  } else {
    return fmt::print(stderr, "usage: command_bench simulate PROGRAM [COMMANDS] | watch PORT VALUE_FILE [COMMANDS]\n"),
           2;
  }
  return 0;
}

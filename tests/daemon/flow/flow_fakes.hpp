// A sensor and an actuator that do what a test tells them, and a loop that is run until something has happened.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

#include "daemon/loop/event_loop.hpp"
#include "drivers/api/driver.hpp"

namespace b2m::test {

inline constexpr ChannelSpec two_channels[] = {{"temperature", Quantity::temperature, {-40, 85}},
                                               {"humidity", Quantity::relative_humidity, {0, 100}}};

inline constexpr DriverInfo two_channel_driver{
    .name = "fake", .summary = "of a test", .datasheet = "none", .channels = two_channels, .example = ""};

/// What a fake sensor is to do. Owned by the test; used on the worker, changed between polls.
struct Script {
  std::function<Result<Progress>()> init = [] { return Progress::done(); };
  std::function<Result<Progress>()> trigger = [] { return Progress::done(); };
  std::function<Result<>(Samples&)> read = [](Samples& samples) -> Result<> {
    samples.set(0, 21.5);
    samples.set(1, 40.0);
    return {};
  };
  std::function<bool()> has_changed = [] { return false; };
  std::vector<std::string> calls;
};

class FakeSensor final : public Sensor {
 public:
  explicit FakeSensor(Script& script) : script_(script) {}
  Result<Progress> init() override { return note("init"), script_.init(); }
  [[nodiscard]] bool has_changed() override { return script_.has_changed(); }
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(two_channels); }
  Result<Progress> trigger() override { return note("trigger"), script_.trigger(); }
  Result<> read(Samples& samples) override { return note("read"), script_.read(samples); }

 private:
  void note(const char* call) { script_.calls.emplace_back(call); }
  Script& script_;
};

class FakeActuator final : public Actuator {
 public:
  struct Hardware {
    std::vector<ActuatorState> driven;
    std::function<Result<>()> answer = [] { return Result<>(); };
    std::function<Result<Progress>()> advance = [] { return Progress::done(); };
    int halts = 0;
    /// What was driven last, also while the worker is at it.
    std::optional<ActuatorState> latest() {
      const std::lock_guard lock(mutex);
      return driven.empty() ? std::nullopt : std::optional(driven.back());
    }
    std::mutex mutex;
  };
  explicit FakeActuator(Hardware& hardware) : hardware_(hardware) {}
  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override {
    return apply(initial.value_or(false));
  }
  Result<ActuatorState> apply(const ActuatorState& target) override {
    B2M_TRY(hardware_.answer());
    const std::lock_guard lock(hardware_.mutex);
    hardware_.driven.push_back(target);
    return target;
  }
  Result<Progress> advance() override { return hardware_.advance(); }
  Result<std::optional<ActuatorState>> halt() override { return ++hardware_.halts, std::nullopt; }

 private:
  Hardware& hardware_;
};

/// Runs the loop until `happened`, or fails to after five seconds: long enough for any machine, never reached by a test
/// that passes.
[[nodiscard]] inline bool run_until(EventLoop& loop, const std::function<bool()>& happened) {
  const auto limit = SteadyClock::now() + std::chrono::seconds(5);
  while (!happened()) {
    if (SteadyClock::now() > limit) return false;
    loop.run_once(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace b2m::test

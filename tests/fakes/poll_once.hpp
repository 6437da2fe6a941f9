// One poll of a sensor as the daemon makes it, without its clock: init, trigger, read, the pauses added up instead of
// waited.
#pragma once

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "drivers/api/driver.hpp"

namespace b2m {

/// What a poll gave.
struct Poll {
  std::vector<Channel> channels;
  Samples samples;
  Progress::Duration waited{0};

  [[nodiscard]] bool has(std::string_view key) const { return find(key) < channels.size(); }
  /// The result of a channel; a failure of the test when there is no such channel.
  [[nodiscard]] Result<double> operator[](std::string_view key) const {
    const auto at = find(key);
    if (at < channels.size()) return samples[at];
    ADD_FAILURE() << "no channel " << key;
    return fail(Errc::unsupported, "no such channel");
  }

 private:
  [[nodiscard]] std::size_t find(std::string_view key) const {
    std::size_t i = 0;
    while (i < channels.size() && channels[i].key != key) ++i;
    return i;
  }
};

/// Calls one step of a sensor until it is finished; a step that asks for more than 200 calls or more than a minute of
/// pauses ends in `timeout`. The answer is the sum of the pauses, the last one included.
inline Result<Progress::Duration> run_step(Sensor& sensor, Result<Progress> (Sensor::*step)()) {
  Progress::Duration waited{0};
  for (int calls = 0; calls < 200 && waited < std::chrono::minutes(1); ++calls) {
    B2M_ASSIGN(const Progress progress, (sensor.*step)());
    waited += progress.pause();
    if (!progress.again()) return waited;
  }
  return fail(Errc::timeout, "the step did not end");
}

/// trigger and read, after a finished init.
inline Result<Poll> poll_again(Sensor& sensor) {
  auto channels = sensor.channels();
  Samples samples(channels.size());
  B2M_ASSIGN(const auto waited, run_step(sensor, &Sensor::trigger));
  B2M_TRY(sensor.read(samples));
  return Poll{std::move(channels), std::move(samples), waited};
}

/// init, trigger and read.
inline Result<Poll> poll_once(Sensor& sensor) {
  B2M_ASSIGN(const auto started, run_step(sensor, &Sensor::init));
  auto poll = poll_again(sensor);
  if (poll) poll->waited += started;
  return poll;
}

}  // namespace b2m

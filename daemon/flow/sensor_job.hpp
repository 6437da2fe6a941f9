// One poll of a sensor on its bus's worker: start it if it needs that, trigger, wait parked, read, stamp.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/flow/bus.hpp"
#include "daemon/flow/reading.hpp"
#include "drivers/api/board.hpp"
#include "drivers/api/driver.hpp"

namespace b2m {

/// What a poll brought.
struct PollOutcome {
  Result<> result = {};                               ///< the error of the whole device, if it has one
  std::optional<std::vector<Channel>> channels = {};  ///< when the device was started in this poll
  std::vector<Result<double>> values = {};            ///< one for each channel, in SI; empty when nothing was read
  Moment moment = {};                                 ///< when the last transfer ended
};

/// Polls one sensor. Reused for every poll of it. The worker owns it while it is under way, the loop otherwise.
class SensorJob final : public BusJob {
 public:
  /// `board` is kept alive as long as the job, since the sensor uses its ports. `finished` is called on the loop.
  SensorJob(std::shared_ptr<Board> board, std::unique_ptr<Sensor> sensor, std::function<void(PollOutcome)> finished);

  /// Starts the device anew at the next poll. Not while under way.
  void restart() { phase_ = Phase::init; }

  /// Does the next step and returns the pause before the one after it; none when the outcome stands. Never throws.
  std::optional<std::chrono::microseconds> work() override;
  /// Takes the outcome of the last poll.
  PollOutcome take_outcome() { return std::exchange(outcome_, {}); }

 private:
  enum class Phase : std::uint8_t { init, trigger, read };

  void begin();
  std::optional<std::chrono::microseconds> advance();
  std::optional<std::chrono::microseconds> after(Result<Progress> progress, Phase next);
  std::optional<std::chrono::microseconds> read();
  std::optional<std::chrono::microseconds> fail_with(Error error);
  std::optional<std::chrono::microseconds> finish_with(Result<> result);
  void refuse_impossible();
  [[nodiscard]] bool worth_another_try(const Error& error) const;
  void finish() override { finished_(take_outcome()); }

  std::shared_ptr<Board> board_;
  std::unique_ptr<Sensor> sensor_;
  std::function<void(PollOutcome)> finished_;

  Phase phase_ = Phase::init;
  std::vector<Channel> channels_;
  Samples samples_{0};
  PollOutcome outcome_;
  bool polling_ = false;  ///< between the first and the last step of a poll
  bool retried_ = false;
  int repeats_ = 0;                      ///< of the step under way
  std::chrono::microseconds waited_{0};  ///< in the step under way
};

}  // namespace b2m

// The life of a polled sensor: when it is read, what becomes of its values, and how it comes back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/flow/bus.hpp"
#include "daemon/flow/reading.hpp"
#include "daemon/flow/schedule.hpp"
#include "daemon/flow/sensor_channels.hpp"
#include "daemon/flow/sensor_job.hpp"
#include "daemon/loop/backoff.hpp"

namespace b2m {

enum class DeviceState : std::uint8_t {
  starting,  ///< not yet started since the daemon's start
  ready,     ///< measures
  failing,   ///< measured before, fails now, is read on
  absent,    ///< does not answer or cannot work; waits to be probed again
};
[[nodiscard]] std::string_view name(DeviceState state) noexcept;

/// What a sensor's device gave in a poll, before anything is derived or filtered.
struct RawReading {
  std::span<const Channel> channels;
  Result<std::span<const Result<double>>> values;  ///< one for each channel; the error when nothing could be read
  Moment moment;
  bool simulated = false;
};

/// Where a sensor's readings go. Called on the loop.
struct SensorSink {
  std::function<void(const SensorConfig&, std::span<const Channel>, const Measurement&)> measured;
  std::function<void(const SensorConfig&, bool online)> availability;
  /// An event of a sensor that has some ("press"); may be empty.
  std::function<void(const SensorConfig&, std::string_view event, const Moment&)> happened = {};
  /// Beside each `measured`; may be empty.
  std::function<void(const SensorConfig&, const RawReading&)> raw = {};
};

struct SensorCounters {
  std::uint64_t good = 0;     ///< polls that brought a number on every channel
  std::uint64_t failed = 0;   ///< polls that did not
  std::uint64_t skipped = 0;  ///< grid times that passed while a poll was under way or the bus was stuck
};

/// Loop only. At most one poll is under way.
class SensorDevice {
 public:
  /// `bus` and `sink` outlive the device. It is first due at `first`.
  SensorDevice(EventLoop& loop, SensorConfig config, Bus& bus, std::shared_ptr<Board> board,
               std::unique_ptr<Sensor> sensor, bool simulated, SteadyTime first, const SensorSink& sink);
  SensorDevice(const SensorDevice&) = delete;
  SensorDevice& operator=(const SensorDevice&) = delete;

  void start() { timer_.arm(schedule_.first()); }
  /// No further poll is begun; one under way ends unheard.
  void stop();
  /// Reads now, beside the schedule; nothing when a poll is under way.
  void read_now() { poll(); }

  [[nodiscard]] const SensorConfig& config() const noexcept { return config_; }
  [[nodiscard]] std::span<const Channel> channels() const noexcept { return channels_.channels(); }
  /// Before, they are what such a device may have.
  [[nodiscard]] bool knows_channels() const noexcept { return knows_channels_; }
  [[nodiscard]] DeviceState state() const noexcept { return state_; }
  [[nodiscard]] bool online() const noexcept { return online_.value_or(false); }
  [[nodiscard]] const SensorCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const std::optional<Error>& last_error() const noexcept { return last_error_; }
  /// The longest time a poll began after it was due, since the last call.
  [[nodiscard]] SteadyClock::duration take_delay() noexcept { return std::exchange(delay_, {}); }

 private:
  void on_due();
  void poll();
  void on_outcome(PollOutcome outcome);
  void succeed(const PollOutcome& outcome);
  void fail(const Error& error, const Moment& moment);
  void tell_fault(const Error& error, const Moment& moment);
  void become(DeviceState state);
  void set_online(bool online);
  void on_bus_stuck(bool stuck);
  void log_failure(const Error& error);

  const SensorConfig config_;
  const SensorSink& sink_;
  Schedule schedule_;
  SensorChannels channels_;
  bool knows_channels_ = false;
  bool simulated_;
  std::shared_ptr<SensorJob> job_;
  BusMember bus_;
  Timer timer_;
  Backoff probe_backoff_;

  DeviceState state_ = DeviceState::starting;
  std::optional<bool> online_;
  bool under_way_ = false;
  bool abandoned_ = false;  ///< the poll under way counts as failed already: the bus got stuck
  bool stopped_ = false;
  SteadyTime due_;
  SteadyClock::duration delay_{};
  unsigned failures_ = 0;  ///< polls failed in a row
  SensorCounters counters_;
  std::optional<Error> last_error_;
};

}  // namespace b2m

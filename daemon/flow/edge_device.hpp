// The life of a sensor that is told by edges: its lines, its values and events, its total.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/flow/command.hpp"
#include "daemon/flow/command_ids.hpp"
#include "daemon/flow/edge_lines.hpp"
#include "daemon/flow/keep_pace.hpp"
#include "daemon/flow/kept_values.hpp"
#include "daemon/flow/schedule.hpp"
#include "daemon/flow/sensor_channels.hpp"
#include "daemon/flow/sensor_device.hpp"
#include "daemon/loop/backoff.hpp"

namespace b2m {

/// Loop only.
class EdgeDevice {
 public:
  using Answer = std::function<void(const Outcome&)>;

  /// `kept`, `sink` and the bus outlive the device.
  EdgeDevice(EventLoop& loop, SensorConfig config, std::shared_ptr<Board> board, std::unique_ptr<EdgeSensor> sensor,
             EdgeLines::PollBus poll_bus, KeptValues& kept, const SensorSink& sink);

  /// Requests the lines; while that fails, tries again for ever, more and more slowly. Nothing when it was called
  /// before.
  void start();
  /// Keeps the total and lets go of the lines.
  void stop();
  /// Tells the values of now, beside the schedule; nothing while the lines are not there.
  void read_now();
  /// Sets the total, whose unit is the published one of the first channel, and answers, exactly once. Works also while
  /// the lines are not there. An id seen before gets its first answer again.
  void command(const Command& command, const Answer& answer);

  [[nodiscard]] const SensorConfig& config() const noexcept { return config_; }
  [[nodiscard]] std::span<const Channel> channels() const noexcept { return channels_.channels(); }
  [[nodiscard]] DeviceState state() const noexcept { return state_; }
  [[nodiscard]] bool online() const noexcept { return online_.value_or(false); }
  [[nodiscard]] const SensorCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const std::optional<Error>& last_error() const noexcept { return last_error_; }
  [[nodiscard]] std::uint64_t lost_edges() const noexcept { return lines_.lost_edges(); }

 private:
  void open();
  void on_changes(std::span<const LineChange> changes, SteadyTime until);
  void advance(SteadyTime until);
  void arm_due_timer();
  void take(const EdgeNews& news, SteadyTime time);
  void measure(SteadyTime time);
  void on_grid();
  void lose(const Error& error);
  void set_online(bool online);

  void restore_total();
  void keep_in_pace();
  void keep_total();
  [[nodiscard]] Outcome set_total(const Command& command);

  const SensorConfig config_;
  KeptValues& kept_;
  const SensorSink& sink_;
  std::unique_ptr<EdgeSensor> sensor_;
  SensorChannels channels_;
  Samples samples_;
  std::optional<KeepPace> pace_;  ///< of a total that is kept
  CommandIds ids_;
  Backoff backoff_;
  Timer retry_timer_;
  Timer due_timer_;
  Timer grid_timer_;
  Timer keep_timer_;
  Schedule grid_;
  EdgeLines lines_;

  bool started_ = false;
  DeviceState state_ = DeviceState::starting;
  std::optional<bool> online_;
  SensorCounters counters_;
  std::optional<Error> last_error_;
};

}  // namespace b2m

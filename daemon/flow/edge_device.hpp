// The life of a sensor that is told by edges: its line, its debouncing, its values.
#pragma once

#include <memory>
#include <optional>

#include "daemon/flow/debounce.hpp"
#include "daemon/flow/sensor_channels.hpp"
#include "daemon/flow/sensor_device.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// How an input's line is to be requested. The rows `active_low` and `pull` are those of its driver. Pure.
[[nodiscard]] InputSettings input_settings(const Options& options);

/// Loop only.
class EdgeDevice {
 public:
  /// `config`, `gpio` and `sink` outlive the device.
  EdgeDevice(EventLoop& loop, const SensorConfig& config, GpioPort& gpio, std::unique_ptr<EdgeSensor> sensor,
             const SensorSink& sink);

  /// Requests the line; while that fails, tries again for ever, more and more slowly.
  void start();
  void stop();

  [[nodiscard]] const SensorConfig& config() const noexcept { return config_; }
  [[nodiscard]] DeviceState state() const noexcept { return state_; }
  [[nodiscard]] bool online() const noexcept { return online_.value_or(false); }
  [[nodiscard]] const SensorCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const std::optional<Error>& last_error() const noexcept { return last_error_; }

 private:
  void open();
  void on_readable();
  void settle();
  void tell(bool active, SteadyTime time);
  void lose(const Error& error);
  void set_online(bool online);

  EventLoop& loop_;
  const SensorConfig& config_;
  GpioPort& gpio_;
  std::unique_ptr<EdgeSensor> sensor_;
  const SensorSink& sink_;
  SensorChannels channels_;
  Samples samples_;
  Debounce debounce_;
  Backoff backoff_;
  Timer retry_timer_;
  Timer settle_timer_;
  std::unique_ptr<InputLine> line_;
  std::optional<ReadWatch> watch_;  ///< of the line's descriptor; goes before the line

  DeviceState state_ = DeviceState::starting;
  std::optional<bool> online_;
  SensorCounters counters_;
  std::optional<Error> last_error_;
};

}  // namespace b2m

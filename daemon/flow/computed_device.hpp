// The life of a sensor that is computed from another: it measures when that one does, and is there when that one is.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "daemon/flow/computation.hpp"
#include "daemon/flow/sensor_channels.hpp"
#include "daemon/flow/sensor_device.hpp"

namespace b2m {

/// Which of `channels` each input of a computed sensor is, by the names in its configuration. Pure.
[[nodiscard]] std::vector<BoundInput> bind_inputs(const SensorConfig& config, std::span<const Channel> channels);

/// Loop only.
class ComputedDevice {
 public:
  /// `sink` outlives the device.
  ComputedDevice(SensorConfig config, std::unique_ptr<ComputedSensor> sensor, const SensorSink& sink);

  /// Its source was read. The time of the measurement is the source's.
  void on_source(const RawReading& reading);
  void on_source_availability(bool online);

  [[nodiscard]] const SensorConfig& config() const noexcept { return config_; }
  [[nodiscard]] std::span<const Channel> channels() const noexcept { return channels_.channels(); }
  [[nodiscard]] DeviceState state() const noexcept { return state_; }
  [[nodiscard]] bool online() const noexcept { return online_.value_or(false); }
  [[nodiscard]] const SensorCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const std::optional<Error>& last_error() const noexcept { return last_error_; }

 private:
  void note(std::span<const Result<double>> values);

  const SensorConfig config_;
  const SensorSink& sink_;
  Computation computation_;
  SensorChannels channels_;

  DeviceState state_ = DeviceState::starting;
  std::optional<bool> online_;
  SensorCounters counters_;
  std::optional<Error> last_error_;
};

}  // namespace b2m

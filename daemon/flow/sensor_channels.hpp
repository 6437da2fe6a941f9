// The channels of a sensor with their filters: raw values in, the readings of a measurement out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/flow/derived_channels.hpp"
#include "daemon/flow/filter.hpp"
#include "daemon/flow/reading.hpp"
#include "drivers/api/channel.hpp"

namespace b2m {

/// Loop only.
class SensorChannels {
 public:
  /// `config` outlives it. The channels that the driver's table names are known from the start.
  explicit SensorChannels(const SensorConfig& config);

  /// What the device has. The filters of a channel that stays keep their state.
  void assign(std::vector<Channel> channels);
  /// What the device has, and after that what is derived from it.
  [[nodiscard]] std::span<const Channel> channels() const noexcept { return channels_; }
  /// What the device has.
  [[nodiscard]] std::span<const Channel> own_channels() const noexcept { return channels().first(own_); }

  /// The measurement of these values, one for each of own_channels(), without the channels that are disabled or held
  /// back.
  Measurement measure(std::vector<Result<double>> values, const Moment& moment);
  /// The measurement that says that nothing could be read, and why.
  Measurement fault(const Error& error, const Moment& moment);

 private:
  struct Stage {
    bool disabled = false;
    Pipeline pipeline;
  };
  [[nodiscard]] Stage make_stage(const Channel& channel) const;
  [[nodiscard]] std::optional<Reading> filter(std::size_t channel, const Result<double>& value, SteadyTime now);
  [[nodiscard]] Measurement next(const Moment& moment);

  const SensorConfig& config_;
  DerivedChannels derived_;
  std::vector<Channel> channels_;
  std::size_t own_ = 0;  ///< the first ones are the device's
  std::vector<Stage> stages_;
  std::uint64_t sequence_ = 0;
};

}  // namespace b2m

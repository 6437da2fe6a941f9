// Values that follow from other values of the same moment: what computed sensors and derived channels share.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "drivers/api/driver.hpp"

namespace b2m {

/// Which of the source's values an input is; none when it is not configured; an error when the source has no such
/// channel.
using BoundInput = Result<std::optional<std::size_t>>;

/// A ComputedSensor on the channels of a source. What fails in the source fails here for the same reason. Loop only.
class Computation {
 public:
  explicit Computation(std::unique_ptr<ComputedSensor> sensor)
      : sensor_(std::move(sensor)), channels_(sensor_->channels()) {}

  [[nodiscard]] std::span<const Channel> channels() const noexcept { return channels_; }
  /// To be called before compute(), and when the source has other channels. One for each input.
  void bind(std::vector<BoundInput> inputs) { inputs_ = std::move(inputs); }
  /// One for each channel, from the source's values.
  [[nodiscard]] std::vector<Result<double>> compute(std::span<const Result<double>> source) const;

 private:
  [[nodiscard]] Result<std::vector<std::optional<double>>> collect(std::span<const Result<double>> source) const;

  std::unique_ptr<ComputedSensor> sensor_;
  std::vector<Channel> channels_;
  std::vector<BoundInput> inputs_;
};

}  // namespace b2m

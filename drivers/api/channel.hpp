// Channels: what a sensor measures, and the values of one reading of it.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/api/quantity.hpp"
#include "drivers/api/result.hpp"

namespace b2m {

/// A row of a driver's channel table.
struct ChannelSpec {
  std::string_view key;  ///< unique in the sensor, `[a-z0-9_]+`; what payloads and `channels.<key>` use
  Quantity quantity;
  Range range;  ///< SI; what the part can output. A value outside it is refused as out_of_range
  std::string_view summary = {};
};

/// A channel of a running sensor. Owns its name: kernel drivers learn theirs from the device.
struct Channel {
  std::string key;
  Quantity quantity;
  Range range;
};

/// The values of one reading: a number in SI, or the reason why there is none, for each channel. In one thread at a
/// time.
class Samples {
 public:
  explicit Samples(std::size_t channels) : values_(channels, unmeasured()) {}

  /// A value that is not finite is never kept: it becomes out_of_range.
  void set(std::size_t channel, Result<double> value) {
    if (value && !std::isfinite(*value)) value = fail(Errc::out_of_range, "not a finite number");
    values_.at(channel) = std::move(value);
  }
  void fail_all(const Error& error) {
    for (auto& value : values_) value = tl::unexpected(error);
  }
  void clear(std::size_t channels) { values_.assign(channels, unmeasured()); }

  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] const Result<double>& operator[](std::size_t channel) const { return values_.at(channel); }

 private:
  static Result<double> unmeasured() { return fail(Errc::not_ready); }
  std::vector<Result<double>> values_;
};

/// Owning copies of a static channel table.
[[nodiscard]] inline std::vector<Channel> to_channels(std::span<const ChannelSpec> specs) {
  std::vector<Channel> channels;
  channels.reserve(specs.size());
  for (const auto& spec : specs) channels.push_back({std::string(spec.key), spec.quantity, spec.range});
  return channels;
}

}  // namespace b2m

#include "daemon/flow/computation.hpp"

#include <fmt/format.h>

#include <utility>

namespace b2m {

Result<std::vector<std::optional<double>>> Computation::collect(std::span<const Result<double>> source) const {
  std::vector<std::optional<double>> values;
  values.reserve(inputs_.size());
  for (const auto& input : inputs_) {
    B2M_TRY(input);
    auto& value = values.emplace_back();
    if (!*input) continue;
    const auto index = **input;
    if (index >= source.size()) return fail(Errc::not_ready, "its source has not been measured");
    B2M_ASSIGN(value, source[index]);
  }
  return values;
}

std::vector<Result<double>> Computation::compute(std::span<const Result<double>> source) const {
  Samples samples(channels_.size());
  if (const auto inputs = collect(source)) {
    sensor_->compute(*inputs, samples);
  } else {
    samples.fail_all(inputs.error());
  }
  std::vector<Result<double>> values;
  values.reserve(channels_.size());
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    values.push_back(samples[i]);
    if (samples[i] && !channels_[i].range.contains(*samples[i]))
      values.back() =
          fail(Errc::out_of_range, fmt::format("{:g} is beyond what {} can be", *samples[i], channels_[i].key));
  }
  return values;
}

}  // namespace b2m

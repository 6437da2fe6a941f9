#include "daemon/flow/sensor_channels.hpp"

#include <algorithm>
#include <utility>

namespace b2m {

SensorChannels::SensorChannels(const SensorConfig& config) : config_(config), derived_(config) {
  assign(to_channels(config.driver.channels()));
}

void SensorChannels::assign(std::vector<Channel> channels) {
  own_ = channels.size();
  derived_.extend(channels);
  std::vector<Stage> stages;
  stages.reserve(channels.size());
  for (const auto& channel : channels) {
    const auto at = std::find_if(channels_.begin(), channels_.end(), [&](const Channel& known) {
      return known.key == channel.key && known.quantity == channel.quantity;
    });
    stages.push_back(at == channels_.end() ? make_stage(channel)
                                           : std::move(stages_[static_cast<std::size_t>(at - channels_.begin())]));
  }
  channels_ = std::move(channels);
  stages_ = std::move(stages);
}

SensorChannels::Stage SensorChannels::make_stage(const Channel& channel) const {
  auto filters = config_.filters;
  bool disabled = false;
  for (const auto& own : config_.channels) {
    if (own.key != channel.key) continue;
    disabled = own.disabled;
    filters.insert(filters.end(), own.filters.begin(), own.filters.end());
  }
  return {disabled, Pipeline(filters, info(channel.quantity).scale)};
}

std::optional<Reading> SensorChannels::filter(std::size_t channel, const Result<double>& value, SteadyTime now) {
  auto& stage = stages_[channel];
  if (stage.disabled) return std::nullopt;
  if (!value) {
    stage.pipeline.restart();
    return Reading{channel, value, Quality::fault};
  }
  auto filtered = stage.pipeline.push(*value, now);
  if (!filtered) return Reading{channel, tl::unexpected(std::move(filtered).error()), Quality::fault};
  if (!*filtered) return std::nullopt;
  return Reading{channel, **filtered, Quality::good};
}

Measurement SensorChannels::next(const Moment& moment) {
  Measurement measurement{.sequence = ++sequence_, .moment = moment, .readings = {}};
  measurement.readings.reserve(channels_.size());
  return measurement;
}

Measurement SensorChannels::measure(std::vector<Result<double>> values, const Moment& moment) {
  derived_.extend(values);
  auto measurement = next(moment);
  for (std::size_t i = 0; i < std::min(values.size(), channels_.size()); ++i) {
    if (auto reading = filter(i, values[i], moment.monotonic)) measurement.readings.push_back(std::move(*reading));
  }
  return measurement;
}

Measurement SensorChannels::fault(const Error& error, const Moment& moment) {
  auto measurement = next(moment);
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    if (stages_[i].disabled) continue;
    stages_[i].pipeline.restart();
    measurement.readings.push_back({i, tl::unexpected(error), Quality::fault});
  }
  return measurement;
}

}  // namespace b2m

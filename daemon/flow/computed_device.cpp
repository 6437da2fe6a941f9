#include "daemon/flow/computed_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/log/log.hpp"

namespace b2m {
namespace {

std::string keys_of(std::span<const Channel> channels) {
  std::vector<std::string_view> keys;
  for (const auto& channel : channels) keys.push_back(channel.key);
  return fmt::format("{}", fmt::join(keys, ", "));
}

BoundInput bind_input(const SourceConfig& source, const std::string& key, Quantity quantity,
                      std::span<const Channel> channels) {
  if (key.empty()) return std::nullopt;
  const auto at =
      std::find_if(channels.begin(), channels.end(), [&](const Channel& channel) { return channel.key == key; });
  if (at == channels.end())
    return fail(Errc::unsupported,
                fmt::format("{} has no channel {}; it has: {}", source.sensor, key, keys_of(channels)));
  if (at->quantity != quantity)
    return fail(Errc::unsupported, fmt::format("{}.{} is a {}; a {} is needed", source.sensor, key,
                                               info(at->quantity).key, info(quantity).key));
  return static_cast<std::size_t>(at - channels.begin());
}

}  // namespace

std::vector<BoundInput> bind_inputs(const SensorConfig& config, std::span<const Channel> channels) {
  const auto specs = config.driver.driver->inputs;
  std::vector<BoundInput> inputs;
  for (std::size_t i = 0; i < specs.size(); ++i)
    inputs.push_back(bind_input(config.source, config.source.channels.at(i), specs[i].quantity, channels));
  return inputs;
}

ComputedDevice::ComputedDevice(SensorConfig config, std::unique_ptr<ComputedSensor> sensor, const SensorSink& sink)
    : config_(std::move(config)), sink_(sink), computation_(std::move(sensor)), channels_(config_) {
  channels_.assign({computation_.channels().begin(), computation_.channels().end()});
}

void ComputedDevice::on_source(const RawReading& reading) {
  if (!reading.values) {
    ++counters_.failed;
    last_error_ = reading.values.error();  // the source has logged it
    state_ = DeviceState::failing;
    return sink_.measured(config_, channels_.channels(), channels_.fault(reading.values.error(), reading.moment));
  }
  computation_.bind(bind_inputs(config_, reading.channels));
  auto values = computation_.compute(*reading.values);
  note(values);
  auto measurement = channels_.measure(std::move(values), reading.moment);
  measurement.simulated = reading.simulated;
  sink_.measured(config_, channels_.channels(), measurement);
}

/// Counts, and logs what has changed.
void ComputedDevice::note(std::span<const Result<double>> values) {
  const auto bad = std::find_if(values.begin(), values.end(), [](const auto& value) { return !value; });
  if (bad == values.end()) {
    if (last_error_)
      log::notice({.device = config_.id, .message_id = log::id_device_recovered}, "can be computed again");
    ++counters_.good;
    last_error_.reset();
    state_ = DeviceState::ready;
    return;
  }
  ++counters_.failed;
  if (last_error_ != bad->error())
    log::warning({.device = config_.id, .error = name(bad->error().code)}, "{}", to_string(bad->error()));
  last_error_ = bad->error();
  state_ = DeviceState::failing;
}

void ComputedDevice::on_source_availability(bool online) {
  if (!online) state_ = DeviceState::absent;
  if (online_ == online) return;
  online_ = online;
  sink_.availability(config_, online);
}

}  // namespace b2m

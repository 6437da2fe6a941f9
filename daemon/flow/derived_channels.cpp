#include "daemon/flow/derived_channels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace b2m {
namespace {

/// The first channel of that quantity.
BoundInput find_input(std::span<const Channel> channels, Quantity quantity) {
  const auto at = std::find_if(channels.begin(), channels.end(),
                               [&](const Channel& channel) { return channel.quantity == quantity; });
  if (at == channels.end()) return fail(Errc::unsupported, fmt::format("the device has no {}", info(quantity).key));
  return static_cast<std::size_t>(at - channels.begin());
}

}  // namespace

DerivedChannels::DerivedChannels(const SensorConfig& config) {
  items_.reserve(config.derive.size());
  for (const auto derivation : config.derive)
    items_.push_back({derivation, Computation(make_derivation(derivation, config.altitude_m))});
}

void DerivedChannels::extend(std::vector<Channel>& channels) {
  const auto own = channels.size();
  for (auto& [derivation, computation] : items_) {
    const std::span<const Channel> sources = std::span(channels).first(own);
    std::vector<BoundInput> inputs;
    for (const auto quantity : info(derivation).inputs) inputs.push_back(find_input(sources, quantity));
    computation.bind(std::move(inputs));
    channels.insert(channels.end(), computation.channels().begin(), computation.channels().end());
  }
}

void DerivedChannels::extend(std::vector<Result<double>>& values) const {
  const std::vector<Result<double>> own = items_.empty() ? std::vector<Result<double>>{} : values;
  for (const auto& item : items_) {
    auto derived = item.computation.compute(own);
    std::move(derived.begin(), derived.end(), std::back_inserter(values));
  }
}

}  // namespace b2m

#include "daemon/sim/plausible_sensor.hpp"

#include <algorithm>
#include <cmath>

namespace b2m {
namespace {

bool is_whole(Quantity quantity) {
  return quantity == Quantity::state || quantity == Quantity::count || quantity == Quantity::air_quality_index;
}

/// What a counter of this quantity gains in a second, in SI: 10 W, 1 mm/h, 0.01 L/s.
double growth_per_second(Quantity quantity) {
  switch (quantity) {
    case Quantity::energy: return 10;
    case Quantity::precipitation: return 1e-3 / 3600;
    default: return 1e-5;
  }
}

/// Worker only.
class PlausibleSensor final : public Sensor {
 public:
  PlausibleSensor(std::span<const ChannelSpec> channels, SimulationClock clock, std::uint32_t seed)
      : channels_(to_channels(channels)), clock_(std::move(clock)), start_(clock_()), seed_(seed) {}

  [[nodiscard]] std::vector<Channel> channels() const override { return channels_; }

  Result<> read(Samples& samples) override {
    for (std::size_t i = 0; i < channels_.size(); ++i) samples.set(i, value(i));
    return {};
  }

 private:
  [[nodiscard]] double value(std::size_t index) const {
    const auto& channel = channels_[index];
    if (info(channel.quantity).state_class == "total_increasing") return total(channel);
    const Motion motion(everyday_range(channel.quantity, channel.range),
                        seed_ + 37 * static_cast<std::uint32_t>(index));
    const double moved = motion.at(clock_());
    return is_whole(channel.quantity) ? std::round(moved) : moved;
  }

  [[nodiscard]] double total(const Channel& channel) const {
    const Range range = everyday_range(channel.quantity, channel.range);
    const double seconds = std::chrono::duration<double>(clock_() - start_).count();
    return std::min(range.low + growth_per_second(channel.quantity) * seconds, range.high);
  }

  std::vector<Channel> channels_;
  SimulationClock clock_;
  std::chrono::steady_clock::time_point start_;
  std::uint32_t seed_;
};

}  // namespace

std::unique_ptr<Sensor> make_plausible_sensor(std::span<const ChannelSpec> channels, const SimulationClock& clock,
                                              std::uint32_t seed) {
  return std::make_unique<PlausibleSensor>(channels, clock, seed);
}

}  // namespace b2m

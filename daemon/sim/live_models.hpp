// The chips that `--simulate` has as register models: one table from the name of a driver or model to what makes its
// chip.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "daemon/sim/motion.hpp"
#include "daemon/sim/simulated_i2c.hpp"

namespace b2m {

/// What makes one device differ from the next of its kind.
struct LiveContext {
  SimulationClock clock;
  std::uint32_t seed;

  /// The everyday value of a quantity as this device sees it; `salt` tells two values of one quantity apart.
  [[nodiscard]] MovingValue moving(Quantity quantity, std::uint32_t salt = 0) const {
    return {clock, everyday_range(quantity), seed + 37 * static_cast<std::uint32_t>(quantity) + 101 * salt};
  }
};

using MakeLiveModel = std::unique_ptr<ChipModel> (*)(const LiveContext&);

struct LiveModelRow {
  std::string_view name;  ///< of a driver or of one of its models
  MakeLiveModel make;
};

/// The factory for a chip, or none: then only plausible values can stand for it. Pure.
[[nodiscard]] MakeLiveModel find_live_model(std::string_view name) noexcept;

[[nodiscard]] std::unique_ptr<ChipModel> make_live_bme280(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_bmp280(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_lm75(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_tmp102(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_tmp117(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_sht3x(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_bh1750(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_ads1115(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_ads1015(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_mcp23017(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_mcp23008(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_pcf8574(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_pcf8575(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_pca9685(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_mcp4725(const LiveContext& context);
[[nodiscard]] std::unique_ptr<ChipModel> make_live_pcf8591(const LiveContext& context);

}  // namespace b2m

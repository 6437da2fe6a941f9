// How simulated values move: slow sums of sines inside a range, so that somebody watching sees life and no jump.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

#include "drivers/api/channel.hpp"
#include "drivers/api/quantity.hpp"

namespace b2m {

/// Where the simulated board takes its time from; tests pass their own.
using SimulationClock = std::function<std::chrono::steady_clock::time_point()>;

/// A value that wanders through `range` for ever. Pure.
class Motion {
 public:
  /// Motions of different `seed` do not move in step.
  Motion(Range range, std::uint32_t seed) : range_(range), seed_(seed) {}
  /// In `range`; within a second it changes by less than a twentieth of it.
  [[nodiscard]] double at(std::chrono::steady_clock::time_point now) const;

 private:
  Range range_;
  std::uint32_t seed_;
};

/// A motion tied to a clock: what chip models and files ask for their present value. Any thread, as far as the clock
/// is.
class MovingValue {
 public:
  MovingValue(SimulationClock clock, Range range, std::uint32_t seed)
      : clock_(std::move(clock)), motion_(range, seed) {}
  [[nodiscard]] double operator()() const { return motion_.at(clock_()); }

 private:
  SimulationClock clock_;
  Motion motion_;
};

/// What a device on somebody's desk would measure, inside info(quantity).plausible. Pure.
[[nodiscard]] Range everyday_range(Quantity quantity) noexcept;
/// The everyday range as far as `limits` (what a part can output) and plausibility allow; `limits` where they do not
/// meet. Pure.
[[nodiscard]] Range everyday_range(Quantity quantity, Range limits) noexcept;

/// A stable number from a name, so that each device moves in its own way in every run. Pure.
[[nodiscard]] std::uint32_t seed_of(std::string_view name) noexcept;

}  // namespace b2m

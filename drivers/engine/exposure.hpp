// The engine for light sensors that count for a set time at a set gain: each reading is a measurement of its own, and
// the setting follows the light, so that neither sun nor dusk leaves the scale.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bounded_wait.hpp"

namespace b2m {

/// A gain of a chip, as a user names it.
struct Gain {
  std::string_view name;
  double factor;
  std::uint8_t code;
};

/// An integration time of a chip, as a user names it.
struct IntegrationTime {
  std::string_view name;
  std::chrono::microseconds time;  ///< nominal
  std::uint8_t code;
  std::uint32_t full_scale = 65535;  ///< the count at which the chip clips
};

/// One setting of both.
struct Exposure {
  Gain gain;
  IntegrationTime time;
  [[nodiscard]] constexpr double milliseconds() const { return static_cast<double>(time.time.count()) / 1000; }
  /// Counts for the same light, compared with gain 1 and 1 ms.
  [[nodiscard]] constexpr double sensitivity() const { return gain.factor * milliseconds(); }
};

/// The name that lets the engine choose.
inline constexpr std::string_view automatic = "auto";

/// The names of gains or times, as a row of options offers them. Pure.
template <class Setting, std::size_t N>
constexpr std::array<std::string_view, N> names_of(const std::array<Setting, N>& settings) {
  std::array<std::string_view, N> names{};
  for (std::size_t i = 0; i < N; ++i) names[i] = settings[i].name;
  return names;
}

/// The same, where the engine may choose as well. Pure.
template <class Setting, std::size_t N>
constexpr std::array<std::string_view, N + 1> auto_and_names_of(const std::array<Setting, N>& settings) {
  std::array<std::string_view, N + 1> names{automatic};
  for (std::size_t i = 0; i < N; ++i) names[i + 1] = settings[i].name;
  return names;
}

/// The settings that the two names allow, from the least to the most sensitive. Steps of less than 1.9 are left out; of
/// settings that are equally sensitive the shortest is taken. Pure.
[[nodiscard]] std::vector<Exposure> make_ladder(std::span<const Gain> gains, std::span<const IntegrationTime> times,
                                                std::string_view gain, std::string_view time);
/// The same, with the names in the options `gain` and `integration_time`. Pure.
[[nodiscard]] std::vector<Exposure> make_ladder(std::span<const Gain> gains, std::span<const IntegrationTime> times,
                                                const Options& options);

/// The rung to measure at again after `counts` at `rung`: the first when it was clipped, a more sensitive one when it
/// was a thirtieth of the scale or less, as far as half of the scale; else the same. Pure.
[[nodiscard]] std::size_t better_rung(std::span<const Exposure> ladder, std::size_t rung, std::uint32_t counts);

/// Measures, and measures again at a better setting, at most three times for a reading.
/// Worker only.
class ExposureSensor : public Sensor {
 public:
  Result<Progress> init() final;
  Result<Progress> trigger() final;

 protected:
  /// `ladder` has at least one setting.
  explicit ExposureSensor(std::vector<Exposure> ladder) : ladder_(std::move(ladder)) {}

  /// Checks the identity and leaves the chip ready for start().
  virtual Result<Progress> prepare() = 0;
  /// Stops what runs, sets the chip and starts a measurement; returns how long it takes at the longest.
  virtual Result<Progress::Duration> start(const Exposure& exposure) = 0;
  /// Whether the measurement has ended, for chips that tell.
  virtual Result<bool> finished() { return true; }
  /// Fetches the result and returns its largest count.
  virtual Result<std::uint32_t> fetch() = 0;

  /// Of the result fetched last.
  [[nodiscard]] const Exposure& exposure() const { return ladder_[rung_]; }
  /// out_of_range when the result fetched last was clipped, not_ready when there is none.
  [[nodiscard]] Result<> usable() const;

 private:
  Result<Progress> begin();
  Result<Progress> look();

  std::vector<Exposure> ladder_;
  std::size_t rung_ = 0;
  unsigned attempts_ = 0;
  bool measuring_ = false;
  bool measured_ = false;
  bool clipped_ = false;
  BoundedWait wait_{std::chrono::milliseconds(10), 50, "finish its measurement"};
};

}  // namespace b2m

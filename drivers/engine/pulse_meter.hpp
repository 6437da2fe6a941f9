// What counts pulses: water meters, rain gauges, anemometers, the S0 output of electricity meters. A driver is a table:
// what a pulse stands for and how its channels are called.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "drivers/api/driver.hpp"
#include "drivers/engine/input_options.hpp"

namespace b2m {

/// How often pulses come, from their own times: the mean over a window of them, falling with the time that has gone by
/// without one, and 0 after a silence. Pure.
class PulseRate {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::nanoseconds;

  PulseRate(Duration window, Duration silence) : window_(window), silence_(silence) {}

  /// `pulses` came, the last of them at `time`.
  void add(std::uint64_t pulses, TimePoint time);
  /// In 1/s. 0 until two pulses have come, and again when none came for the silence.
  [[nodiscard]] double at(TimePoint now) const;

 private:
  struct Mark {
    TimePoint time;
    std::uint64_t pulses;  ///< counted up to then
  };
  Duration window_;
  Duration silence_;
  std::deque<Mark> marks_;  ///< at most one for each 1/32 of the window, and one before it
  Mark last_{};
};

/// What a pulse stands for.
struct PulseMeterTable {
  std::span<const ChannelSpec> channels;  ///< the total and its rate, or the rate alone
  double rate_scale = 1;                  ///< the rate's SI value for one total's SI unit each second
  [[nodiscard]] constexpr bool has_total() const noexcept { return channels.size() == 2; }
};

/// Counts one kind of edge. Pure. Loop only.
class PulseMeter final : public EdgeSensor {
 public:
  /// `per_pulse`: what a pulse adds to the total, in SI (for a rate alone: what 1 Hz stands for). The options are those
  /// of pulse_options().
  PulseMeter(const PulseMeterTable& table, double per_pulse, const Options& options);

  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(table_.channels); }
  [[nodiscard]] std::vector<LineUse> lines() const override;
  EdgeNews start(const std::vector<bool>& levels, TimePoint now) override;
  EdgeNews on_change(const LineChange& change) override;
  [[nodiscard]] std::optional<TimePoint> next_due() const override { return tell_at_; }
  EdgeNews on_time(TimePoint now) override;
  void measure(TimePoint now, Samples& samples) override;
  [[nodiscard]] std::optional<KeepRule> keep_rule() const override;
  [[nodiscard]] double total() const override { return base_ + static_cast<double>(pulses_) * per_pulse_; }
  void set_total(double value) override;

 private:
  PulseMeterTable table_;
  double per_pulse_;
  Edges edge_;
  std::chrono::nanoseconds debounce_;
  std::optional<std::chrono::nanoseconds> min_interval_;
  std::optional<KeepRule> keep_rule_;
  PulseRate rate_;
  double base_ = 0;           ///< the total before the pulses counted here, which stay whole numbers
  std::uint64_t pulses_ = 0;  ///< since base_
  std::optional<TimePoint> told_;
  std::optional<TimePoint> tell_at_;
};

/// What suits a part.
struct PulseDefaults {
  std::string_view debounce = "0s";
  std::string_view window = "1s";
  std::string_view silence = "10s";
};

inline constexpr std::string_view pulse_edges[] = {"active", "inactive"};

/// The options of everything that counts pulses, after those of its own. `own` of several are joined by the driver.
template <std::size_t N>
constexpr std::array<OptionSpec, N + 7> pulse_options(const std::array<OptionSpec, N>& own,
                                                      const PulseDefaults& defaults) {
  std::array<OptionSpec, N + 7> rows{};
  for (std::size_t i = 0; i < N; ++i) rows[i] = own[i];
  rows[N] = input_options::pull;
  rows[N + 1] = input_options::debounce(defaults.debounce);
  rows[N + 2] = input_options::poll;
  rows[N + 3] = {.key = "edge",
                 .type = OptionType::choice,
                 .summary = "what counts: the line becoming active, or inactive",
                 .fallback = "active",
                 .choices = pulse_edges};
  rows[N + 4] = {.key = "window",
                 .type = OptionType::duration,
                 .summary = "the rate is the mean over this time, or over two pulses where they come more slowly",
                 .fallback = defaults.window,
                 .min = 0.001,
                 .max = 86400};
  rows[N + 5] = {.key = "silence",
                 .type = OptionType::duration,
                 .summary = "without a pulse for this long, the rate is 0",
                 .fallback = defaults.silence,
                 .min = 0.01,
                 .max = 7 * 86400};
  rows[N + 6] = {.key = "min_interval",
                 .type = OptionType::duration,
                 .summary = "tell new pulses at once, but not more often than this; default: each \"every\" alone",
                 .min = 0.01,
                 .max = 86400};
  return rows;
}

inline constexpr OptionSpec keep_pulses{.key = "keep_pulses",
                                        .type = OptionType::integer,
                                        .summary = "the total is written down after this many pulses",
                                        .fallback = "100",
                                        .min = 1,
                                        .max = 1e9};
inline constexpr OptionSpec keep_at_most{.key = "keep_at_most",
                                         .type = OptionType::duration,
                                         .summary = "but not more often than this, which spares the SD card",
                                         .fallback = "10s",
                                         .min = 0,
                                         .max = 86400};
inline constexpr OptionSpec keep_at_least{.key = "keep_at_least",
                                          .type = OptionType::duration,
                                          .summary = "and at the latest this long after a pulse",
                                          .fallback = "5min",
                                          .min = 1,
                                          .max = 86400};

}  // namespace b2m

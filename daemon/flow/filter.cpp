#include "daemon/flow/filter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "daemon/flow/filters/map.hpp"
#include "daemon/flow/filters/refuse.hpp"
#include "daemon/flow/filters/smooth.hpp"
#include "daemon/flow/filters/tell.hpp"

namespace b2m {
namespace {

using FilterPointer = std::unique_ptr<Filter>;
using Make = FilterPointer (*)(const FilterSpec&);

double number(const FilterSpec& spec, std::size_t index = 0) { return spec.numbers.at(index); }

template <filters::Summary summary>
FilterPointer make_window(const FilterSpec& spec) {
  return std::make_unique<filters::Window>(static_cast<std::size_t>(number(spec)), summary);
}

template <class Timed>
FilterPointer make_timed(const FilterSpec& spec) {
  return std::make_unique<Timed>(spec.duration);
}

FilterPointer make_offset(const FilterSpec& spec) {
  return filters::map([offset = number(spec)](double value) { return value + offset; });
}
FilterPointer make_multiply(const FilterSpec& spec) {
  return filters::map([factor = number(spec)](double value) { return value * factor; });
}
FilterPointer make_linear(const FilterSpec& spec) {
  return filters::map([points = spec.numbers](double value) { return filters::interpolate(points, value); });
}
FilterPointer make_polynomial(const FilterSpec& spec) {
  return filters::map([terms = spec.numbers](double value) { return filters::polynomial(terms, value); });
}
FilterPointer make_clamp(const FilterSpec& spec) {
  return filters::map(
      [low = number(spec), high = number(spec, 1)](double value) { return std::clamp(value, low, high); });
}
FilterPointer make_round(const FilterSpec& spec) {
  return filters::map([digits = number(spec)](double value) { return filters::round_to(value, digits); });
}
FilterPointer make_reject_outside(const FilterSpec& spec) {
  return std::make_unique<filters::RejectOutside>(number(spec), number(spec, 1));
}
FilterPointer make_max_rate(const FilterSpec& spec) { return std::make_unique<filters::MaxRate>(number(spec)); }
FilterPointer make_median(const FilterSpec& spec) {
  return std::make_unique<filters::Window>(static_cast<std::size_t>(number(spec)), filters::quantile_of, 0.5);
}
FilterPointer make_quantile(const FilterSpec& spec) {
  return std::make_unique<filters::Window>(static_cast<std::size_t>(number(spec)), filters::quantile_of,
                                           number(spec, 1));
}
FilterPointer make_exponential(const FilterSpec& spec) { return std::make_unique<filters::Exponential>(number(spec)); }
FilterPointer make_delta(const FilterSpec& spec) { return std::make_unique<filters::Delta>(number(spec), spec.share); }

// clang-format off
constexpr std::array infos{
    FilterInfo{FilterKind::offset, "offset", FilterParameter::number, "adds a number"},
    FilterInfo{FilterKind::multiply, "multiply", FilterParameter::number, "multiplies by a number"},
    FilterInfo{FilterKind::calibrate_linear, "calibrate_linear", FilterParameter::points,
               "corrects along straight lines between [measured, true] points; the outer lines go on"},
    FilterInfo{FilterKind::calibrate_polynomial, "calibrate_polynomial", FilterParameter::coefficients,
               "corrects by a polynomial, lowest power first"},
    FilterInfo{FilterKind::clamp, "clamp", FilterParameter::interval, "moves what is outside to the nearer limit"},
    FilterInfo{FilterKind::reject_outside, "reject_outside", FilterParameter::interval, "what is outside becomes the error out_of_range"},
    FilterInfo{FilterKind::max_rate, "max_rate", FilterParameter::number,
               "what jumps faster than this much a second becomes the error out_of_range; five that agree are believed"},
    FilterInfo{FilterKind::median, "median", FilterParameter::window, "median of the last readings"},
    FilterInfo{FilterKind::mean, "mean", FilterParameter::window, "mean of the last readings"},
    FilterInfo{FilterKind::exponential, "exponential", FilterParameter::number,
               "smooths; the number is the share of a new reading, above 0 to 1"},
    FilterInfo{FilterKind::min, "min", FilterParameter::window, "least of the last readings"},
    FilterInfo{FilterKind::max, "max", FilterParameter::window, "greatest of the last readings"},
    FilterInfo{FilterKind::quantile, "quantile", FilterParameter::quantile, "quantile q, 0 to 1, of the last readings"},
    FilterInfo{FilterKind::delta, "delta", FilterParameter::number_or_share,
               "holds back what differs from the last told value by less than this, or by less than this share of it"},
    FilterInfo{FilterKind::throttle, "throttle", FilterParameter::duration, "at most one value in this time"},
    FilterInfo{FilterKind::throttle_mean, "throttle_mean", FilterParameter::duration, "the mean of each such time"},
    FilterInfo{FilterKind::heartbeat, "heartbeat", FilterParameter::duration,
               "tells the last value again when nothing was told for this time"},
    FilterInfo{FilterKind::round, "round", FilterParameter::digits, "rounds to this many digits after the point"},
    FilterInfo{FilterKind::stuck_after, "stuck_after", FilterParameter::duration,
               "what has not changed for this time becomes the error not_ready"},
    FilterInfo{FilterKind::debounce, "debounce", FilterParameter::duration,
               "holds a change back until it has lasted this long"},
};

struct Factory {
  FilterKind kind;
  Make make;
};
constexpr std::array factories{
    Factory{FilterKind::offset, make_offset},
    Factory{FilterKind::multiply, make_multiply},
    Factory{FilterKind::calibrate_linear, make_linear},
    Factory{FilterKind::calibrate_polynomial, make_polynomial},
    Factory{FilterKind::clamp, make_clamp},
    Factory{FilterKind::reject_outside, make_reject_outside},
    Factory{FilterKind::max_rate, make_max_rate},
    Factory{FilterKind::median, make_median},
    Factory{FilterKind::mean, make_window<filters::mean_of>},
    Factory{FilterKind::exponential, make_exponential},
    Factory{FilterKind::min, make_window<filters::min_of>},
    Factory{FilterKind::max, make_window<filters::max_of>},
    Factory{FilterKind::quantile, make_quantile},
    Factory{FilterKind::delta, make_delta},
    Factory{FilterKind::throttle, make_timed<filters::Throttle>},
    Factory{FilterKind::throttle_mean, make_timed<filters::ThrottleMean>},
    Factory{FilterKind::heartbeat, make_timed<filters::Heartbeat>},
    Factory{FilterKind::round, make_round},
    Factory{FilterKind::stuck_after, make_timed<filters::StuckAfter>},
    Factory{FilterKind::debounce, make_timed<filters::Debounce>},
};
// clang-format on

constexpr bool in_the_order_of_the_enumeration(const auto& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].kind) != i) return false;
  return rows.size() == static_cast<std::size_t>(FilterKind::debounce) + 1;
}
static_assert(in_the_order_of_the_enumeration(infos));
static_assert(in_the_order_of_the_enumeration(factories));

}  // namespace

std::span<const FilterInfo> all_filters() noexcept { return infos; }

Pipeline::Pipeline(std::span<const FilterSpec> specs, double scale) : scale_(scale) {
  stages_.reserve(specs.size());
  for (const auto& spec : specs) stages_.push_back(factories.at(static_cast<std::size_t>(spec.kind)).make(spec));
}

Result<std::optional<double>> Pipeline::push(double value, SteadyTime now) {
  auto result = fold(value, now);
  if (!result) restart();
  return result;
}

Result<std::optional<double>> Pipeline::fold(double value, SteadyTime now) {
  if (!std::isfinite(value)) return fail(Errc::out_of_range, "not a finite number");
  if (stages_.empty()) return value;  // to the last bit
  std::optional<double> folded = value * scale_;
  for (const auto& stage : stages_) {
    if (folded && !std::isfinite(*folded)) return fail(Errc::out_of_range, "a filter's result is not a finite number");
    B2M_ASSIGN(folded, stage->push(folded, now));
  }
  if (!folded) return std::nullopt;
  const double back = *folded / scale_;
  if (!std::isfinite(back)) return fail(Errc::out_of_range, "a filter's result is not a finite number");
  return back;
}

void Pipeline::restart() noexcept {
  for (const auto& stage : stages_) stage->restart();
}

}  // namespace b2m

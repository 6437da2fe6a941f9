// The parts of `--simulate` that do not speak I2C: tables from the name of a driver or model to what makes its part.
#pragma once

#include <string_view>

#include "daemon/sim/live_models.hpp"
#include "daemon/sim/simulated_serial.hpp"
#include "daemon/sim/simulated_spi.hpp"
#include "daemon/sim/simulated_timed_lines.hpp"
#include "drivers/api/options.hpp"

namespace b2m {

/// What makes a part as its options say that it is wired.
template <class PartModel>
using MakePart = PartModel (*)(const LiveContext&, const Options&);

// The factory for a part, or none: then only plausible values can stand for it. Pure.
[[nodiscard]] MakePart<SerialModel> find_live_serial(std::string_view name) noexcept;
[[nodiscard]] MakePart<SpiModel> find_live_spi(std::string_view name) noexcept;
[[nodiscard]] MakePart<LineModel> find_live_lines(std::string_view name) noexcept;

template <class PartModel>
struct PartRow {
  std::string_view name;  ///< of a driver or of one of its models
  MakePart<PartModel> make;
};

template <class Rows>
[[nodiscard]] auto find_part(const Rows& rows, std::string_view name) noexcept -> decltype(rows.begin()->make) {
  for (const auto& row : rows)
    if (row.name == name) return row.make;
  return nullptr;
}

}  // namespace b2m

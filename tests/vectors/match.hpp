// Finding what a vectors file names in this build: the driver of a chip, the channel of a quantity, the SI value of a
// number.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/api/registry.hpp"
#include "tests/vectors/case_board.hpp"

namespace b2m::vectors {

using FindDriver = std::optional<DriverRef> (*)(std::string_view name);

/// The driver for a chip, by its name, then its aliases; kernel classes by the class of the case. `find` is
/// find_driver().
[[nodiscard]] std::optional<DriverRef> match_driver(const VectorChip& chip, const CaseBoard& board, FindDriver find);

/// The index of the channel that a quantity of the file means. Pure.
[[nodiscard]] std::optional<std::size_t> match_channel(std::span<const Channel> channels, std::string_view quantity);

/// SI units per `unit` for a channel of this quantity; none for a unit that the format does not have. Pure.
[[nodiscard]] std::optional<double> si_per(std::string_view unit, Quantity quantity) noexcept;

/// The options of a driver for a case: its fallbacks, where the device is, and the case's settings as far as it has
/// them. unsupported: the driver requires an option that the case does not tell.
[[nodiscard]] Result<Options> options_for(const DriverRef& driver, const VectorCase& one, const CaseBoard& board);

/// Sets an option from its text form, if the driver has it and takes the value. Returns whether it did.
bool set_option(const DriverRef& driver, std::string_view key, std::string_view text, Options& options);

}  // namespace b2m::vectors

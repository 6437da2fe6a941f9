// Numbers as people and payloads read them.
#pragma once

#include <optional>
#include <string>

#include <fmt/format.h>

#include "drivers/api/quantity.hpp"

namespace b2m {

/// With exactly `decimals` digits, or with `trim` without trailing zeros; a zero never has a sign. Pure.
void append_number(fmt::memory_buffer& out, double number, int decimals, bool trim);

/// `value`, in SI, in published units; a state is ON or OFF. `digits` overrides the quantity's decimals, and then they
/// are all written. Pure.
void append_value(fmt::memory_buffer& out, Quantity quantity, double value, std::optional<int> digits = {});

/// The same alone. Pure.
[[nodiscard]] std::string format_value(Quantity quantity, double value, std::optional<int> digits = {});

}  // namespace b2m

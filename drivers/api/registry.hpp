// The array of all drivers of this build, generated from the driver folders.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "drivers/api/driver.hpp"

namespace b2m {

/// Sorted by name. Pure.
[[nodiscard]] std::span<const DriverInfo* const> all_drivers() noexcept;

/// The driver that has this name or a model of this name. Pure.
[[nodiscard]] std::optional<DriverRef> find_driver(std::string_view name) noexcept;

}  // namespace b2m

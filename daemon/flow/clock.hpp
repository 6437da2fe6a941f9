// Now, and whether the wall clock can be trusted.
#pragma once

#include <optional>

#include "daemon/flow/reading.hpp"

namespace b2m {

/// What ClockWatch has found out; false before it has. Any thread.
[[nodiscard]] bool clock_synchronised() noexcept;
/// For ClockWatch, and for programs that have no loop. Any thread.
void set_clock_synchronised(bool synchronised) noexcept;

/// What the kernel says: whether its clock is kept by NTP or otherwise. None where a sandbox forbids to ask
/// (adjtimex(2)). Any thread.
[[nodiscard]] std::optional<bool> ask_kernel_clock() noexcept;

/// Now, on both clocks. Any thread.
[[nodiscard]] Moment this_moment() noexcept;

}  // namespace b2m

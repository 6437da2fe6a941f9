// Whether the wall clock can be trusted.
#pragma once

#include "daemon/flow/reading.hpp"

namespace b2m {

/// True once the kernel's clock has been synchronised since boot, by NTP or otherwise (adjtimex(2), STA_UNSYNC). Any
/// thread.
[[nodiscard]] bool clock_synchronised() noexcept;

/// Now, on both clocks. Any thread.
[[nodiscard]] Moment this_moment() noexcept;

}  // namespace b2m

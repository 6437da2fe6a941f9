// Whether the wall clock can be trusted.
#pragma once

namespace b2m {

/// True once the kernel's clock has been synchronised since boot, by NTP or otherwise (adjtimex(2), STA_UNSYNC). Any
/// thread.
[[nodiscard]] bool clock_synchronised() noexcept;

}  // namespace b2m

// The findings of a scan for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/board/board_table.hpp"
#include "daemon/scan/proposal.hpp"
#include "daemon/scan/scan.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// "active", "possible", "configured", "unusable". Pure.
[[nodiscard]] std::string_view name_of(Standing standing) noexcept;

/// The findings as lines that begin with "//", so that they and the snippet after them are one configuration.
/// `proposals`: propose() of the report. Pure.
[[nodiscard]] std::string scan_text(const ScanReport& report, const std::vector<Proposal>& proposals,
                                    const BoardTable& board, const GpioView& gpio);

}  // namespace b2m

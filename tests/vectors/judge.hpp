// Whether what a driver gave is what a case expects.
#pragma once

#include <string>
#include <vector>

#include "tests/vectors/run_case.hpp"

namespace b2m::vectors {

/// Every way in which `outcome` differs from `expect`, each "expected …, got …"; empty: it passes. Pure.
[[nodiscard]] std::vector<std::string> judge(const Expectation& expect, const Outcome& outcome);

/// Whether `word` is what `spelling` says: "0x79", or bits such as "bit7=0, others 1". unsupported: not understood.
/// Pure.
[[nodiscard]] Result<bool> register_matches(std::uint32_t word, std::string_view spelling);

}  // namespace b2m::vectors

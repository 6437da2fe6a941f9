// "Did you mean": the known word that a mistyped one is nearest to.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace b2m {

/// `did you mean "every"?`, or empty when nothing comes near. Knows what other programs call the keys ("interval",
/// "host"). Pure.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

/// The same for the name of a driver or model; where all are listed when nothing comes near. Pure.
[[nodiscard]] std::string suggest_driver(std::string_view name);

/// Insertions, deletions, substitutions and swaps of neighbours between two words. Pure.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace b2m

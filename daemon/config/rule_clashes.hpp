// Rules that drive in a circle, or against each other.
#pragma once

#include <vector>

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// A circle is an error: each turn starts the next. Two rules that want different states of one actuator for the same
/// value of the same channel are an error; where that depends on different things, a warning. `places` are those of the
/// rules. Pure.
void check_rule_clashes(const Config& config, const std::vector<Place>& places, Diagnostics& diagnostics);

}  // namespace b2m

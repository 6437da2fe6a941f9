// Groups of actuators: what their members are, which is known only when all actuators are.
#pragma once

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/json_document.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// Fills in the members, the state and the output of each group, and reports members that are not there, cannot be in a
/// group or may not be on together. `actuators` is the section as written. Pure.
void resolve_groups(const Node& actuators, Config& config, Diagnostics& diagnostics);

}  // namespace b2m

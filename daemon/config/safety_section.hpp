// What protects an actuator: `max_on`, `interlock` and their like.
#pragma once

#include "daemon/config/load_context.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// Reads the safety of one actuator and reports what contradicts itself.
void read_safety(const ObjectReader& reader, LoadContext& context, ActuatorConfig& actuator);

/// Reports interlocks that name nobody or themselves, and actuators that would start or end together with one that they
/// may not be on with. `actuators` is the section as written.
void check_interlocks(const Node& actuators, const Config& config, Diagnostics& diagnostics);

}  // namespace b2m

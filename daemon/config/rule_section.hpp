// The list `rules`.
#pragma once

#include "daemon/config/load_context.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// Reads the rules, whose sensors and actuators are in `config` already, and reports what is not there, does not fit,
/// or drives against each other.
void read_rules(const ObjectReader& top, LoadContext& context, Config& config);

}  // namespace b2m

// The JSON Schema says once what many drivers say alike.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace b2m {

/// Moves each property that several of the definitions named "driver_…" have alike to a definition of its own,
/// "option_…" with the name of its key and a number from the second kind on, and leaves references to it. What the
/// schema takes stays the same. Pure.
void share_options(nlohmann::ordered_json& definitions);

}  // namespace b2m

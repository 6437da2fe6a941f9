// The JSON Schema says once what many drivers say alike.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace b2m {

/// Moves the properties that most of `drivers` have, and all that have one have alike, to the schema of the section
/// that they are entries of, and leaves `true` in their place: the driver's definition says what is allowed, the
/// section's what may stand there. What the schema takes stays the same. Pure.
void share_with_section(nlohmann::ordered_json& section, nlohmann::ordered_json& drivers);

/// Moves each other property that several of the definitions named "driver_…" have alike to a definition of its own,
/// "option_…" with the name of its key and a number from the second kind on, and leaves references to it. What the
/// schema takes stays the same. Pure.
void share_options(nlohmann::ordered_json& definitions);

}  // namespace b2m

// The sections `sensors`, `actuators` and `defaults`.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/config/load_context.hpp"

namespace b2m {

/// Reads both sections, with `defaults` laid under each entry, and reports what cannot stand together.
void read_devices(const ObjectReader& top, LoadContext& context, Config& config);

}  // namespace b2m

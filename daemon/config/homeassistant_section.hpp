// The section `homeassistant` of the configuration.
#pragma once

#include "daemon/config/load_context.hpp"
#include "daemon/config/model.hpp"
#include "daemon/config/object_reader.hpp"

namespace b2m {

/// After all devices have been read. Warns of what Home Assistant will not be able to show, and why.
void read_homeassistant(const ObjectReader& top, LoadContext& context, Config& config);

}  // namespace b2m

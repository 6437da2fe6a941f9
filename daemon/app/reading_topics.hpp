// The topics on which the broker retains readings of sensors that are no more.
#pragma once

#include <set>
#include <string>

#include "daemon/app/config_change.hpp"
#include "daemon/app/devices.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// Of the sensors that end, those retained reading topics on which no sensor of `next` tells retained readings. Loop
/// only.
[[nodiscard]] std::set<std::string> reading_topics_gone(const Devices& devices, const Config& next,
                                                        const DeviceChange& change);

}  // namespace b2m

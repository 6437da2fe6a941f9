// What the gateway tells about itself on {base}/info.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "daemon/config/model.hpp"

namespace b2m {

/// Version, board, drivers in use and the configuration, without secrets. Pure.
[[nodiscard]] nlohmann::json info_json(const Config& config, bool simulated);

}  // namespace b2m

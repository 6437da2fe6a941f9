// The lists of filters of sensors and channels.
#pragma once

#include <string>
#include <vector>

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/json_document.hpp"
#include "daemon/flow/filter.hpp"

namespace b2m {

/// `[{"median": 5}, {"round": 1}]`. What is wrong is reported and left out. Pure.
[[nodiscard]] std::vector<FilterSpec> read_filters(const Node& list, const std::string& pointer,
                                                   Diagnostics& diagnostics);

}  // namespace b2m

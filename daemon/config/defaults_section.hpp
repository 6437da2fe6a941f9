// `defaults`: keys for every device that can have them.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/json_document.hpp"
#include "drivers/api/options.hpp"

namespace b2m {

/// Reports keys that no device can have and values that no device would take. Pure.
void check_defaults(const Node& defaults, Diagnostics& diagnostics);

/// Adds to `device` those members of `defaults` that are among `keys` and that it has not itself; the copies say where
/// they come from. Of `channels`, only entries for channels that the device has are taken; without a list, all. Pure.
void apply_defaults(Node& device, const Node& defaults, std::span<const std::string_view> keys,
                    const std::optional<std::vector<std::string_view>>& channels = {});

}  // namespace b2m

// The `login` of the `mqtt` section.
#pragma once

#include <optional>

#include "daemon/config/load_context.hpp"
#include "daemon/config/model.hpp"
#include "daemon/config/object_reader.hpp"

namespace b2m {

/// None when it is not written, or after an error, which is reported.
[[nodiscard]] std::optional<AliyunLogin> read_login(const ObjectReader& mqtt, LoadContext& context);

}  // namespace b2m

// Protocol versions as people write them.
#pragma once

#include <string_view>

#include "daemon/config/model.hpp"

namespace b2m {

/// "5", "3.1.1", "3.1" or "auto". Pure.
[[nodiscard]] std::string_view to_string(MqttProtocol protocol) noexcept;

}  // namespace b2m

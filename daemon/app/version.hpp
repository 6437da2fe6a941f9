#pragma once

#include <string_view>

namespace b2m {

/// As in the root CMakeLists.txt, "0.1.0".
[[nodiscard]] std::string_view version() noexcept;

}  // namespace b2m

// The board tables as they were written, embedded at build time.
#pragma once

#include <span>
#include <string_view>

namespace b2m {

/// One JSON text for each file of configs/boards. Pure.
[[nodiscard]] std::span<const std::string_view> board_texts() noexcept;

}  // namespace b2m

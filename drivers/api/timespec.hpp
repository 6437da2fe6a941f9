// A duration as the kernel's calls take it.
#pragma once

#include <chrono>
#include <ctime>

namespace b2m {

/// `duration` must not be negative. Where the kernel's seconds have 32 bits, it must fit into them: 68 years. Pure.
[[nodiscard]] inline timespec to_timespec(std::chrono::nanoseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  timespec result{};
  result.tv_sec = static_cast<decltype(result.tv_sec)>(seconds.count());
  result.tv_nsec = static_cast<decltype(result.tv_nsec)>((duration - seconds).count());
  return result;
}

}  // namespace b2m

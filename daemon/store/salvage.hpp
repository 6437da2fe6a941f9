// What is still good in a damaged database.
#pragma once

#include <cstdint>
#include <filesystem>

#include "drivers/api/result.hpp"

namespace b2m {

struct Salvaged {
  std::filesystem::path aside;  ///< where the damaged file is now
  std::uint64_t readings = 0;   ///< saved into the new one
  std::uint64_t kept = 0;
};

/// Moves the file and its log to `.damaged-<time>` beside it (the newest such file stays, older ones go) and makes a
/// new one of every row that is whole, whichever page leads to it: each page is read for itself. Errors: Errc::io.
/// Worker only.
[[nodiscard]] Result<Salvaged> set_aside_and_save(const std::filesystem::path& file);

}  // namespace b2m

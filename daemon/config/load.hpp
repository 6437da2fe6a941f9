// Loading: from files to a complete, checked configuration, or to everything that is wrong with them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/environment.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// A GPIO line as written and as understood, for `check` to echo.
struct LineMeaning {
  std::string device;    ///< "door"
  std::string spelling;  ///< "PC12"
  LineId line;
};

struct LoadResult {
  std::optional<Config> config = {};  ///< none when there was an error; warnings do not refuse
  Diagnostics diagnostics = {};
  std::vector<LineMeaning> lines = {};
  std::vector<std::filesystem::path> files = {};  ///< read, in the order in which they were merged
};

/// Reads `file`, merges `conf.d/*.json` beside it over it in name order, checks everything and fills in every default
/// and placeholder but {channel}. Never throws for what a file holds. Any thread; touches no file beside those and the
/// secrets and certificates they name.
[[nodiscard]] LoadResult load(const std::filesystem::path& file, const Environment& environment);

}  // namespace b2m

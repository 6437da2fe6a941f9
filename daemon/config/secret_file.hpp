// Files named in the configuration, and what must not be read by everybody.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/environment.hpp"

namespace b2m {

/// A path as written, made absolute: relative ones stand beside the file they are written in, `named_in`. Pure.
[[nodiscard]] std::filesystem::path beside(const Place& named_in, std::string_view path);

/// Nobody but owner and group may read it. Any thread.
[[nodiscard]] Checked<> check_private(const std::filesystem::path& file);

/// The file exists. Any thread.
[[nodiscard]] Checked<> check_exists(const std::filesystem::path& file);

/// The content of a small private file without the line break at its end. A relative path is looked for among the
/// service's credentials first. Any thread.
[[nodiscard]] Checked<std::string> read_secret(const Place& named_in, std::string_view path,
                                               const Environment& environment);

}  // namespace b2m

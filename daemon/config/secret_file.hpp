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

/// The commands with which a file is read by the service and not by everybody: those beside the service's configuration
/// belong to root, and its group must be let in. Pure.
[[nodiscard]] std::string how_to_hide(const std::filesystem::path& file);

/// What to do when the kernel has refused to open a file; empty for other errors (of errno). Pure.
[[nodiscard]] std::string how_to_read(const std::filesystem::path& file, int error);

/// Nobody but owner and group may read it. Any thread.
[[nodiscard]] Checked<> check_private(const std::filesystem::path& file);

/// The file exists. Any thread.
[[nodiscard]] Checked<> check_exists(const std::filesystem::path& file);

/// The content of a small private file without the line break at its end. A relative path is looked for among the
/// service's credentials first. Any thread.
[[nodiscard]] Checked<std::string> read_secret(const Place& named_in, std::string_view path,
                                               const Environment& environment);

}  // namespace b2m

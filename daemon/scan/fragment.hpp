// A new file of conf.d.
#pragma once

#include <filesystem>
#include <string_view>

#include "drivers/api/result.hpp"

namespace b2m {

/// Writes `text` into a file of `directory` that was not there before: "scan.json", else "scan-2.json" and so on. It
/// appears whole and synchronised to the disk, or not at all; no other file is touched. The directory is made when
/// missing. Returns its path. Error: io, with the path and the kernel's words. Any thread.
[[nodiscard]] Result<std::filesystem::path> write_fragment(const std::filesystem::path& directory,
                                                           std::string_view text);

}  // namespace b2m

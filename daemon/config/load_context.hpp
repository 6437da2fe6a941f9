// What the sections of a configuration share while one is loaded.
#pragma once

#include <string>
#include <vector>

#include "daemon/board/board_table.hpp"
#include "daemon/config/load.hpp"
#include "daemon/config/object_reader.hpp"
#include "daemon/config/template_text.hpp"

namespace b2m {

/// Lives during one load().
struct LoadContext {
  const Environment& environment;
  Diagnostics& diagnostics;
  std::vector<LineMeaning>& lines;
  const BoardTable* board = nullptr;
  Placeholders placeholders = {};  ///< name, hostname, machine_id and, once known, base
};

/// The text of a key with its placeholders filled in and, where `check` is given, held against it; empty after an
/// error, which is reported.
[[nodiscard]] std::string fill_text(const ObjectReader& reader, std::string_view key, const Placeholders& placeholders,
                                    Checked<> (*check)(std::string_view) = nullptr, std::string_view kept = {});

/// The member that is an object, or an empty object standing for it when it was not written or is no object.
[[nodiscard]] const Node& object_or_empty(const ObjectReader& reader, std::string_view key);

}  // namespace b2m

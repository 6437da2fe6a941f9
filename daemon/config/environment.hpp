// What a configuration needs to know of the machine it is read on; handed in, so that reading is a function of its arguments.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "drivers/api/gpio.hpp"
#include "drivers/api/result.hpp"

namespace b2m {

struct Environment {
  std::string hostname;
  std::string machine_id;  ///< what {machine_id} stands for; 12 hexadecimal digits, derived, never the machine's secret id itself
  std::filesystem::path credentials = {};  ///< $CREDENTIALS_DIRECTORY: where relative secret files are looked for first
  /// The board of a configured name ("auto" or one of the table).
  std::function<Result<std::string>(std::string_view configured)> board = {};
  /// A line in any spelling on that board.
  std::function<Result<LineId>(std::string_view board, std::string_view spelling)> line = {};
};

/// The machine this runs on. Reads the host name, the machine id and the environment variables. Any thread.
[[nodiscard]] Environment this_machine();

}  // namespace b2m

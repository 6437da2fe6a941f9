// What became of a request to load the configuration again.
#pragma once

#include <string>
#include <vector>

namespace b2m {

struct ReloadReport {
  bool accepted = false;
  std::vector<std::string> diagnostics = {};  ///< as `check` prints them: what refused it, or warnings
};

}  // namespace b2m

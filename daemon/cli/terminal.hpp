// What the output goes to.
#pragma once

#include <cstdio>
#include <string_view>

namespace b2m {

/// Whether a person reads along.
[[nodiscard]] bool is_terminal(std::FILE* stream);

/// Whether to colour: a terminal, and no NO_COLOR in the environment (no-color.org: present and not empty).
[[nodiscard]] bool wants_colour(std::FILE* stream);

/// One line that is written over by the next, on standard error and only for a person. Erased at the end.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(std::string_view text);

 private:
  bool shown_;
};

}  // namespace b2m

#include "daemon/cli/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace b2m {

bool is_terminal(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1; }

bool wants_colour(std::FILE* stream) {
  const char* refused = std::getenv("NO_COLOR");
  return is_terminal(stream) && (refused == nullptr || *refused == '\0');
}

ProgressLine::ProgressLine() : shown_(is_terminal(stderr)) {}

ProgressLine::~ProgressLine() { show({}); }

void ProgressLine::show(std::string_view text) {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K{}", text);  // ECMA-48: erase to the end of the line
  std::fflush(stderr);
}

}  // namespace b2m

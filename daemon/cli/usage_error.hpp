// What is wrong with a command line, in words that say the way out.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace b2m {

/// `there is no subcommand "chek"; did you mean "check"?`; the library's own words where they say enough. Of `app`
/// after its parse() has thrown `error`, which is no success. Pure.
[[nodiscard]] std::string usage_words(const CLI::App& app, const CLI::ParseError& error);

}  // namespace b2m

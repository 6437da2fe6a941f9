#include "daemon/cli/usage_error.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

#include "daemon/config/suggest.hpp"

namespace b2m {
namespace {

std::vector<std::string> subcommands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
    names.push_back(command->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

/// `did you mean …?`, or how to see what there is.
std::string way_out(std::string_view word, const std::vector<std::string>& known, std::string_view command) {
  const auto hint = did_you_mean(word, std::vector<std::string_view>(known.begin(), known.end()));
  return hint.empty() ? fmt::format("`{} --help` shows what there is", command) : hint;
}

}  // namespace

std::string usage_words(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const auto& command = chosen.empty() ? app : *chosen.front();
  const auto command_words = chosen.empty() ? app.get_name() : fmt::format("{} {}", app.get_name(), command.get_name());
  const auto unknown = command.remaining();
  if (unknown.empty()) return fmt::format("{}; `{} --help` shows how", error.what(), command_words);
  const auto& word = unknown.front();
  if (word.starts_with('-'))
    return fmt::format("{} has no option {}; {}", command_words, word,
                       way_out(word, options_of(command), command_words));
  if (chosen.empty())
    return fmt::format("there is no subcommand \"{}\"; {}", word, way_out(word, subcommands_of(app), command_words));
  return fmt::format("{} does not know what \"{}\" is for; `{} --help` shows how", command_words, word, command_words);
}

}  // namespace b2m

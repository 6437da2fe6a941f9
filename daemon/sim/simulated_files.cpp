#include "daemon/sim/simulated_files.hpp"

#include <fmt/format.h>

#include <memory>
#include <set>
#include <utility>

namespace b2m {
namespace {

constexpr std::size_t largest_attribute = 64 * 1024;

tl::unexpected<Error> no_such_file(const std::string& path) {
  return fail(Errc::gone, fmt::format("{}: no such file or directory", path));
}

std::string trimmed(std::string text) {
  if (text.size() > largest_attribute) text.resize(largest_attribute);
  text.erase(text.find_last_not_of(" \t\r\n\v\f") + 1);
  return text;
}

std::string as_prefix(const std::string& directory) { return directory.ends_with('/') ? directory : directory + '/'; }

}  // namespace

Result<std::string> SimulatedFiles::read(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const auto at = attributes_.find(path); at != attributes_.end()) return trimmed(at->second.content());
  if (!names_in(path).empty()) return fail(Errc::io, fmt::format("{}: is a directory", path));
  return no_such_file(path);
}

Result<> SimulatedFiles::write(const std::string& path, std::string_view text) {
  const std::lock_guard lock(mutex_);
  const auto at = attributes_.find(path);
  if (at == attributes_.end()) return no_such_file(path);
  if (!at->second.store) return fail(Errc::io, fmt::format("{}: permission denied", path));
  auto stored = at->second.store(text);
  if (!stored) return fail(stored.error().code, fmt::format("{}: {}", path, stored.error().detail));
  return stored;
}

Result<std::vector<std::string>> SimulatedFiles::list(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  auto names = names_in(directory);
  if (names.empty()) return no_such_file(directory);
  return names;
}

Result<AttributeFiles::Space> SimulatedFiles::space(const std::string&) {
  // A card of 16 GB with a system on it.
  return Space{.total_bytes = 15.6e9, .free_bytes = 11.2e9};
}

void SimulatedFiles::add(const std::string& path, std::string content) {
  add(path, [kept = std::move(content)] { return kept; });
}

void SimulatedFiles::add(const std::string& path, Content content) {
  const std::lock_guard lock(mutex_);
  attributes_.insert_or_assign(path, Attribute{std::move(content)});
}

void SimulatedFiles::add_writable(const std::string& path, std::string content) {
  const auto kept = std::make_shared<std::string>(std::move(content));
  add_writable(
      path, [kept] { return *kept; },
      [kept](std::string_view text) -> Result<> {
        *kept = text;
        return {};
      });
}

void SimulatedFiles::add_writable(const std::string& path, Content content, Store store) {
  const std::lock_guard lock(mutex_);
  attributes_.insert_or_assign(path, Attribute{std::move(content), std::move(store)});
}

bool SimulatedFiles::has_directory(const std::string& directory) const {
  const std::lock_guard lock(mutex_);
  return !names_in(directory).empty();
}

std::vector<std::string> SimulatedFiles::names_in(const std::string& directory) const {
  const auto prefix = as_prefix(directory);
  std::set<std::string, std::less<>> names;
  for (auto at = attributes_.lower_bound(prefix); at != attributes_.end() && at->first.starts_with(prefix); ++at) {
    const auto rest = std::string_view(at->first).substr(prefix.size());
    names.emplace(rest.substr(0, rest.find('/')));
  }
  return {names.begin(), names.end()};
}

}  // namespace b2m

#include "daemon/mqtt/topics.hpp"

#include <fmt/format.h>

namespace b2m {
namespace {

constexpr std::string_view share_prefix = "$share/";
constexpr std::string_view channel_placeholder = "{channel}";

bool starts_with(std::string_view text, std::string_view prefix) noexcept {
  return text.substr(0, prefix.size()) == prefix;
}

/// The level at the front, which is taken off together with its slash. `more` tells whether there was a slash.
std::string_view take_level(std::string_view& rest, bool& more) noexcept {
  const auto slash = rest.find('/');
  const auto level = rest.substr(0, slash);
  more = slash != std::string_view::npos;
  rest.remove_prefix(more ? slash + 1 : rest.size());
  return level;
}

std::string replaced(std::string_view text, std::string_view placeholder, std::string_view value) {
  std::string result(text);
  for (auto at = result.find(placeholder); at != std::string::npos; at = result.find(placeholder, at + value.size()))
    result.replace(at, placeholder.size(), value);
  return result;
}

}  // namespace

bool is_shared(std::string_view filter) noexcept {
  return starts_with(filter, share_prefix) || starts_with(filter, "$queue/");
}

std::string_view bare_filter(std::string_view filter) noexcept {
  if (starts_with(filter, share_prefix)) {
    const auto group_end = filter.find('/', share_prefix.size());
    return group_end == std::string_view::npos ? std::string_view() : filter.substr(group_end + 1);
  }
  for (const std::string_view prefix : {"$queue/", "$local/"})
    if (starts_with(filter, prefix)) return filter.substr(prefix.size());
  return filter;
}

bool topic_matches(std::string_view filter, std::string_view topic) noexcept {
  if (filter.empty() || topic.empty()) return false;
  if (topic.front() == '$' && filter.front() != '$') return false;
  bool more_filter = true;
  bool more_topic = true;
  while (more_filter && more_topic) {
    const auto wanted = take_level(filter, more_filter);
    if (wanted == "#") return !more_filter;
    const auto level = take_level(topic, more_topic);
    if (wanted != "+" && wanted != level) return false;
  }
  // "a/#" matches "a" itself.
  return more_filter ? filter == "#" : !more_topic;
}

std::string actuator_availability_topic(std::string_view base, std::string_view actuator) {
  return fmt::format("{}/{}/availability", base, actuator);
}

std::string with_channel(std::string_view text, std::string_view channel) {
  return replaced(text, channel_placeholder, channel);
}

std::string replay_topic(std::string_view text, std::string_view topic) { return replaced(text, "{topic}", topic); }

bool has_channel(std::string_view text) noexcept { return text.find(channel_placeholder) != std::string_view::npos; }

}  // namespace b2m

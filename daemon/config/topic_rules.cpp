#include "daemon/config/topic_rules.hpp"

#include <fmt/format.h>

#include <array>

namespace b2m {
namespace {

constexpr std::size_t longest_topic = 65535;  // bytes; §1.5.4
constexpr std::string_view share = "$share/";
constexpr std::array<std::string_view, 2> prefixes{"$queue/", "$local/"};  // EMQX

Checked<> check_text(std::string_view text, std::string_view what) {
  if (text.empty()) return refuse(fmt::format("the {} is empty", what));
  if (text.size() > longest_topic)
    return refuse(fmt::format("the {} has {} bytes, at most {} are allowed", what, text.size(), longest_topic));
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20)
      return refuse(fmt::format("there is a control character in the {}", what));
  return {};
}

/// What topics are compared with.
std::string_view without_prefix(std::string_view filter) {
  for (const auto prefix : prefixes)
    if (filter.starts_with(prefix)) return filter.substr(prefix.size());
  if (!filter.starts_with(share)) return filter;
  const auto slash = filter.find('/', share.size());
  return slash == std::string_view::npos ? std::string_view{} : filter.substr(slash + 1);
}

Checked<> check_share(std::string_view filter) {
  if (!filter.starts_with(share)) return {};
  const auto slash = filter.find('/', share.size());
  const auto group = filter.substr(share.size(), slash == std::string_view::npos ? slash : slash - share.size());
  if (slash == std::string_view::npos || group.empty() || group.find_first_of("+#") != std::string_view::npos)
    return refuse("a shared subscription is written $share/group/topic, the group without + and #");
  return {};
}

/// The first level; `rest` becomes what follows its slash, or loses its data when there is none.
std::string_view take_level(std::string_view& rest) {
  const auto slash = rest.find('/');
  const auto level = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
  return level;
}

}  // namespace

Checked<> check_topic(std::string_view topic) {
  if (auto text = check_text(topic, "topic"); !text) return text;
  if (const auto at = topic.find_first_of("+#"); at != std::string_view::npos)
    return refuse(fmt::format("a topic to publish on cannot have a {}", topic[at]));
  return {};
}

Checked<> check_base(std::string_view topic) {
  if (topic.ends_with('/')) return refuse("the topic ends in a slash", "what stands below it begins with one");
  return check_topic(topic);
}

Checked<> check_filter(std::string_view filter) {
  if (auto text = check_text(filter, "filter"); !text) return text;
  if (auto shared = check_share(filter); !shared) return shared;
  auto rest = without_prefix(filter);
  if (rest.empty()) return refuse("the filter is empty after its prefix");
  if (rest == "#" || rest == "+/#")
    return refuse(fmt::format("{} is everything that the broker carries", in_quotes(rest)),
                  "name the first level at least: \"home/#\"");
  bool more = true;
  while (more) {
    more = rest.find('/') != std::string_view::npos;
    const auto level = take_level(rest);
    if (level.size() > 1 && level.find_first_of("+#") != std::string_view::npos)
      return refuse(fmt::format("{} stands for a whole level: between slashes, alone",
                                level.find('+') != std::string_view::npos ? "+" : "#"));
    if (level == "#" && more) return refuse("# can only be the last level");
  }
  return {};
}

bool filters_overlap(std::string_view a, std::string_view b) {
  a = without_prefix(a);
  b = without_prefix(b);
  for (;;) {
    const bool a_more = a.find('/') != std::string_view::npos;
    const bool b_more = b.find('/') != std::string_view::npos;
    const auto level_a = take_level(a);
    const auto level_b = take_level(b);
    if (level_a == "#" || level_b == "#") return true;
    if (level_a != level_b && level_a != "+" && level_b != "+") return false;
    if (!a_more && !b_more) return true;
    // "a/#" also matches "a" itself (§4.7.1.2).
    if (!a_more) return b == "#";
    if (!b_more) return a == "#";
  }
}

}  // namespace b2m

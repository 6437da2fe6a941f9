#include "daemon/config/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

constexpr std::size_t longest_word = 40;

/// What people write who come from another program.
struct Synonym {
  std::string_view other;
  std::string_view ours;
};

constexpr std::array synonyms{
    Synonym{"interval", "every"},
    Synonym{"poll_interval", "every"},
    Synonym{"period", "every"},
    Synonym{"update_interval", "every"},
    Synonym{"scan_interval", "every"},
    Synonym{"frequency", "every"},
    Synonym{"host", "broker"},
    Synonym{"hostname", "broker"},
    Synonym{"server", "broker"},
    Synonym{"url", "broker"},
    Synonym{"port", "broker"},
    Synonym{"user", "username"},
    Synonym{"login", "username"},
    Synonym{"pass", "password"},
    Synonym{"id", "client_id"},
    Synonym{"keep_alive", "keepalive"},
    Synonym{"version", "protocol"},
    Synonym{"prefix", "base_topic"},
    Synonym{"last_will", "will"},
    Synonym{"lwt", "will"},
    Synonym{"ssl", "tls"},
    Synonym{"cafile", "ca"},
    Synonym{"certfile", "cert"},
    Synonym{"keyfile", "key"},
    Synonym{"insecure", "verify"},
    Synonym{"clean_start", "clean_session"},
    Synonym{"type", "driver"},
    Synonym{"platform", "driver"},
    Synonym{"chip", "driver"},
    Synonym{"model", "driver"},
    Synonym{"pin", "line"},
    Synonym{"gpio", "line"},
    Synonym{"addr", "address"},
    Synonym{"i2c_address", "address"},
    Synonym{"i2c", "bus"},
    Synonym{"inverted", "active_low"},
    Synonym{"invert", "active_low"},
    Synonym{"pull_up", "pull"},
    Synonym{"bias", "pull"},
    Synonym{"state_topic", "topic"},
    Synonym{"publish", "topic"},
    Synonym{"subscribe", "command_topic"},
    Synonym{"set_topic", "command_topic"},
    Synonym{"format", "payload"},
    Synonym{"message", "payload"},
    Synonym{"retained", "retain"},
    Synonym{"filter", "filters"},
    Synonym{"channel", "channels"},
    Synonym{"devices", "sensors"},
    Synonym{"outputs", "actuators"},
    Synonym{"switches", "actuators"},
    Synonym{"w1_therm", "ds18b20"},
    Synonym{"relay", "switch"},
    Synonym{"output", "switch"},
    Synonym{"contact", "input"},
    Synonym{"binary_sensor", "input"},
    Synonym{"dimmer", "pwm"},
};

bool contains(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// How many mistakes a word of that length may have to be taken for another.
std::size_t tolerance(std::string_view word) { return word.size() <= 3 ? 1 : word.size() <= 7 ? 2 : 3; }

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  if (word.size() > longest_word) return {};
  std::string_view best;
  std::size_t least = tolerance(word) + 1;
  const auto consider = [&](std::string_view candidate, std::string_view meant) {
    // Words that differ in half of their letters are not alike.
    const auto distance = edit_distance(word, candidate);
    if (distance < least && distance * 2 < std::max(word.size(), candidate.size())) {
      least = distance;
      best = meant;
    }
  };
  for (const auto candidate : known) consider(candidate, candidate);
  for (const auto& synonym : synonyms)
    if (contains(known, synonym.ours)) consider(synonym.other, synonym.ours);
  return best.empty() ? std::string{} : fmt::format("did you mean \"{}\"?", best);
}

std::string suggest_driver(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto* driver : all_drivers()) {
    names.push_back(driver->name);
    for (const auto& model : driver->models) names.push_back(model.name);
  }
  auto hint = did_you_mean(name, names);
  return hint.empty() ? "`board2mqtt drivers` lists all" : hint;
}

}  // namespace b2m

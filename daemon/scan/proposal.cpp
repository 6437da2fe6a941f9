#include "daemon/scan/proposal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace b2m {
namespace {

/// An id in the letters that ids have.
std::string to_id(std::string_view text) {
  std::string id;
  for (const char c : text) {
    const bool capital = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    id += capital ? static_cast<char>(c - 'A' + 'a') : plain ? c : '_';
  }
  return id;
}

std::string join_words(const std::vector<std::string>& words) {
  if (words.size() < 2) return words.empty() ? std::string() : words.front();
  return fmt::format("{} or {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
}

std::vector<std::string> names_of(const std::vector<DriverRef>& parts) {
  std::vector<std::string> names;
  for (const auto& part : parts) names.emplace_back(part.name());
  return names;
}

std::string option_or_empty(const DeviceConfig& device, std::string_view key) {
  return device.options.has(key) ? device.options.text(key) : std::string();
}

class Proposer {
 public:
  explicit Proposer(const Config* config) : config_(config) {
    if (config_ == nullptr) return;
    for (const auto& sensor : config_->sensors) taken_.insert(sensor.id);
    for (const auto& actuator : config_->actuators) taken_.insert(actuator.id);
  }

  Proposal of(const ScannedBus& bus, const BusFinding& finding) {
    const auto& found = finding.found;
    Proposal proposal{.place = fmt::format("{} 0x{:02x}", bus.name, found.address), .what = what_is(finding)};
    if (const auto* device = configured_at(bus, found.address)) return configured(std::move(proposal), *device);
    const auto sensor = std::find_if(found.parts.begin(), found.parts.end(), [](const DriverRef& part) {
      return !part.driver->is_actuator() && !part.driver->is_expander();
    });
    if (sensor == found.parts.end()) return proposal;
    proposal.standing = found.certainty == Certainty::identified ? Standing::active : Standing::possible;
    proposal.id = new_id(fmt::format("{}_{:02x}", sensor->name(), found.address));
    proposal.entry = {{"driver", std::string(sensor->name())},
                      {"bus", bus.name},
                      {"address", fmt::format("0x{:02x}", found.address)}};
    return proposal;
  }

  Proposal of(const KernelDevice& device) {
    Proposal proposal{.place = device.directory,
                      .what = device.name == device.directory ? fmt::format("for {}", device.driver)
                                                              : fmt::format("{} for {}", device.name, device.driver)};
    if (const auto* known = configured_as(device)) return configured(std::move(proposal), *known);
    if (!device.problem.empty()) {
      proposal.what += fmt::format("; cannot be read: {}", device.problem);
      return proposal;
    }
    proposal.standing = Standing::active;
    const std::string prefix = device.driver == "w1_therm" ? "w1" : device.driver;
    proposal.id = new_id(to_id(fmt::format("{}_{}", prefix, device.name)));
    proposal.entry = {{"driver", device.driver}, {device.option, device.name}};
    return proposal;
  }

 private:
  static Proposal configured(Proposal proposal, const DeviceConfig& device) {
    proposal.standing = Standing::configured;
    proposal.id = device.id;
    return proposal;
  }

  static std::string what_is(const BusFinding& finding) {
    const auto& found = finding.found;
    switch (found.certainty) {
      case Certainty::identified: return std::string(found.parts.front().name());
      case Certainty::held: return held(finding);
      case Certainty::unknown: return "answers, but no driver knows the address";
      case Certainty::possible: break;
    }
    auto names = names_of(found.parts);
    if (found.maybe_mux) names.insert(names.begin(), "a TCA9548A/PCA9548A multiplexer");
    return "possibly " + join_words(names);
  }

  static std::string held(const BusFinding& finding) {
    const auto& answer = finding.found.held_by;
    if (!finding.instead) return answer;
    const auto& device = *finding.instead;
    const nlohmann::ordered_json line{{"driver", device.driver}, {device.option, device.name}};
    return fmt::format("{}: {}", answer.substr(0, answer.find("; ")), line.dump());
  }

  template <class Matches>
  const DeviceConfig* find(Matches matches) const {
    if (config_ == nullptr) return nullptr;
    for (const auto& sensor : config_->sensors)
      if (matches(sensor)) return &sensor;
    for (const auto& actuator : config_->actuators)
      if (matches(actuator)) return &actuator;
    return nullptr;
  }

  [[nodiscard]] const DeviceConfig* configured_at(const ScannedBus& bus, std::uint8_t address) const {
    return find([&](const DeviceConfig& device) {
      if (device.driver.driver->bus != BusKind::i2c) return false;
      const auto name = option_or_empty(device, "bus");
      return (name == bus.name || (!bus.device.empty() && name == bus.device)) && device.options.has("address") &&
             device.options.integer("address") == address;
    });
  }

  [[nodiscard]] const DeviceConfig* configured_as(const KernelDevice& device) const {
    return find([&](const DeviceConfig& known) {
      if (known.driver.driver->name != device.driver) return false;
      const auto wanted = option_or_empty(known, device.option);
      return wanted == device.name || wanted == device.directory || wanted == "any";
    });
  }

  std::string new_id(const std::string& wanted) {
    auto id = wanted;
    for (int number = 2; !taken_.insert(id).second; ++number) id = fmt::format("{}_{}", wanted, number);
    return id;
  }

  const Config* config_;
  std::set<std::string> taken_;
};

std::string entry_text(const Proposal& proposal) {
  std::string members;
  for (const auto& [key, value] : proposal.entry)
    members += fmt::format("{}{}: {}", members.empty() ? "" : ", ", nlohmann::json(key).dump(),
                           nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return fmt::format("\"{}\": {{ {} }}", proposal.id, members);
}

/// A comment's text holds no line end: names of devices are the kernel's, and anybody's.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

}  // namespace

std::vector<Proposal> propose(const ScanReport& report, const Config* config) {
  Proposer proposer(config);
  std::vector<Proposal> proposals;
  for (const auto& bus : report.buses)
    for (const auto& finding : bus.findings) proposals.push_back(proposer.of(bus.bus, finding));
  for (const auto& device : report.kernel) proposals.push_back(proposer.of(device));
  for (const auto& slave : report.other_w1)
    proposals.push_back({.place = slave, .what = "a 1-Wire part that no driver reads"});
  return proposals;
}

std::string to_snippet(const std::vector<Proposal>& proposals) {
  std::string active;
  std::string possible;
  for (const auto& proposal : proposals) {
    if (proposal.standing == Standing::active)
      active += fmt::format("{}    {}", active.empty() ? "" : ",\n", entry_text(proposal));
  }
  bool first = active.empty();
  for (const auto& proposal : proposals) {
    if (proposal.standing != Standing::possible) continue;
    // Written so that an entry is made active by taking away the two slashes.
    possible += fmt::format("    // {}: {}\n    // {}{}\n", proposal.place, one_line(proposal.what), first ? "" : ", ",
                            entry_text(proposal));
    first = false;
  }
  return fmt::format("{{\n  \"sensors\": {{\n{}{}{}  }}\n}}\n", active, active.empty() ? "" : "\n", possible);
}

bool has_active(const std::vector<Proposal>& proposals) {
  return std::any_of(proposals.begin(), proposals.end(),
                     [](const Proposal& proposal) { return proposal.standing == Standing::active; });
}

}  // namespace b2m

#include "daemon/scan/i2c_buses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace b2m {
namespace {

constexpr std::string_view root = "/sys/bus/i2c/devices";
constexpr std::string_view prefix = "i2c-";

std::optional<unsigned> number_of(std::string_view bus) {
  if (!bus.starts_with(prefix)) return std::nullopt;
  bus.remove_prefix(prefix.size());
  unsigned number = 0;
  const auto [end, ec] = std::from_chars(bus.data(), bus.data() + bus.size(), number);
  if (ec != std::errc{} || end != bus.data() + bus.size()) return std::nullopt;
  return number;
}

/// "1-0070" → the address, of a device on the bus of that number.
std::optional<unsigned> device_address(std::string_view entry, unsigned bus) {
  const auto begin = fmt::format("{}-", bus);
  if (!entry.starts_with(begin) || entry.size() != begin.size() + 4) return std::nullopt;
  unsigned address = 0;
  const auto [end, ec] = std::from_chars(entry.data() + begin.size(), entry.data() + entry.size(), address, 16);
  return ec == std::errc{} && end == entry.data() + entry.size() ? std::optional(address) : std::nullopt;
}

/// Gives the channels of the multiplexers on `parent` their parent and their name there.
void find_channels(AttributeFiles& files, const std::vector<std::string>& entries, const std::string& parent,
                   std::vector<I2cAdapter>& adapters) {
  for (const auto& entry : entries) {
    const auto address = device_address(entry, *number_of(parent));
    const auto attributes = address ? files.list(fmt::format("{}/{}", root, entry)) : fail(Errc::gone);
    if (!attributes) continue;
    for (const auto& attribute : *attributes) {
      constexpr std::string_view channel = "channel-";
      if (!attribute.starts_with(channel)) continue;
      const auto devices = files.list(fmt::format("{}/{}/{}/i2c-dev", root, entry, attribute));
      if (!devices) continue;
      for (auto& adapter : adapters) {
        if (std::find(devices->begin(), devices->end(), adapter.name) == devices->end()) continue;
        adapter.parent = parent;
        adapter.alias = fmt::format("{}/mux:0x{:02x}:{}", parent, *address, attribute.substr(channel.size()));
      }
    }
  }
}

const I2cAdapter* find(const std::vector<I2cAdapter>& adapters, std::string_view name) {
  const auto at = std::find_if(adapters.begin(), adapters.end(),
                               [&](const auto& adapter) { return adapter.name == name || adapter.alias == name; });
  return at == adapters.end() ? nullptr : &*at;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The kind of a controller: the first word of its title, "bcm2835" of "bcm2835 (i2c@7e804000)".
std::string_view kind_of(const I2cAdapter& adapter) {
  const std::string_view title = adapter.title;
  return title.substr(0, title.find(' '));
}

/// The adapter that is electrically at the beginning: itself, or below its multiplexers.
const I2cAdapter& base_of(const std::vector<I2cAdapter>& adapters, const I2cAdapter& adapter) {
  const auto* base = &adapter;
  for (std::size_t i = 0; i < adapters.size() && !base->parent.empty(); ++i) {
    const auto* parent = find(adapters, base->parent);
    if (parent == nullptr) break;
    base = parent;
  }
  return *base;
}

/// Whether the board's own chips may be on the bus: a controller of the SoC that is not on the header. USB adapters and
/// the like are of another kind than the controllers of the header.
bool is_internal(const std::vector<I2cAdapter>& adapters, const BoardTable& board, const I2cAdapter& adapter) {
  const auto& base = base_of(adapters, adapter);
  if (board.internal_i2c.empty() || contains(board.i2c_buses, base.name)) return false;
  const I2cAdapter* on_header = nullptr;
  for (const auto& name : board.i2c_buses)
    if (on_header == nullptr) on_header = find(adapters, name);
  return on_header == nullptr || kind_of(*on_header) == kind_of(base);
}

std::string why_internal(const BoardTable& board) {
  return fmt::format("it is not on the header of {}, whose other buses carry {}; it is never scanned", board.name,
                     board.internal_i2c);
}

/// A bus is scanned once, and after the one it is behind.
void add(BusChoice& choice, const std::vector<I2cAdapter>& adapters, const I2cAdapter& adapter) {
  const auto& name = adapter.alias.empty() ? adapter.name : adapter.alias;
  const auto known = std::any_of(choice.scanned.begin(), choice.scanned.end(),
                                 [&](const auto& bus) { return bus.device == adapter.name; });
  if (known) return;
  const auto* parent = adapter.parent.empty() ? nullptr : find(adapters, adapter.parent);
  choice.scanned.push_back(
      {.name = name,
       .parent = parent == nullptr ? std::string() : (parent->alias.empty() ? parent->name : parent->alias),
       .device = adapter.name});
}

void choose_usual(BusChoice& choice, const std::vector<I2cAdapter>& adapters, const BoardTable& board) {
  for (const auto& name : board.i2c_buses) {
    if (const auto* adapter = find(adapters, name)) {
      add(choice, adapters, *adapter);
    } else {
      choice.left_out.push_back({name, fmt::format("it is not enabled; {}", i2c_hint(board, name))});
    }
  }
  for (const auto& adapter : adapters) {
    if (contains(board.i2c_buses, adapter.name)) continue;
    if (contains(board.i2c_buses, base_of(adapters, adapter).name)) {
      add(choice, adapters, adapter);
    } else if (is_internal(adapters, board, adapter)) {
      choice.left_out.push_back({adapter.name, why_internal(board)});
    } else {
      choice.left_out.push_back(
          {adapter.name,
           fmt::format("{} ({}); to scan it: --bus {}",
                       board.i2c_buses.empty() ? "what is on it is not known" : "it is not on the header",
                       adapter.title.empty() ? "an adapter without a name" : adapter.title, adapter.name)});
    }
  }
}

Result<> choose_wanted(BusChoice& choice, const std::vector<I2cAdapter>& adapters, const BoardTable& board,
                       std::string_view wanted) {
  constexpr std::string_view directory = "/dev/";
  auto name = wanted;
  if (name.starts_with(directory)) name.remove_prefix(directory.size());
  const auto base = name.substr(0, name.find('/'));
  if (!number_of(base))
    return fail(Errc::out_of_range, fmt::format("\"{}\" is not an I2C bus; write \"i2c-1\"", wanted));
  const auto* adapter = find(adapters, name);
  if (adapter == nullptr && base != name) adapter = find(adapters, base);
  if (adapter == nullptr) {
    choice.left_out.push_back({std::string(name), fmt::format("it is not there; {}", i2c_hint(board, base))});
    return {};
  }
  if (is_internal(adapters, board, *adapter))
    return fail(Errc::unsupported, fmt::format("{}: {}", name, why_internal(board)));
  if (adapter->name == base && base != name) {
    // A channel that the kernel does not drive: the bus itself says how to get it.
    choice.scanned.push_back({.name = std::string(name)});
  } else {
    add(choice, adapters, *adapter);
  }
  return {};
}

}  // namespace

std::vector<I2cAdapter> i2c_adapters(AttributeFiles& files) {
  std::vector<I2cAdapter> adapters;
  const auto entries = files.list(std::string(root));
  if (!entries) return adapters;
  for (const auto& entry : *entries)
    if (number_of(entry))
      adapters.push_back(
          {.name = entry, .title = files.read(fmt::format("{}/{}/name", root, entry)).value_or(std::string())});
  std::sort(adapters.begin(), adapters.end(),
            [](const auto& a, const auto& b) { return number_of(a.name) < number_of(b.name); });
  for (std::size_t i = 0; i < adapters.size(); ++i) find_channels(files, *entries, adapters[i].name, adapters);
  return adapters;
}

Result<BusChoice> choose_buses(const std::vector<I2cAdapter>& adapters, const BoardTable& board,
                               const std::vector<std::string>& wanted) {
  BusChoice choice;
  if (wanted.empty()) choose_usual(choice, adapters, board);
  for (const auto& name : wanted) B2M_TRY(choose_wanted(choice, adapters, board, name));
  return choice;
}

}  // namespace b2m

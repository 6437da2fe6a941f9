#include "daemon/config/expander_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "daemon/config/suggest.hpp"
#include "drivers/api/i2c_name.hpp"
#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view pattern = "write \"mcp23017@i2c-1:0x20/5\": chip, bus, address, line";

// Ten times the usual debouncing; a chip read that often takes some 5 % of a bus of 100 kHz.
constexpr std::chrono::nanoseconds poll_without_interrupt = 50ms;
// An interrupt that got lost is made up for, and a chip that lost its supply is found.
constexpr std::chrono::nanoseconds poll_with_interrupt = 10s;

/// What is read once its four parts are told apart.
struct Parts {
  std::string_view chip, bus, address, line;
};

/// From the end, since a bus may have slashes and colons of its own: "pcf8574@/dev/i2c-1/mux:0x70:3:0x20/5".
Checked<Parts> split(std::string_view spelling) {
  const auto at = spelling.find('@');
  const auto slash = spelling.rfind('/');
  const auto colon = slash == std::string_view::npos ? slash : spelling.rfind(':', slash);
  if (colon == std::string_view::npos || colon < at)
    return refuse("is not the line of an expander", std::string(pattern));
  return Parts{.chip = spelling.substr(0, at),
               .bus = spelling.substr(at + 1, colon - at - 1),
               .address = spelling.substr(colon + 1, slash - colon - 1),
               .line = spelling.substr(slash + 1)};
}

Checked<DriverRef> find_expander(std::string_view name) {
  const auto driver = find_driver(name);
  if (driver && driver->driver->is_expander()) return *driver;
  std::vector<std::string_view> models;
  for (const auto* known : all_drivers())
    if (known->is_expander())
      for (const auto& model : known->models) models.push_back(model.name);
  return refuse(fmt::format("{} is not a GPIO expander", in_quotes(name)),
                fmt::format("there are {}", fmt::join(models, ", ")));
}

Checked<std::uint8_t> parse_address(std::string_view text, const DriverRef& driver) {
  static constexpr OptionSpec spec{
      .key = "address", .type = OptionType::address, .summary = "", .min = 0x03, .max = 0x77};
  const auto address = parse_option(spec, text);
  if (!address) return refuse(address.error().detail, std::string(pattern));
  const auto possible = driver.addresses();
  const auto value = std::get<std::int64_t>(*address);
  if (std::find(possible.begin(), possible.end(), value) == possible.end())
    return refuse(fmt::format("0x{:02x} is not an address a {} can have (0x{:02x} to 0x{:02x})", value, driver.name(),
                              possible.front(), possible.back()));
  return static_cast<std::uint8_t>(value);
}

Checked<unsigned> parse_line(std::string_view text, const DriverRef& driver) {
  const unsigned lines = driver.driver->models[driver.model].expander.lines;
  unsigned line = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), line);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size() || line >= lines)
    return refuse(fmt::format("a {} has no line {}: it has 0 to {}", driver.name(), in_quotes(text), lines - 1));
  return line;
}

std::uint16_t bit(unsigned line) { return static_cast<std::uint16_t>(1U << line); }
void set(std::uint16_t& word, unsigned line) { word = static_cast<std::uint16_t>(word | bit(line)); }

const ExpanderTraits& traits_of(const ExpanderLine& line) {
  return line.driver.driver->models[line.driver.model].expander;
}

std::string_view pull_of(const Options& options) {
  return options.has("pull") ? std::string_view(options.text("pull")) : "as_is";
}

}  // namespace

bool names_expander(std::string_view spelling) noexcept { return spelling.find('@') != std::string_view::npos; }

std::string ExpanderLine::chip() const { return fmt::format("{}@{}:0x{:02x}", driver.name(), bus, address); }

Checked<ExpanderLine> parse_expander_line(std::string_view spelling) {
  ExpanderLine line;
  const auto parts = split(spelling);
  if (!parts) return tl::unexpected(parts.error());
  const auto driver = find_expander(parts->chip);
  if (!driver) return tl::unexpected(driver.error());
  line.driver = *driver;
  const auto bus = parse_i2c_bus(parts->bus);
  if (!bus) return refuse(fmt::format("{} is not an I2C bus", in_quotes(parts->bus)), bus.error().detail);
  line.bus = bus->text();
  const auto address = parse_address(parts->address, line.driver);
  if (!address) return tl::unexpected(address.error());
  line.address = *address;
  const auto number = parse_line(parts->line, line.driver);
  if (!number) return tl::unexpected(number.error());
  line.line = *number;
  return line;
}

Checked<> check_expander_line(const ExpanderLine& line, const Options& options) {
  const auto& traits = traits_of(line);
  const auto pull = pull_of(options);
  if (pull == "down")
    return refuse(fmt::format("a {} has no pull-down", line.driver.name()), "use a resistor to ground");
  if (pull == "none" && !traits.switched_pull_ups)
    return refuse(fmt::format("the pull-ups of a {} are always there", line.driver.name()), "leave \"pull\" out");
  if (options.has("open_drain") && options.flag("open_drain") && !traits.open_drain)
    return refuse(fmt::format("a {} drives both levels, not only to ground", line.driver.name()),
                  "leave \"open_drain\" out, or use a pcf8574");
  return {};
}

ExpanderConfig& enter_expander_line(std::vector<ExpanderConfig>& expanders, const ExpanderLine& line,
                                    const DeviceConfig& device) {
  const auto chip = line.chip();
  auto at = std::find_if(expanders.begin(), expanders.end(), [&](const auto& known) { return known.chip == chip; });
  if (at == expanders.end())
    at = expanders.insert(at, {.chip = chip, .driver = line.driver, .bus = line.bus, .address = line.address});
  if (device.driver.driver->is_actuator()) {
    set(at->outputs, line.line);
  } else {
    set(at->inputs, line.line);
    if (pull_of(device.options) == "up") set(at->pull_ups, line.line);
  }
  return *at;
}

void complete_expanders(std::vector<ExpanderConfig>& expanders) {
  for (auto& expander : expanders)
    if (expander.poll.count() == 0)
      expander.poll = expander.interrupt_line ? poll_with_interrupt : poll_without_interrupt;
}

}  // namespace b2m

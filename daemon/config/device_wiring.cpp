#include "daemon/config/device_wiring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/config/expander_lines.hpp"
#include "daemon/config/keys.hpp"
#include "drivers/api/i2c_name.hpp"
#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

/// What drivers of different parts of one chip have in common: "pca9685" of "pca9685_servo", whose names begin with the
/// chip's. Empty for a driver that has its chip for itself.
std::string_view shared_chip_name(const DriverInfo& driver) {
  const auto name = driver.name;
  const auto on_one_chip = [](std::string_view longer, std::string_view shorter) {
    return longer.size() > shorter.size() && longer.starts_with(shorter) && longer[shorter.size()] == '_';
  };
  bool shared = !driver.shared_chip.part.empty();
  for (const auto* other : all_drivers()) {
    if (other->bus != BusKind::i2c) continue;
    if (on_one_chip(name, other->name)) return other->name;
    shared = shared || on_one_chip(other->name, name);
  }
  return shared ? name : std::string_view();
}

}  // namespace

void WiringReader::read(const ObjectReader& reader, DeviceConfig& device) {
  const auto& driver = *device.driver.driver;
  if (driver.bus == BusKind::i2c) {
    read_bus(reader, device);
    read_address(reader, device);
  }
  read_place(reader, device);
  for (const auto rows : {bus_options(driver.bus), driver.options})
    for (const auto& row : rows)
      if (row.type == OptionType::line && row.key != interrupt_line_key) read_line(reader, device, row.key);
}

void WiringReader::warn_of_bus_pins() const {
  if (context_.board != nullptr) bus_pins_.warn(*context_.board, context_.diagnostics);
}

/// The chip select or the serial port, which no other device can have.
void WiringReader::read_place(const ObjectReader& reader, DeviceConfig& device) {
  const auto bus = device.driver.driver->bus;
  if (bus == BusKind::files && device.driver.driver->is_actuator()) return claim_output(reader, device);
  if (bus != BusKind::spi && bus != BusKind::serial) return;
  const std::string_view key = bus == BusKind::spi ? "bus" : "port";
  if (!reader.valid(key)) return;
  std::string place = reader.options().text(key);
  if (constexpr std::string_view dev = "/dev/"; place.starts_with(dev)) place.erase(0, dev.size());
  if (bus == BusKind::spi && !place.starts_with("spidev"))
    return reader.error(key, fmt::format("{} is not an SPI chip select", in_quotes(place)), "write \"spidev0.0\"");
  if (place.empty()) return reader.error(key, "the name of a serial port is missing", "write \"/dev/ttyS2\"");
  // Parts on a line for several have an address of their own on it.
  const bool shared = device.options.has("modbus_address");
  clashes_.claim_place(reader, key,
                       shared ? fmt::format("{} address {}", place, device.options.integer("modbus_address")) : place);
  bus_pins_.note_bus(reader, place);
  device.options.set(key, bus == BusKind::spi ? place : "/dev/" + place);
}

/// What the required options of an output of the kernel name: "chip pwmchip0, channel 1".
void WiringReader::claim_output(const ObjectReader& reader, const DeviceConfig& device) {
  std::vector<std::string> names;
  std::string_view last;
  for (const auto& row : device.driver.driver->options) {
    if (!row.required) continue;
    if (!reader.valid(row.key)) return;
    const bool number = row.type == OptionType::integer;
    names.push_back(fmt::format(
        "{} {}", row.key, number ? fmt::to_string(device.options.integer(row.key)) : device.options.text(row.key)));
    last = row.key;
  }
  if (!names.empty()) clashes_.claim_place(reader, last, fmt::format("{}", fmt::join(names, ", ")));
}

/// Kept in the one spelling that each bus has.
void WiringReader::read_bus(const ObjectReader& reader, DeviceConfig& device) {
  if (!reader.valid("bus")) return;
  const auto& spelling = reader.options().text("bus");
  const auto bus = parse_i2c_bus(spelling);
  if (!bus) return reader.error("bus", fmt::format("{} is not an I2C bus", in_quotes(spelling)), bus.error().detail);
  bus_pins_.note_bus(reader, bus->text());
  device.options.set("bus", bus->text());
}

void WiringReader::read_address(const ObjectReader& reader, DeviceConfig& device) {
  if (reader.given("address") && !reader.valid("address")) return;
  const auto allowed = device.driver.addresses();
  if (!reader.given("address")) {
    if (allowed.empty()) return reader.error("address", "\"address\" is missing", "this driver has no usual one");
    device.options.set("address", std::int64_t{allowed.front()});
  }
  const auto address = device.options.integer("address");
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), address) == allowed.end()) {
    std::vector<std::string> texts;
    for (const auto candidate : allowed) texts.push_back(fmt::format("0x{:02x}", candidate));
    return reader.error("address", fmt::format("0x{:02x} is not an address a {} can have ({})", address,
                                               device.driver.name(), fmt::join(texts, ", ")));
  }
  if (address < 0x03 || address > 0x77)
    return reader.error("address", fmt::format("0x{:02x} is not a 7-bit address (0x03 to 0x77)", address));
  // A bus that is wrong has been reported.
  if (device.options.has("bus") && parse_i2c_bus(device.options.text("bus"))) claim_chip(reader, device, address);
}

/// The address, or of a chip that several devices share, a part of it. What has no part is all that its driver makes of
/// the chip.
void WiringReader::claim_chip(const ObjectReader& reader, const DeviceConfig& device, std::int64_t address) {
  const auto& bus = device.options.text("bus");
  const auto& driver = *device.driver.driver;
  const auto& shared = driver.shared_chip;
  const auto name = shared_chip_name(driver);
  clashes_.claim_address(reader, "address", bus, address, std::string(name));
  if (name.empty()) return;
  const auto chip = fmt::format("0x{:02x} on {}", address, bus);
  for (const auto key : shared.agree) clashes_.claim_agreement(reader, key, chip);
  if (shared.part.empty()) {
    clashes_.claim_place(reader, "address", fmt::format("the {} at {}", driver.name, chip));
  } else if (reader.valid(shared.part)) {
    clashes_.claim_place(reader, shared.part,
                         fmt::format("{} {} of {}", shared.part, reader.options().integer(shared.part), chip));
  }
}

void WiringReader::read_line(const ObjectReader& reader, DeviceConfig& device, std::string_view key) {
  if (!reader.valid(key) || context_.board == nullptr) return;
  const auto& spelling = reader.options().text(key);
  if (names_expander(spelling)) return read_expander_line(reader, device, key);
  if (const auto* member = reader.object().find(interrupt_line_key); member != nullptr && !member->from_defaults)
    reader.error(interrupt_line_key, fmt::format("{} is no line of a GPIO expander", in_quotes(spelling)),
                 "the kernel tells its changes by itself; leave the key out");
  auto line = resolve_line(*context_.board, spelling);
  if (!line) return reader.error(key, line.error().detail, "`board2mqtt pins` shows the header of this board");
  if (const auto likely = likely_spellings(*context_.board, spelling); line->by_name() && !likely.empty())
    reader.warning(key, fmt::format("{} is taken for the name that a line has in the kernel", in_quotes(spelling)),
                   fmt::format("did you mean \"{}\"?", fmt::join(likely, "\" or \"")));
  clashes_.claim_line(reader, key, *line);
  bus_pins_.note_line(reader, key, *line);
  if (const auto* pin = find_pin(*context_.board, *line); pin != nullptr && !pin->reserved.empty())
    reader.warning(key, fmt::format("{} is needed by {}", pin->pad, pin->reserved), pin->note);
  context_.lines.push_back({device.id, spelling, *line});
  device.lines[std::string(key)] = std::move(*line);
}

void WiringReader::read_expander_line(const ObjectReader& reader, DeviceConfig& device, std::string_view key) {
  const auto& spelling = reader.options().text(key);
  if (!device.driver.driver->expander_lines)
    return reader.error(key,
                        fmt::format("a {} cannot be on a GPIO expander: its {} cannot be timed over a bus",
                                    device.driver.name(), device.driver.driver->is_actuator() ? "steps" : "edges"),
                        "use a line of the board");
  const auto line = parse_expander_line(spelling);
  if (!line) return reader.error(key, line.error().message, line.error().hint);
  if (const auto usable = check_expander_line(*line, device.options); !usable)
    return reader.error(key, usable.error().message, usable.error().hint);
  const bool input = !device.driver.driver->is_actuator();
  if (const auto doubtful = line->driver.driver->models[line->driver.model].expander.doubtful_inputs;
      input && (doubtful >> line->line & 1) != 0)
    reader.warning(key, fmt::format("the maker advises against line {} of a {} as an input: a change during a transfer "
                                    "can disturb the bus",
                                    line->line, line->driver.name()));
  const auto id = line->id();
  clashes_.claim_address(reader, key, line->bus, line->address, id.chip);
  bus_pins_.note_bus(reader, line->bus);
  clashes_.claim_line(reader, key, id);
  context_.lines.push_back({device.id, spelling, id});
  device.lines[std::string(key)] = id;
  auto& expander = enter_expander_line(config_.expanders, *line, device);
  if (input) read_interrupt(reader, device, expander);
}

/// How the expander of an input is read. Its inputs share the interrupt line, and so may several chips: their outputs
/// are open drain.
void WiringReader::read_interrupt(const ObjectReader& reader, const DeviceConfig& device, ExpanderConfig& expander) {
  if (reader.valid(poll_key)) {
    const auto poll = reader.options().duration(poll_key);
    if (expander.poll.count() == 0 || poll < expander.poll) expander.poll = poll;
  }
  if (!reader.valid(interrupt_line_key)) return;
  const auto& spelling = reader.options().text(interrupt_line_key);
  if (names_expander(spelling))
    return reader.error(interrupt_line_key, "an interrupt cannot be told by a line of an expander",
                        "use a line of the board");
  const auto line = resolve_line(*context_.board, spelling);
  if (!line)
    return reader.error(interrupt_line_key, line.error().detail, "`board2mqtt pins` shows the header of this board");
  if (expander.interrupt_line && *expander.interrupt_line != *line)
    return reader.error(interrupt_line_key, fmt::format("{} has another interrupt line already", expander.chip),
                        "write it once, or the same for each of its inputs");
  expander.interrupt_line = *line;
  if (std::find(interrupt_lines_.begin(), interrupt_lines_.end(), *line) != interrupt_lines_.end()) return;
  interrupt_lines_.push_back(*line);
  clashes_.claim_line(reader, interrupt_line_key, *line);
  bus_pins_.note_line(reader, interrupt_line_key, *line);
  context_.lines.push_back({device.id, spelling, *line});
}

}  // namespace b2m

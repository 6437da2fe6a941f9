#include "daemon/scan/scan_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace b2m {
namespace {

/// The header pin with that function, or none: "3" for "SDA1".
std::string pin_with(const BoardTable& board, std::string_view function) {
  for (const auto& pin : board.header)
    if (std::find(pin.functions.begin(), pin.functions.end(), function) != pin.functions.end()) return pin.pin;
  return {};
}

/// "SDA on pin 3 and SCL on pin 5", without the pins where they are not known.
std::string wires(const BoardTable& board, std::string_view bus) {
  bus = bus.substr(0, bus.find('/'));
  const auto number = bus.substr(bus.find('-') + 1);
  const auto sda = pin_with(board, fmt::format("SDA{}", number));
  const auto scl = pin_with(board, fmt::format("SCL{}", number));
  if (sda.empty() || scl.empty()) return "SDA and SCL";
  return fmt::format("SDA on pin {} and SCL on pin {}", sda, scl);
}

std::string way_out(const Error& error, const BoardTable& board, const std::string& bus) {
  if (error.code != Errc::timeout && error.code != Errc::bus_stuck) return {};
  return fmt::format("; the bus hangs: are {} held low by a part without power, or without pull-ups?",
                     wires(board, bus));
}

std::string line_of(const Proposal& proposal) {
  switch (proposal.standing) {
    case Standing::configured: return fmt::format("{}; configured as \"{}\"", proposal.what, proposal.id);
    case Standing::active: return fmt::format("{} -> \"{}\"", proposal.what, proposal.id);
    case Standing::possible:
    case Standing::unusable: break;
  }
  return proposal.what;
}

class Text {
 public:
  void add(std::string line) {
    // A comment ends with its line, and the kernel's words may hold anything.
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    text_ += line.empty() ? "//\n" : fmt::format("// {}\n", line);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_bus(Text& text, const BusReport& bus, std::span<const Proposal> proposals, const BoardTable& board) {
  const auto& name = bus.bus.name;
  text.add(bus.bus.device.empty() || bus.bus.device == name ? name : fmt::format("{} ({})", name, bus.bus.device));
  for (const auto& proposal : proposals)
    text.add(fmt::format("  {}  {}", proposal.place.substr(proposal.place.rfind(' ') + 1), line_of(proposal)));
  if (bus.error) {
    text.add(fmt::format("  could not be scanned{}: {}{}", bus.findings.empty() ? "" : " to its end",
                         to_string(*bus.error), way_out(*bus.error, board, name)));
  } else if (bus.findings.empty()) {
    text.add(fmt::format("  nothing answers; are power and ground connected, and {}?", wires(board, name)));
  }
  for (const auto& finding : bus.findings)
    if (finding.found.maybe_mux)
      text.add(
          fmt::format("  if 0x{0:02x} is a multiplexer, its channel 0: `board2mqtt scan --bus {1}/mux:0x{0:02x}:0`",
                      finding.found.address, name.substr(0, name.find('/'))));
}

void add_kernel(Text& text, std::span<const Proposal> proposals) {
  if (proposals.empty()) return;
  text.add("sensors of the kernel");
  for (const auto& proposal : proposals) text.add(fmt::format("  {}  {}", proposal.place, line_of(proposal)));
}

void add_gpio(Text& text, const GpioView& gpio) {
  if (!gpio.chips.empty() || gpio.denied) text.add("GPIO chips; `board2mqtt pins` shows the header");
  for (const auto& chip : gpio.chips) {
    const auto used = std::count_if(chip.lines.begin(), chip.lines.end(), [](const auto& line) { return line.used; });
    text.add(fmt::format("  {}  {}, {} lines, {} in use", chip.name, chip.label, chip.lines.size(), used));
  }
  if (gpio.denied) text.add("  " + gpio.denied->detail);
}

void add_left_out(Text& text, const std::vector<LeftOutBus>& buses) {
  if (!buses.empty()) text.add("not scanned");
  for (const auto& bus : buses) text.add(fmt::format("  {}: {}", bus.name, bus.why));
}

}  // namespace

std::string_view name_of(Standing standing) noexcept {
  switch (standing) {
    case Standing::active: return "active";
    case Standing::possible: return "possible";
    case Standing::configured: return "configured";
    case Standing::unusable: break;
  }
  return "unusable";
}

std::string scan_text(const ScanReport& report, const std::vector<Proposal>& proposals, const BoardTable& board,
                      const GpioView& gpio) {
  Text text;
  text.add(board.title);
  if (report.buses.empty() && report.left_out.empty())
    text.add(fmt::format("no I2C bus is there; {}", i2c_hint(board, "i2c-1")));
  std::span<const Proposal> left = proposals;
  for (const auto& bus : report.buses) {
    add_bus(text, bus, left.first(bus.findings.size()), board);
    left = left.subspan(bus.findings.size());
  }
  add_kernel(text, left);
  add_gpio(text, gpio);
  add_left_out(text, report.left_out);
  return text.take();
}

}  // namespace b2m

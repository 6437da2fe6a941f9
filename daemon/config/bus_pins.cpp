#include "daemon/config/bus_pins.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "drivers/api/i2c_name.hpp"

namespace b2m {
namespace {

/// What follows `prefix`, or nothing.
std::string_view after(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : std::string_view();
}

/// The functions of pins, as HeaderPin says them, which the bus is on.
std::vector<std::string> functions_of(const BoardTable& board, std::string_view bus) {
  const auto pair = [](std::string_view one, std::string_view other, std::string_view number) {
    return std::vector<std::string>{fmt::format("{}{}", one, number), fmt::format("{}{}", other, number)};
  };
  if (const auto number = after(bus, "i2c-"); !number.empty()) return pair("SDA", "SCL", number);
  for (const auto* port : {"ttyS", "ttyAMA"})
    if (const auto number = after(bus, port); !number.empty()) return pair("TX", "RX", number);
  if (board.spi_bus.empty() || !bus.starts_with(board.spi_bus)) return {};
  const auto select = after(bus.substr(board.spi_bus.size()), ".");
  if (select.empty()) return {};  // of spidev10 for spidev1
  auto functions = pair("CS", "CE", select);
  functions.insert(functions.end(), {"MOSI", "MISO", "SCLK"});
  return functions;
}

}  // namespace

void BusPins::note_bus(const ObjectReader& device, std::string_view bus) {
  if (const auto port = after(bus, "/dev/"); !port.empty()) bus = port;
  buses_.push_back({adapter_of(bus), device.pointer()});
}

void BusPins::note_line(const ObjectReader& device, std::string_view key, const LineId& line) {
  lines_.push_back({line, device.place(key), device.pointer(key)});
}

void BusPins::warn(const BoardTable& board, Diagnostics& diagnostics) const {
  for (const auto& [line, place, pointer] : lines_) {
    const auto* pin = find_pin(board, line);
    if (pin == nullptr || pin->functions.empty()) continue;
    for (const auto& [bus, holder] : buses_) {
      const auto needed = functions_of(board, bus);
      const auto function =
          std::find_first_of(pin->functions.begin(), pin->functions.end(), needed.begin(), needed.end());
      if (function == pin->functions.end()) continue;
      diagnostics.warning(place, pointer,
                          fmt::format("{} is {} of {}, which {} uses", pin->pad, *function, bus, holder),
                          "a pin is a line or part of a bus, not both; `board2mqtt pins` shows the others");
      break;
    }
  }
}

}  // namespace b2m

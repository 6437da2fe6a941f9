#include "daemon/sim/simulated_inspector.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace b2m {

GpioView SimulatedInspector::look() {
  GpioView view;
  for (const auto& label : chip_labels(table_)) {
    auto& chip = view.chips.emplace_back(GpioChipInfo{fmt::format("gpiochip{}", view.chips.size()), label, {}});
    for (const auto& bank : table_.banks)
      if (bank.chip == label) chip.lines.resize(std::max<std::size_t>(chip.lines.size(), bank.first_line + bank.lines));
    for (const auto& pin : table_.header) {
      if (pin.pin != "LED" || !pin.line || pin.line->chip != label) continue;
      chip.lines.at(pin.line->offset) = {.used = true, .holder = std::string(simulated_led), .output = true};
    }
  }
  return view;
}

}  // namespace b2m

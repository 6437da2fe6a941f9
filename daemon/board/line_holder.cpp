#include "daemon/board/line_holder.hpp"

#include <fmt/format.h>

namespace b2m {
namespace {

/// The line in what was looked at, or null. A name that two lines have means neither, as in a request.
const GpioLineInfo* find_line(const GpioView& view, const LineId& line) {
  const GpioLineInfo* found = nullptr;
  for (const auto& chip : view.chips) {
    if (!line.chip.empty() && line.chip != chip.label && line.chip != chip.name && line.chip != "/dev/" + chip.name)
      continue;
    if (!line.by_name()) return line.offset < chip.lines.size() ? &chip.lines[line.offset] : nullptr;
    for (const auto& candidate : chip.lines) {
      if (candidate.name != line.name) continue;
      if (found != nullptr) return nullptr;
      found = &candidate;
    }
  }
  return found;
}

}  // namespace

std::string explain_holder(std::string_view holder, bool is_led) {
  if (holder.empty()) return "in use";
  if (!is_led) return fmt::format("held by \"{}\"", holder);
  return fmt::format(R"(held by the LED "{0}" of the kernel, {1}/{0}; drive it with {{"driver": "led", "led": "{0}"}})",
                     holder, led_class);
}

std::optional<std::string> held_by_another(const GpioView& view, const LineId& line, const IsLed& is_led) {
  const auto* info = find_line(view, line);
  if (info == nullptr || !info->used || info->holder == line_consumer) return std::nullopt;
  return explain_holder(info->holder, is_led(info->holder));
}

}  // namespace b2m

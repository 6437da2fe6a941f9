#include "drivers/api/value_text.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace b2m {

void append_number(fmt::memory_buffer& out, double number, int decimals, bool trim) {
  const auto start = out.size();
  fmt::format_to(std::back_inserter(out), "{:.{}f}", number, decimals);
  if (trim && decimals > 0) {
    while (out[out.size() - 1] == '0') out.resize(out.size() - 1);
    if (out[out.size() - 1] == '.') out.resize(out.size() - 1);
  }
  const std::string_view text(out.data() + start, out.size() - start);
  if (text.front() != '-' || text.find_first_of("123456789") != std::string_view::npos) return;
  std::copy(out.begin() + static_cast<std::ptrdiff_t>(start) + 1, out.end(),
            out.begin() + static_cast<std::ptrdiff_t>(start));
  out.resize(out.size() - 1);
}

void append_value(fmt::memory_buffer& out, Quantity quantity, double value, std::optional<int> digits) {
  const auto& row = info(quantity);
  if (quantity == Quantity::state) return out.append(std::string_view(value != 0 ? "ON" : "OFF"));
  append_number(out, value * row.scale, digits.value_or(row.decimals), !digits);
}

std::string format_value(Quantity quantity, double value, std::optional<int> digits) {
  fmt::memory_buffer out;
  append_value(out, quantity, value, digits);
  return fmt::to_string(out);
}

}  // namespace b2m

#include "daemon/flow/display_feed.hpp"

#include <algorithm>
#include <utility>

#include "drivers/api/value_text.hpp"

namespace b2m {

DisplayFeed::DisplayFeed(const Lines& lines, std::chrono::nanoseconds refresh)
    : lines_(lines), refresh_(std::chrono::duration_cast<SteadyClock::duration>(refresh)) {
  for (const auto& line : lines_)
    for (const auto& piece : line)
      if (!piece.field.empty()) values_.try_emplace(piece.field);
}

void DisplayFeed::reading(std::string_view field, const ShownValue& value) {
  const auto at = values_.find(field);
  if (at == values_.end()) return;
  at->second = value;
  changed_ = true;
}

void DisplayFeed::lost(std::string_view sensor) {
  for (auto& [field, value] : values_) {
    const bool its = field.size() > sensor.size() && field.starts_with(sensor) && field[sensor.size()] == '.';
    if (!its || !value.si) continue;
    value.si.reset();
    changed_ = true;
  }
}

std::optional<std::string> DisplayFeed::update(SteadyTime now) {
  if (now < next_) return std::nullopt;
  for (auto& [field, value] : values_) {
    if (!value.si || value.until > now) continue;
    value.si.reset();
    changed_ = true;
  }
  if (!std::exchange(changed_, false)) return std::nullopt;
  auto fresh = text();
  if (fresh == shown_) return std::nullopt;
  shown_ = fresh;
  next_ = now + refresh_;
  return fresh;
}

std::optional<SteadyTime> DisplayFeed::due() const {
  std::optional<SteadyTime> due;
  if (changed_) due = next_;
  for (const auto& [field, value] : values_)
    if (value.si && value.until != SteadyTime::max()) due = std::min(due.value_or(SteadyTime::max()), value.until);
  if (due) due = std::max(*due, next_);
  return due;
}

std::string DisplayFeed::text() const {
  std::string text;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (i != 0) text += '\n';
    for (const auto& piece : lines_[i]) {
      text += piece.literal;
      if (piece.field.empty()) continue;
      const auto& value = values_.find(piece.field)->second;
      text += value.si ? format_value(value.quantity, *value.si, piece.digits) : std::string(unknown);
    }
  }
  return text;
}

}  // namespace b2m

#include "daemon/mqtt/id_ranges.hpp"

#include <algorithm>

namespace b2m {

/// Looks at the newest few only: what is acknowledged out of order is so by at most a window.
void IdRanges::add(MessageId id) {
  constexpr std::ptrdiff_t looked_at = 32;
  const auto oldest = ranges_.rend() - ranges_.rbegin() > looked_at ? ranges_.rbegin() + looked_at : ranges_.rend();
  for (auto range = ranges_.rbegin(); range != oldest; ++range) {
    if (id == range->last + 1) {
      range->last = id;
      return;
    }
    if (id + 1 == range->first) {
      range->first = id;
      return;
    }
  }
  ranges_.push_back({id, id});
}

void IdRanges::add(const IdRanges& others) {
  ranges_.insert(ranges_.end(), others.ranges_.begin(), others.ranges_.end());
}

bool IdRanges::contains(MessageId id) const noexcept {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [id](const Range& range) { return range.first <= id && id <= range.last; });
}

std::uint64_t IdRanges::count_through(MessageId through) const noexcept {
  std::uint64_t count = 0;
  for (const auto& range : ranges_)
    if (range.first <= through) count += std::min(range.last, through) - range.first + 1;
  return count;
}

}  // namespace b2m

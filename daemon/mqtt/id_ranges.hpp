// Numbers of messages, as ranges: acknowledgements come nearly in order, so thousands of them are a few ranges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "daemon/mqtt/message.hpp"

namespace b2m {

/// A set of numbers, each added once. Pure.
class IdRanges {
 public:
  struct Range {
    MessageId first;
    MessageId last;
    friend bool operator==(const Range&, const Range&) = default;
  };

  void add(MessageId id);
  void add(const IdRanges& others);
  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
  [[nodiscard]] const std::vector<Range>& ranges() const noexcept { return ranges_; }
  /// Each end as `renumber` has it, which keeps neighbours neighbours.
  template <class Renumber>
  [[nodiscard]] IdRanges renumbered(Renumber renumber) const {
    IdRanges others;
    for (const auto& range : ranges_) others.ranges_.push_back({renumber(range.first), renumber(range.last)});
    return others;
  }
  [[nodiscard]] bool contains(MessageId id) const noexcept;
  /// How many numbers there are up to `through`.
  [[nodiscard]] std::uint64_t count_through(MessageId through) const noexcept;

 private:
  std::vector<Range> ranges_;
};

}  // namespace b2m

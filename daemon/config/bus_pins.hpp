// Lines on pins that a bus of the same configuration needs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/board/board_table.hpp"
#include "daemon/config/object_reader.hpp"

namespace b2m {

/// Remembers buses and lines in whatever order they are written, and then warns of each line on a pin which the board's
/// table gives to one of these buses. A pin of which it says nothing draws no warning. Lives during one load(). Pure.
class BusPins {
 public:
  /// `bus` is "i2c-1", also with a multiplexer's channel, "spidev1.0" or "/dev/ttyS2".
  void note_bus(const ObjectReader& device, std::string_view bus);
  void note_line(const ObjectReader& device, std::string_view key, const LineId& line);
  void warn(const BoardTable& board, Diagnostics& diagnostics) const;

 private:
  struct BusUse {
    std::string bus;
    std::string holder;
  };
  struct LineUse {
    LineId line;
    Place place;
    std::string pointer;
  };
  std::vector<BusUse> buses_;
  std::vector<LineUse> lines_;
};

}  // namespace b2m

// Which I2C buses there are, and which of them may be scanned.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/board/board_table.hpp"
#include "drivers/api/files.hpp"

namespace b2m {

/// A bus that the kernel has.
struct I2cAdapter {
  std::string name;         ///< "i2c-1"
  std::string title = {};   ///< what its driver calls it: "mv64xxx_i2c adapter"
  std::string parent = {};  ///< the bus that its multiplexer is on; empty: it is behind none
  std::string alias = {};   ///< of a multiplexer's channel "i2c-1/mux:0x70:3", which stays when numbers change
};

/// The adapters of the kernel, by number. Worker only.
[[nodiscard]] std::vector<I2cAdapter> i2c_adapters(AttributeFiles& files);

struct ScannedBus {
  std::string name;         ///< as the configuration should call it
  std::string parent = {};  ///< what answers there answers behind its multiplexer too
  std::string device = {};  ///< "i2c-5", where the kernel has it
  friend bool operator==(const ScannedBus&, const ScannedBus&) = default;
};

struct LeftOutBus {
  std::string name;
  std::string why;  ///< and the way to it, where there is one
  friend bool operator==(const LeftOutBus&, const LeftOutBus&) = default;
};

struct BusChoice {
  std::vector<ScannedBus> scanned = {};   ///< parents before what is behind them
  std::vector<LeftOutBus> left_out = {};  ///< there, or expected, but not scanned
};

/// The buses to scan. Without `wanted`, those on the board's header and the channels of multiplexers on them. A bus
/// with the board's own power chips is never among them, not even when it is wanted: error unsupported. Error
/// out_of_range: what is wanted is no name of a bus. Pure.
[[nodiscard]] Result<BusChoice> choose_buses(const std::vector<I2cAdapter>& adapters, const BoardTable& board,
                                             const std::vector<std::string>& wanted);

}  // namespace b2m

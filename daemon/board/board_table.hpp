// Board tables: what the pins of a known board are called, where they stand on its header and which line of which GPIO
// chip they are. A board is data; see configs/boards.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/api/gpio.hpp"
#include "drivers/api/result.hpp"

namespace b2m {

/// Pads that are numbered through: "PC0" to "PC16" are the lines 64 to 80 of the chip labelled "300b000.pinctrl".
struct PadBank {
  std::string pads;  ///< what stands before the number
  std::string chip;  ///< label
  unsigned first_line = 0;
  unsigned lines = 0;
};

/// A pin of the header, or a named part of the board that is wired like one ("KEY").
struct HeaderPin {
  std::string pin;             ///< "7", "KEY"
  std::string pad;             ///< "PC8", or "GND", "3.3V", "5V"
  std::optional<LineId> line;  ///< none for power and ground
  /// What it can be besides a line: "SDA1" of i2c-1, "TX2" of ttyS2 or ttyAMA2, "MOSI" of BoardTable::spi_bus, "PWM2".
  std::vector<std::string> functions;
  std::string note;      ///< for people
  std::string reserved;  ///< who needs the line for itself; empty: free
};

struct BoardTable {
  std::string name;  ///< what `board` in the configuration says
  std::string title;
  std::vector<std::string> models;  ///< beginnings of /proc/device-tree/model, up to a word's end
  std::vector<PadBank> banks;
  std::vector<std::string> i2c_buses;  ///< those on the header; others may have the board's own power chips on them
  std::string spi_bus;                 ///< the one on the header, "spidev1"; empty: not known
  std::string internal_i2c;       ///< what sits on the other buses of the SoC and is not to be touched; may be empty
  std::string enable_i2c;         ///< how to get a missing bus; "{bus}" stands for its number
  std::vector<HeaderPin> header;  ///< by pin number, then the named ones
};

/// Every known board, sorted by name. Pure.
[[nodiscard]] std::span<const BoardTable> all_boards();

/// The board of that name, or null. Pure.
[[nodiscard]] const BoardTable* find_board(std::string_view name);

/// The board that calls itself so in its device tree; the longest match wins, "generic" when there is none. Pure.
[[nodiscard]] const BoardTable& recognise(std::string_view device_tree_model);

/// The labels of the board's GPIO chips, each once. Pure.
[[nodiscard]] std::vector<std::string> chip_labels(const BoardTable& board);

/// The line that a user's spelling means: a pad ("PC8", "GPIO17"), a pin ("header:11"), a chip and a number
/// ("gpiochip0:73", "300b000.pinctrl:73"), else the name of a line, which is looked up when the line is requested.
/// Error: out_of_range, with what there is instead. Pure.
[[nodiscard]] Result<LineId> resolve_line(const BoardTable& board, std::string_view spelling);

/// For a spelling that is taken for the name of a line: how it was more likely meant, "PC8" for "pc8", "GPIO17" or
/// "header:17" for "17". Empty when it looks like a name. Pure.
[[nodiscard]] std::vector<std::string> likely_spellings(const BoardTable& board, std::string_view spelling);

/// The header pin that is this line, or null. Pure.
[[nodiscard]] const HeaderPin* find_pin(const BoardTable& board, const LineId& line);

/// "PC8 (header:7, 300b000.pinctrl line 72)", as `check` and `pins` say it. Pure.
[[nodiscard]] std::string describe(const BoardTable& board, const LineId& line);

/// How to get the I2C bus "i2c-N" that is missing, with its number filled in. Pure.
[[nodiscard]] std::string i2c_hint(const BoardTable& board, std::string_view bus);

/// Tables from JSON texts; a table that `extends` another is laid over it (RFC 7396). Error: io, with what is wrong.
/// Pure.
[[nodiscard]] Result<std::vector<BoardTable>> parse_boards(std::span<const std::string_view> texts);

}  // namespace b2m

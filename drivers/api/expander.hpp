// The expander port: what a driver of a GPIO expander does on its bus. Who asks for which line, and when the chip is
// read, is others' business.
#pragma once

#include <cstdint>

#include "drivers/api/result.hpp"

namespace b2m {

/// What every line of an expander is to be, or is. Bit n is line n.
struct ExpanderLines {
  std::uint16_t outputs = 0;   ///< these are driven
  std::uint16_t levels = 0;    ///< high or low, of those that are driven
  std::uint16_t inputs = 0;    ///< these are watched; a line that is neither is left an input that nobody asks
  std::uint16_t pull_ups = 0;  ///< inputs with the chip's own resistor to the supply
  friend bool operator==(const ExpanderLines&, const ExpanderLines&) = default;
};

/// A GPIO expander on its bus: transfers alone, no memory of what was asked before. Any error means that the state of
/// the chip is unknown and set_up() is due. Worker only.
class Expander {
 public:
  virtual ~Expander() = default;
  /// What the chip drives now: `outputs` and `levels`, whoever set them.
  virtual Result<ExpanderLines> found() = 0;
  /// Brings the chip from any state to `lines`: each level is latched before its line is driven, and where the chip has
  /// an interrupt output, inputs tell by it (active low).
  virtual Result<> set_up(const ExpanderLines& lines) = 0;
  /// Drives the levels of a chip that is set up as `lines` says, all in one transfer. Error io: the chip has lost its
  /// set-up.
  virtual Result<> drive(const ExpanderLines& lines) = 0;
  /// The levels of all lines in one transfer; ends an interrupt. Error io: the chip has lost its set-up as `lines`.
  virtual Result<std::uint16_t> read(const ExpanderLines& lines) = 0;
};

/// What a model of expander has. Zero lines: it is no expander.
struct ExpanderTraits {
  unsigned lines = 0;
  bool switched_pull_ups = false;     ///< its pull-ups can be switched on and off
  bool open_drain = false;            ///< it drives only to ground; a weak resistor does the rest
  std::uint16_t doubtful_inputs = 0;  ///< lines that the maker advises to use as outputs alone
};

}  // namespace b2m

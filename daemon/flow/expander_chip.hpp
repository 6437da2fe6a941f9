// A GPIO expander that several devices have lines on.
#pragma once

#include <memory>

#include "daemon/config/model.hpp"
#include "drivers/api/expander.hpp"

namespace b2m {

/// Keeps what each line is to be, so that one line's change leaves the others alone and a chip that lost its supply is
/// made again what it was. A line that is configured as an output and not yet taken stays as it is found. Worker only,
/// that of its bus.
class ExpanderChip {
 public:
  ExpanderChip(const ExpanderConfig& config, std::unique_ptr<Expander> chip);

  /// Makes the line an output at this level; with `keep`, at the one it has when it is driven already.
  Result<> take(unsigned line, bool high, bool keep);
  /// Drives an output. After an error its level is the one before.
  Result<> drive(unsigned line, bool high);
  /// The level that an output was given last.
  [[nodiscard]] bool driven(unsigned line) const noexcept { return (wanted_.levels >> line & 1) != 0; }

  struct Reading {
    std::uint16_t levels = 0;
    bool restored = false;  ///< the chip had lost its set-up
  };
  /// The levels of all lines.
  Result<Reading> read();

 private:
  Result<> set_up();

  std::unique_ptr<Expander> chip_;
  std::uint16_t configured_outputs_;
  ExpanderLines wanted_;  ///< with the outputs that were taken
  ExpanderLines made_;    ///< what the chip was set up as
  bool ready_ = false;
};

}  // namespace b2m

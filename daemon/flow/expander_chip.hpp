// A GPIO expander that several devices have lines on.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "daemon/config/model.hpp"
#include "drivers/api/expander.hpp"

namespace b2m {

/// Keeps what each line is to be, so that one line's change leaves the others alone and a chip that lost its supply is
/// made again what it was. A line that is configured as an output and not yet taken stays as it is found; an output
/// that is no longer configured stays as it was left. Worker only, that of its bus, but for configure().
class ExpanderChip {
 public:
  ExpanderChip(const ExpanderConfig& config, std::unique_ptr<Expander> chip);

  /// Other lines are used; the chip is set up for them when it is used next. Any thread.
  void configure(const ExpanderConfig& config) noexcept;

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
  void take_configuration();

  std::unique_ptr<Expander> chip_;
  std::atomic<std::uint64_t> configured_;  ///< outputs, inputs and pull-ups, 16 bits each: exchanged as one
  std::uint64_t taken_ = 0;                ///< of the above, what the lines below follow
  std::uint16_t configured_outputs_ = 0;
  ExpanderLines wanted_;  ///< with the outputs that were taken
  ExpanderLines made_;    ///< what the chip was set up as
  bool ready_ = false;
};

}  // namespace b2m

// Lines of GPIO expanders: "mcp23017@i2c-1:0x20/5".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// The options of an input that say how the expander of its line is read.
inline constexpr std::string_view interrupt_line_key = "interrupt_line";
inline constexpr std::string_view poll_key = "poll";

/// Whether a line is spelled as one of an expander. Pure.
[[nodiscard]] bool names_expander(std::string_view spelling) noexcept;

struct ExpanderLine {
  DriverRef driver;
  std::string bus;  ///< "i2c-1", "i2c-1/mux:0x70:3"
  std::uint8_t address = 0;
  unsigned line = 0;
  /// As in LineId: "mcp23017@i2c-1:0x20". One text for each chip, however it was spelled.
  [[nodiscard]] std::string chip() const;
  [[nodiscard]] LineId id() const { return {.chip = chip(), .offset = line}; }
};

/// The line of a spelling for which names_expander() is true: the chip is known, has the address and the line. Pure.
[[nodiscard]] Checked<ExpanderLine> parse_expander_line(std::string_view spelling);

/// Whether a line can be used with these options of its device: `pull`, `open_drain`. Pure.
[[nodiscard]] Checked<> check_expander_line(const ExpanderLine& line, const Options& options);

/// Enters a device's line into the list of expanders, which gets the chip when it is not there yet. Pure.
ExpanderConfig& enter_expander_line(std::vector<ExpanderConfig>& expanders, const ExpanderLine& line,
                                    const DeviceConfig& device);

/// Sets the `poll` of the expanders whose inputs gave none. Pure.
void complete_expanders(std::vector<ExpanderConfig>& expanders);

}  // namespace b2m

// The GPIO port: lines of a GPIO chip as inputs with edges and as outputs. Above it there is only active and inactive;
// what that means in volts is the request's business.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drivers/api/result.hpp"

namespace b2m {

/// One line of one chip. `chip` is a label ("300b000.pinctrl"), a device name ("gpiochip0") or a path. With a `name`
/// the line is looked up by it when it is requested, in every chip or in `chip` where that is given, and `offset` says
/// nothing. The lines of an expander have the chip "mcp23017@i2c-1:0x20".
struct LineId {
  std::string chip = {};
  unsigned offset = 0;
  std::string name = {};
  [[nodiscard]] bool by_name() const noexcept { return !name.empty(); }
  [[nodiscard]] bool on_expander() const noexcept { return chip.find("@i2c-") != std::string::npos; }
  friend bool operator==(const LineId&, const LineId&) = default;
};

/// The lines of a device by the option that names them: "line", "trigger_line" …
using Lines = std::map<std::string, LineId>;

enum class Bias : std::uint8_t { as_is, disabled, pull_up, pull_down };

/// Kinds of edges, as seen above active_low.
enum class Edges : std::uint8_t { both, to_active, to_inactive };

struct InputSettings {
  bool active_low = false;
  Bias bias = Bias::as_is;
  bool edges = true;         ///< false: the level alone, for lines that cannot interrupt; there are no events then
  Edges told = Edges::both;  ///< of which kind there must be events; a port may tell those of the other kind too
};

struct OutputSettings {
  bool active_low = false;
  std::optional<bool> initial = false;  ///< active or not, driven together with the request; none: the level it has
  bool open_drain = false;
};

/// A change of an input with the kernel's time of it (CLOCK_MONOTONIC).
struct LineEvent {
  bool active;
  std::chrono::steady_clock::time_point time;
  std::uint32_t lost_before = 0;  ///< events of the told kinds that had to be dropped just before this one
};

/// Owns the line. Loop only: its descriptor wakes the loop, reading an event never blocks.
class InputLine {
 public:
  virtual ~InputLine() = default;
  /// Readable when an event waits.
  [[nodiscard]] virtual int fd() const = 0;
  /// The next waiting event, or none.
  virtual Result<std::optional<LineEvent>> next_event() = 0;
  /// The level now.
  virtual Result<bool> active() = 0;
};

/// Owns the line. Worker only.
class OutputLine {
 public:
  virtual ~OutputLine() = default;
  virtual Result<> set(bool active) = 0;
  virtual Result<bool> active() = 0;
};

/// Errors of both requests: gone (no such chip), out_of_range (no such line), busy (the detail names the holder),
/// unsupported (bias not available), io. Any thread.
class GpioPort {
 public:
  virtual ~GpioPort() = default;
  virtual Result<std::unique_ptr<InputLine>> request_input(const LineId& line, const InputSettings& settings) = 0;
  /// A line that an earlier process left requested keeps its level, whatever `settings.initial` says.
  virtual Result<std::unique_ptr<OutputLine>> request_output(const LineId& line, const OutputSettings& settings) = 0;
  /// Lets go of every line that an earlier process left requested, or this one keeps for the next, but for `outputs`.
  virtual void forget_outputs_but(const std::vector<LineId>& /*outputs*/) {}
};

/// A line as the kernel shows it to everybody.
struct GpioLineInfo {
  std::string name = {};    ///< as the kernel has it; empty for none
  bool used = false;        ///< by the kernel or a process
  std::string holder = {};  ///< who uses it, where the kernel says
  bool output = false;
};

struct GpioChipInfo {
  std::string name;   ///< "gpiochip0"
  std::string label;  ///< "300b000.pinctrl"
  std::vector<GpioLineInfo> lines;
};

/// The chips that can be looked at, sorted by name.
struct GpioView {
  std::vector<GpioChipInfo> chips = {};
  std::optional<Error> denied = {};  ///< some chips are there, but not for this user
};

/// Looks at lines without requesting them. Any thread.
class GpioInspector {
 public:
  virtual ~GpioInspector() = default;
  virtual GpioView look() = 0;
};

}  // namespace b2m

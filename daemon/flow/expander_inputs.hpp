// The inputs of GPIO expanders as the loop sees them: chips that are read at an interrupt and now and then, and lines
// with edges made of what was read.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/flow/bus.hpp"
#include "daemon/flow/expander_board.hpp"
#include "daemon/loop/backoff.hpp"

namespace b2m {

/// The interrupt line of one or several chips. While it cannot be had, opening it is tried again. Loop only.
class ExpanderInterrupt {
 public:
  ExpanderInterrupt(EventLoop& loop, GpioPort& gpio, LineId line);
  /// Called when a chip has something to tell.
  void on_interrupt(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }
  /// Whether the line can be used; tries to open it.
  bool open();
  void close();
  /// Whether some chip still has something to tell.
  [[nodiscard]] bool active();

 private:
  void on_readable();
  void lose(const Error& error);

  EventLoop& loop_;
  GpioPort& gpio_;
  LineId id_;
  std::vector<std::function<void()>> listeners_;
  std::unique_ptr<InputLine> line_;
  std::optional<ReadWatch> watch_;  ///< of the line's descriptor; goes before the line
  std::optional<Error> last_error_;
};

/// Follows the inputs of one chip, for ever: a chip that does not answer is looked for more and more slowly. Loop only.
class ExpanderWatch {
 public:
  /// `config`, `bus` and `interrupt`, which may be null, outlive it.
  ExpanderWatch(EventLoop& loop, const ExpanderConfig& config, Bus& bus, std::shared_ptr<ExpanderBoard> board,
                ExpanderInterrupt* interrupt);
  ~ExpanderWatch();
  ExpanderWatch(const ExpanderWatch&) = delete;
  ExpanderWatch& operator=(const ExpanderWatch&) = delete;

  /// Begins to read.
  void start() { read(); }
  void stop();
  /// Calls `known` once, when the chip has answered or failed to for the first time.
  void when_known(std::function<void()> known);
  /// Error: what the last read brought; not_ready before the first.
  Result<std::unique_ptr<InputLine>> open(unsigned line, const InputSettings& settings);

 private:
  class ReadJob;
  class Input;
  struct InputState;

  void read();
  void on_read(const Result<ExpanderChip::Reading>& reading, SteadyTime time);
  void tell_levels(std::uint16_t levels, SteadyTime time);
  void fail(const Error& error);
  void arm();

  const ExpanderConfig& config_;
  Bus& bus_;
  ExpanderInterrupt* interrupt_;
  std::shared_ptr<ReadJob> job_;
  Timer timer_;
  Backoff backoff_;
  std::vector<std::weak_ptr<InputState>> inputs_;
  std::vector<std::function<void()>> waiting_;
  std::optional<std::uint16_t> levels_;
  Error last_error_{Errc::not_ready, "the chip was not read yet"};
  bool known_ = false;
  bool under_way_ = false;
  bool again_ = false;
  bool stopped_ = false;
};

/// The watches of all expanders that have inputs. Loop only.
class ExpanderInputs final : public ExpanderInputSource {
 public:
  /// `expanders` outlives it, and so does what `bus` gives: the bus of an adapter, "i2c-1".
  ExpanderInputs(EventLoop& loop, std::span<const ExpanderConfig> expanders, std::shared_ptr<ExpanderBoard> board,
                 const std::function<Bus&(const std::string&)>& bus);
  ~ExpanderInputs() override;
  ExpanderInputs(const ExpanderInputs&) = delete;
  ExpanderInputs& operator=(const ExpanderInputs&) = delete;

  void start();
  void stop();
  /// Calls `ready` when the lines of a device can be opened, or it is known why not: at once for those of no expander.
  void when_known(const Lines& lines, std::function<void()> ready);
  Result<std::unique_ptr<InputLine>> open_input(const LineId& line, const InputSettings& settings) override;

 private:
  ExpanderInterrupt* interrupt_of(EventLoop& loop, const ExpanderConfig& config);

  std::shared_ptr<ExpanderBoard> board_;
  std::vector<std::pair<LineId, std::unique_ptr<ExpanderInterrupt>>> interrupts_;
  std::map<std::string, std::unique_ptr<ExpanderWatch>> watches_;  ///< by chip, as in LineId
};

}  // namespace b2m

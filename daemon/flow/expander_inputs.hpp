// The inputs of GPIO expanders as the loop sees them: chips that are read at an interrupt and now and then, and lines
// with edges made of what was read.
#pragma once

#include <algorithm>
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
  /// Called when a chip has something to tell, until `owner` is forgotten.
  void on_interrupt(const void* owner, std::function<void()> listener) {
    listeners_.emplace_back(owner, std::move(listener));
  }
  void forget(const void* owner) {
    std::erase_if(listeners_, [&](const auto& listener) { return listener.first == owner; });
  }
  [[nodiscard]] bool unused() const noexcept { return listeners_.empty(); }
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
  std::vector<std::pair<const void*, std::function<void()>>> listeners_;  ///< with their owners
  std::unique_ptr<InputLine> line_;
  std::optional<ReadWatch> watch_;  ///< of the line's descriptor; goes before the line
  std::optional<Error> last_error_;
};

/// Follows the inputs of one chip, for ever: a chip that does not answer is looked for more and more slowly. Loop only.
class ExpanderWatch {
 public:
  /// `bus` and `interrupt`, which may be null, outlive it.
  ExpanderWatch(EventLoop& loop, ExpanderConfig config, Bus& bus, std::shared_ptr<ExpanderBoard> board,
                ExpanderInterrupt* interrupt);
  ~ExpanderWatch();
  ExpanderWatch(const ExpanderWatch&) = delete;
  ExpanderWatch& operator=(const ExpanderWatch&) = delete;

  /// Reads at another pace from the next read on.
  void set_poll(std::chrono::nanoseconds poll) { config_.poll = poll; }
  [[nodiscard]] const ExpanderConfig& config() const noexcept { return config_; }

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

  ExpanderConfig config_;
  ExpanderInterrupt* interrupt_;
  std::shared_ptr<ReadJob> job_;
  BusMember bus_;
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
  /// The bus of an adapter, "i2c-1"; it outlives the watches of its chips.
  using FindBus = std::function<Bus&(const std::string&)>;

  ExpanderInputs(EventLoop& loop, std::span<const ExpanderConfig> expanders, std::shared_ptr<ExpanderBoard> board,
                 FindBus bus);
  ~ExpanderInputs() override;
  ExpanderInputs(const ExpanderInputs&) = delete;
  ExpanderInputs& operator=(const ExpanderInputs&) = delete;

  void start();
  void stop();
  /// Follows these chips from now on. A chip that is still there is followed without a break, unless its interrupt
  /// comes on another line: then whoever has an input on it opens that anew. New ones begin with start().
  void change(std::span<const ExpanderConfig> expanders);
  /// Calls `ready` when the lines of a device can be opened, or it is known why not: at once for those of no expander.
  void when_known(const Lines& lines, std::function<void()> ready);
  Result<std::unique_ptr<InputLine>> open_input(const LineId& line, const InputSettings& settings) override;

 private:
  ExpanderInterrupt* interrupt_of(const ExpanderConfig& config);
  void follow(const ExpanderConfig& config);

  EventLoop& loop_;
  std::shared_ptr<ExpanderBoard> board_;
  FindBus bus_;
  std::vector<std::pair<LineId, std::unique_ptr<ExpanderInterrupt>>> interrupts_;
  std::map<std::string, std::unique_ptr<ExpanderWatch>> watches_;  ///< by chip, as in LineId
  std::vector<ExpanderWatch*> fresh_;                              ///< not started yet
};

}  // namespace b2m

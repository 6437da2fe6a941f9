// A board with GPIO expanders on its buses: their lines are requested like any other.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "daemon/flow/expander_chip.hpp"
#include "drivers/api/board.hpp"

namespace b2m {

/// Who follows the inputs of expanders. Loop only.
class ExpanderInputSource {
 public:
  virtual ~ExpanderInputSource() = default;
  virtual Result<std::unique_ptr<InputLine>> open_input(const LineId& line, const InputSettings& settings) = 0;
};

/// Everything but the GPIO port is that of the board below. The lines of an expander are requested where they are used:
/// outputs on the worker of its bus, inputs on the loop. Without a source of inputs, as when sensors are read once, an
/// input is read when its level is asked for, and tells no edges. Loop only; see Board.
class ExpanderBoard final : public Board {
 public:
  ExpanderBoard(std::shared_ptr<Board> board, std::span<const ExpanderConfig> expanders);
  ~ExpanderBoard() override;

  I2cBus& i2c(const std::string& name) override { return board_->i2c(name); }
  SpiBus& spi(const std::string& name) override { return board_->spi(name); }
  SerialPort& serial(const std::string& port) override { return board_->serial(port); }
  GpioPort& gpio() override;
  TimedLines& timed_lines() override { return board_->timed_lines(); }
  AttributeFiles& files() override { return board_->files(); }
  std::unique_ptr<Sensor> substitute(const DriverRef& driver, const Options& options) override {
    return board_->substitute(driver, options);
  }

  /// The chip of that name, as in LineId; none when it is not configured. What it gives is the worker's. Any thread.
  [[nodiscard]] std::shared_ptr<ExpanderChip> chip(const std::string& name) const;
  /// Has these chips from now on; those that stay remember what their lines are. Loop only.
  void change(std::span<const ExpanderConfig> expanders);
  /// The GPIO port of the board itself.
  [[nodiscard]] GpioPort& own_gpio() { return board_->gpio(); }
  /// Null: none. Loop only.
  void set_input_source(ExpanderInputSource* source) noexcept;

 private:
  class Port;
  std::shared_ptr<Board> board_;
  mutable std::mutex mutex_;  ///< of the map alone: workers look into it
  std::map<std::string, std::shared_ptr<ExpanderChip>> chips_;
  std::unique_ptr<Port> port_;
};

}  // namespace b2m

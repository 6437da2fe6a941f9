// Simulated GPIO lines: outputs remember their level, inputs are driven by tests or move by themselves.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/sim/line_motion.hpp"
#include "daemon/sim/motion.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// Every chip label exists and has `lines` lines. Any thread.
class SimulatedGpio final : public GpioPort {
 public:
  static constexpr unsigned lines = 512;
  enum class Inputs : std::uint8_t {
    driven,       ///< only drive() moves them
    self_moving,  ///< each one also moves by itself, as move() said or every few seconds
  };

  explicit SimulatedGpio(SimulationClock clock, Inputs inputs = Inputs::driven);
  ~SimulatedGpio() override;
  Result<std::unique_ptr<InputLine>> request_input(const LineId& line, const InputSettings& settings) override;
  Result<std::unique_ptr<OutputLine>> request_output(const LineId& line, const OutputSettings& settings) override;

  /// Puts a level (high or low, before active_low) on a line from outside. A requested input gets an event when it
  /// changes.
  void drive(const LineId& line, bool high);
  /// How a line moves by itself from its next request on, where inputs are self-moving.
  void move(const LineId& line, LineMotion motion);
  /// The level of a line, also after its release; none when nobody ever touched it.
  [[nodiscard]] std::optional<bool> level(const LineId& line) const;

  class State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace b2m

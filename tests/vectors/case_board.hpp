// The devices that a case describes, on simulated buses.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "daemon/sim/simulated_files.hpp"
#include "daemon/sim/simulated_i2c.hpp"
#include "daemon/sim/simulated_serial.hpp"
#include "daemon/sim/simulated_spi.hpp"
#include "daemon/sim/simulated_timed_lines.hpp"
#include "tests/vectors/vector_file.hpp"

namespace b2m::vectors {

/// Passes everything on and keeps what was written.
class RecordingBus final : public I2cBus {
 public:
  explicit RecordingBus(I2cBus& bus) : bus_(bus) {}
  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override;
  [[nodiscard]] const std::vector<Bytes>& writes() const noexcept { return writes_; }

 private:
  I2cBus& bus_;
  std::vector<Bytes> writes_;
};

/// Every line option of a driver means this one: no case has more than one part.
inline const LineId case_line{.chip = "gpiochip0", .offset = 1};

/// One case, ready for a driver. Not movable: the recorder refers to the bus.
struct CaseBoard {
  CaseBoard() = default;
  CaseBoard(const CaseBoard&) = delete;
  CaseBoard& operator=(const CaseBoard&) = delete;

  SimulatedI2c i2c;
  RecordingBus recorder{i2c};
  SimulatedSpi spi;
  SimulatedSerial serial;
  SimulatedTimedLines timed_lines;
  SimulatedFiles files;
  std::optional<std::uint8_t> address;  ///< of an I2C case
  std::string cls;                      ///< of a sysfs case: "w1", "hwmon", "thermal", "iio"
  std::string directory;                ///< of a sysfs case: the name of the device's directory
  /// The present content of a register of a register device.
  std::function<std::uint32_t(std::uint8_t)> register_now;
};

/// Puts the devices of `given` on the board. unsupported: a kind of device that this build has no port for.
[[nodiscard]] Result<> build_given(const VectorChip& chip, const VectorCase& one, CaseBoard& board);

// One for each kind of device.
[[nodiscard]] Result<> build_registers(const VectorChip& chip, const Json& given, CaseBoard& board);
[[nodiscard]] Result<> build_commands(const Json& given, CaseBoard& board);
[[nodiscard]] Result<> build_stream(const Json& given, CaseBoard& board);
[[nodiscard]] Result<> build_port(const Json& given, CaseBoard& board);
[[nodiscard]] Result<> build_uart(const Json& given, CaseBoard& board);
[[nodiscard]] Result<> build_spi(const Json& given, CaseBoard& board);
[[nodiscard]] Result<> build_gpio_frame(const Json& given, CaseBoard& board);
[[nodiscard]] Result<> build_gpio_pulse(const Json& given, CaseBoard& board);
[[nodiscard]] Result<> build_gpio_clocked(const Json& given, CaseBoard& board);
[[nodiscard]] Result<> build_files(const Json& given, CaseBoard& board);

}  // namespace b2m::vectors

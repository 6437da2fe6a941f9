// Ports that note what passes through them and can spoil one transfer: what the tests of all drivers and the benchmark
// look through.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "drivers/api/driver.hpp"
#include "tests/vectors/vector_file.hpp"

namespace b2m::vectors {

/// What went over the wire in one call of a port.
struct Transfer {
  Bytes written = {};
  Bytes read = {};             ///< before any damage
  std::size_t overhead = 0;    ///< bytes beside the data: the addresses of I2C
  std::size_t damageable = 0;  ///< bits of the answer that can be spoiled
};

/// One transfer that goes wrong, or all from there on.
struct Disturbance {
  std::size_t transfer;                       ///< its number, from 0
  std::optional<Errc> error = {};             ///< it fails so, and does not reach the part
  std::optional<std::size_t> wrong_bit = {};  ///< this bit of its answer is inverted
  bool lasting = false;
};

/// All transfers of one device, in order.
class Wire {
 public:
  /// From now on; counting begins at 0.
  void watch(std::optional<Disturbance> disturbance = {});
  [[nodiscard]] const std::vector<Transfer>& transfers() const noexcept { return transfers_; }

  // For the ports.
  using Answer = std::vector<std::span<std::uint8_t>>;
  /// Does `real`, unless the transfer is to fail; then spoils and notes the answer.
  Result<> pass(Transfer transfer, const Answer& answer, const std::function<Result<>()>& real);
  /// For what is no bytes: whether the transfer is to fail, and which bit of it is to be wrong.
  Result<std::optional<std::size_t>> note(std::size_t damageable);

 private:
  [[nodiscard]] std::optional<Disturbance> due() const;

  std::optional<Disturbance> disturbance_;
  std::vector<Transfer> transfers_;
};

/// The ports of a context, each behind one that notes on `wire`.
class WatchedPorts {
 public:
  WatchedPorts(const DriverContext& real, Wire& wire);
  ~WatchedPorts();
  WatchedPorts(const WatchedPorts&) = delete;
  WatchedPorts& operator=(const WatchedPorts&) = delete;
  /// The context with the watched ports in place of the real ones.
  [[nodiscard]] DriverContext context() const;

 private:
  DriverContext real_;
  std::unique_ptr<I2cBus> i2c_;
  std::unique_ptr<SpiBus> spi_;
  std::unique_ptr<SerialPort> serial_;
  std::unique_ptr<TimedLines> timed_lines_;
  std::unique_ptr<AttributeFiles> files_;
};

}  // namespace b2m::vectors

// A case ready to be read again and again, with a watch on its wire.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/vectors/run_case.hpp"
#include "tests/vectors/watched_ports.hpp"

namespace b2m::vectors {

/// A driver with the devices of a case. Not movable: its ports refer to one another.
class CaseRig {
 public:
  /// unsupported: no driver, or one that is not polled.
  [[nodiscard]] static Result<std::unique_ptr<CaseRig>> make(const VectorChip& chip, const VectorCase& one);

  [[nodiscard]] const DriverRef& driver() const noexcept { return driver_; }
  [[nodiscard]] Sensor& sensor() noexcept { return *sensor_; }
  [[nodiscard]] Wire& wire() noexcept { return wire_; }
  /// The device as its bus sees it, with the watch in between; of an I2C case.
  [[nodiscard]] I2cDevice device() const { return {ports_->context().i2c, board_.address.value_or(0)}; }

 private:
  CaseRig() = default;
  CaseBoard board_;
  Wire wire_;
  DriverRef driver_;
  Options options_;
  std::unique_ptr<WatchedPorts> ports_;
  std::unique_ptr<Sensor> sensor_;
};

/// A chip of a vectors file and one of its cases that a polled driver turns into values.
struct GoodCase {
  const VectorChip* chip;
  const VectorCase* one;
  const DriverInfo* driver;
};

/// The vectors of this tree: vectors.json and chips/.
[[nodiscard]] const std::vector<VectorChip>& all_vectors();

/// Those of all_vectors() that give values, in the order of the files. A mistake in a file throws.
[[nodiscard]] const std::vector<GoodCase>& good_cases();

}  // namespace b2m::vectors

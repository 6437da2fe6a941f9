// Everything that is wired: what `board2mqtt scan` finds, before it is printed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/scan/i2c_buses.hpp"
#include "daemon/scan/i2c_scan.hpp"
#include "daemon/scan/kernel_devices.hpp"
#include "drivers/api/board.hpp"

namespace b2m {

/// A part on a bus, with what its kernel driver made of it where one holds it.
struct BusFinding {
  I2cFinding found;
  std::optional<KernelDevice> instead = {};  ///< what to configure in place of a held address
};

struct BusReport {
  ScannedBus bus;
  std::vector<BusFinding> findings = {};
  std::optional<Error> error = {};
};

struct ScanReport {
  std::vector<BusReport> buses = {};
  std::vector<LeftOutBus> left_out = {};
  std::vector<KernelDevice> kernel = {};
  std::vector<std::string> other_w1 = {};
};

/// Told of what is being looked at: "i2c-1 0x44".
using ScanStep = std::function<void(const std::string& what)>;

/// Scans the chosen buses and the kernel's devices. What answered on a bus is not told again of the channels behind its
/// multiplexers, where it answers too. With `kernel` false the kernel's devices are left out: somebody asked for single
/// buses. Worker only.
[[nodiscard]] ScanReport scan(Board& board, const BusChoice& choice, bool kernel, const ScanStep& step);

}  // namespace b2m

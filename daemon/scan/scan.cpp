#include "daemon/scan/scan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

bool answers_on(const std::vector<BusReport>& reports, const std::string& bus, std::uint8_t address) {
  return std::any_of(reports.begin(), reports.end(), [&](const BusReport& report) {
    return report.bus.name == bus &&
           (std::any_of(report.findings.begin(), report.findings.end(),
                        [&](const BusFinding& finding) { return finding.found.address == address; }) ||
            answers_on(reports, report.bus.parent, address));
  });
}

BusReport scan_bus(Board& board, const ScannedBus& bus, const std::vector<BusReport>& before, const ScanStep& step) {
  BusReport report{.bus = bus};
  auto result = scan_i2c(board.i2c(bus.name), all_drivers(), [&](std::uint8_t address) {
    if (step) step(fmt::format("{} 0x{:02x}", bus.name, address));
  });
  report.error = std::move(result.error);
  for (auto& finding : result.findings) {
    if (!bus.parent.empty() && answers_on(before, bus.parent, finding.address)) continue;
    auto instead = finding.certainty == Certainty::held
                       ? kernel_device_at(board.files(), bus.device.empty() ? bus.name : bus.device, finding.address)
                       : std::nullopt;
    report.findings.push_back({std::move(finding), std::move(instead)});
  }
  return report;
}

}  // namespace

ScanReport scan(Board& board, const BusChoice& choice, bool kernel, const ScanStep& step) {
  ScanReport report{.left_out = choice.left_out};
  for (const auto& bus : choice.scanned) report.buses.push_back(scan_bus(board, bus, report.buses, step));
  if (!kernel) return report;
  if (step) step("devices of the kernel");
  report.kernel = kernel_devices(board.files());
  report.other_w1 = other_w1_slaves(board.files());
  return report;
}

}  // namespace b2m

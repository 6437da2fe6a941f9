#include "daemon/scan/i2c_scan.hpp"

#include <algorithm>
#include <array>

#include "daemon/scan/guarded_i2c.hpp"

namespace b2m {
namespace {

// UM10204 §3.1.12: the others are reserved.
constexpr std::uint8_t first_address = 0x08;
constexpr std::uint8_t last_address = 0x77;

/// A part that sleeps does not acknowledge the transfer that wakes it (AM2320).
constexpr int looks = 3;

/// TI TCA9548A SCPS207H §8.5.1: its addresses.
constexpr bool can_be_mux(std::uint8_t address) { return address >= 0x70; }

/// Where i2cdetect reads as well, since there are EEPROMs that take an empty write for one (AT24RF08) and parts that
/// lock up (0x30 to 0x37: their write protection).
constexpr bool must_be_read(std::uint8_t address) {
  return (address >= 0x30 && address <= 0x37) || (address >= 0x50 && address <= 0x57);
}

bool contains(std::span<const std::uint8_t> addresses, std::uint8_t address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

/// The models of an I2C driver that can have the address; a driver without models as a whole.
std::vector<DriverRef> models_at(const DriverInfo& driver, std::uint8_t address) {
  std::vector<DriverRef> models;
  if (driver.bus != BusKind::i2c) return models;
  for (std::size_t i = 0; i < std::max<std::size_t>(driver.models.size(), 1); ++i) {
    const DriverRef model{&driver, i};
    if (contains(model.addresses(), address)) models.push_back(model);
  }
  return models;
}

Result<> ask(const I2cDevice& device) {
  std::array<std::uint8_t, 1> byte{};
  if (must_be_read(device.address)) return device.read(byte);
  auto answer = device.write({});
  // An adapter may not be able to send an address alone.
  if (!answer && answer.error().code == Errc::unsupported) return device.read(byte);
  return answer;
}

/// Whether the part only ever reads the same: so does a multiplexer, whose one register every read repeats. A part with
/// registers reads on through all of them, and its identity is among them. An adapter that reads single bytes alone
/// does it byte by byte. True also when it cannot be told.
bool reads_constant(const I2cDevice& device) {
  std::array<std::uint8_t, 256> bytes{};
  auto answer = device.read(bytes);
  if (!answer && answer.error().code == Errc::unsupported) {
    for (auto& byte : bytes)
      if (answer = device.read({&byte, 1}); !answer) break;
  }
  return !answer || std::all_of(bytes.begin(), bytes.end(), [&](auto byte) { return byte == bytes.front(); });
}

/// Whether the adapter can read what answers a command: several bytes without a register. One that speaks SMBus alone
/// cannot, and a command would be sent for nothing.
bool can_answer_commands(const I2cDevice& device) {
  std::array<std::uint8_t, 2> bytes{};
  const auto answer = device.read(bytes);
  return answer || answer.error().code != Errc::unsupported;
}

/// The model of a driver's that the name stands for.
std::optional<DriverRef> model_called(std::span<const DriverRef> models, std::string_view name) {
  const auto at = std::find_if(models.begin(), models.end(), [&](const auto& model) { return model.name() == name; });
  return at == models.end() ? std::nullopt : std::optional(*at);
}

/// Looks at one address after the other. Worker only.
class Scanner {
 public:
  Scanner(I2cBus& bus, std::span<const DriverInfo* const> drivers) : bus_(bus), drivers_(drivers) {}

  /// What is there, or none. Errors: those that concern the whole bus.
  Result<std::optional<I2cFinding>> look(std::uint8_t address) {
    const auto answer = ask_some_times(address);
    if (!answer && answer.error().code == Errc::no_ack) return std::nullopt;
    if (!answer && answer.error().code == Errc::busy)
      return I2cFinding{.address = address, .certainty = Certainty::held, .held_by = answer.error().detail};
    if (!answer) return tl::unexpected(answer.error());
    I2cFinding finding{.address = address};
    finding.maybe_mux = can_be_mux(address) && reads_constant({&bus_, address});
    if (!finding.maybe_mux) finding.parts = identify(address);
    // Two drivers that each take the part for theirs are both only possible.
    if (finding.parts.size() == 1) {
      finding.certainty = Certainty::identified;
      return finding;
    }
    if (finding.parts.empty()) finding.parts = without_identity(address, finding.maybe_mux);
    if (!finding.parts.empty() || finding.maybe_mux) finding.certainty = Certainty::possible;
    return finding;
  }

 private:
  Result<> ask_some_times(std::uint8_t address) {
    const I2cDevice device{&bus_, address};
    auto answer = ask(device);
    const bool expected = !without_identity(address, true).empty();
    for (int i = 1; expected && i < looks && !answer && answer.error().code == Errc::no_ack; ++i) answer = ask(device);
    return answer;
  }

  /// First by what selects registers alone, then, where nothing was found, by commands.
  std::vector<DriverRef> identify(std::uint8_t address) {
    std::vector<const DriverInfo*> left;
    std::vector<DriverRef> found;
    for (const auto* driver : drivers_) {
      const auto models = models_at(*driver, address);
      if (models.empty() || driver->probe == nullptr) continue;
      GuardedI2c guarded(bus_, GuardedI2c::Allowed::registers);
      const auto name = driver->probe({&guarded, address});
      if (const auto model = name ? model_called(models, *name) : std::nullopt) {
        found.push_back(*model);
      } else if (guarded.refused()) {
        left.push_back(driver);
      }
    }
    if (!found.empty() || can_be_mux(address) || !can_answer_commands({&bus_, address})) return found;
    for (const auto* driver : left) {
      GuardedI2c guarded(bus_, GuardedI2c::Allowed::commands);
      const auto name = driver->probe({&guarded, address});
      if (const auto model = name ? model_called(models_at(*driver, address), *name) : std::nullopt) return {*model};
    }
    return {};
  }

  /// What may be there although no probe found it. `unprobed`: no probe was tried.
  std::vector<DriverRef> without_identity(std::uint8_t address, bool unprobed) const {
    std::vector<DriverRef> parts;
    for (const auto* driver : drivers_) {
      for (const auto& model : models_at(*driver, address)) {
        const bool told =
            driver->probe != nullptr && !driver->models.empty() && driver->models[model.model].has_identity;
        if (unprobed || !told) parts.push_back(model);
      }
    }
    return parts;
  }

  I2cBus& bus_;
  std::span<const DriverInfo* const> drivers_;
};

}  // namespace

I2cScan scan_i2c(I2cBus& bus, std::span<const DriverInfo* const> drivers, const ScanProgress& progress) {
  I2cScan scan;
  Scanner scanner(bus, drivers);
  // Some adapters say EIO of an address where nobody is; that nothing can be done on a bus shows at every address.
  std::optional<Error> failed;
  bool always = true;
  for (std::uint8_t address = first_address; address <= last_address; ++address) {
    if (progress) progress(address);
    auto finding = scanner.look(address);
    if (!finding && finding.error().code != Errc::io) {
      scan.error = std::move(finding).error();
      return scan;
    }
    if (!finding) {
      failed = std::move(finding).error();
      continue;
    }
    always = false;
    if (*finding) scan.findings.push_back(std::move(**finding));
  }
  if (always) scan.error = std::move(failed);
  return scan;
}

}  // namespace b2m

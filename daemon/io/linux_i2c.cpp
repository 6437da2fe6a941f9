#include "daemon/io/linux_i2c.hpp"

#include <fmt/format.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <vector>

#include "daemon/io/kernel_error.hpp"
#include "daemon/io/smbus.hpp"
#include "drivers/api/i2c_name.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

// Longer than any part stretches the clock (an SCD30 up to 150 ms), shorter than a user's patience with a hung bus.
constexpr std::chrono::milliseconds transfer_timeout = 500ms;
constexpr std::chrono::milliseconds timeout_unit = 10ms;  // of ioctl I2C_TIMEOUT
constexpr unsigned long lost_arbitration_retries = 2;
constexpr std::size_t longest_message = 8192;  // what i2c-dev copies
constexpr std::uint8_t first_address = 0x03;   // I2C specification UM10204 §3.1.12: the others are reserved
constexpr std::uint8_t last_address = 0x77;

Result<> check_transfer(std::uint8_t address, std::span<const I2cOp> ops) {
  if (address < first_address || address > last_address)
    return fail(Errc::unsupported, fmt::format("0x{:02x} is not an address a part can have", address));
  if (ops.empty() || ops.size() > I2C_RDWR_IOCTL_MAX_MSGS)
    return fail(Errc::unsupported, fmt::format("a transaction of {} parts", ops.size()));
  for (const auto& op : ops) {
    if (std::max(op.write.size(), op.read.size()) > longest_message)
      return fail(Errc::unsupported, fmt::format("more than {} bytes in one transfer", longest_message));
  }
  return {};
}

}  // namespace

std::string i2c_bus_name(std::string_view spelling) {
  return parse_i2c_bus(spelling).map(&I2cBusName::text).value_or(std::string());
}

LinuxI2cBus::LinuxI2cBus(std::string name, std::string hint, I2cKernel& kernel)
    : name_(std::move(name)), hint_(std::move(hint)), kernel_(kernel) {}

LinuxI2cBus::~LinuxI2cBus() { close(); }

Result<> LinuxI2cBus::transfer(std::uint8_t address, std::span<const I2cOp> ops) {
  B2M_TRY(check_transfer(address, ops));
  B2M_TRY(open());
  B2M_TRY(select(address));
  if ((functions_ & I2C_FUNC_I2C) != 0) return transfer_plain(address, ops);
  return transfer_smbus(ops);
}

/// The adapter's device; a multiplexer's channel is an adapter of its own, which the kernel links at the multiplexer.
Result<std::string> LinuxI2cBus::device() const {
  const auto name = parse_i2c_bus(name_);
  if (!name) return fail(Errc::gone, fmt::format("\"{}\" is not an I2C bus; {}", name_, name.error().detail));
  if (!name->mux) return name->adapter;
  const auto& [address, channel] = *name->mux;
  const auto& bus = name->adapter;
  auto target = kernel_.link_target(
      fmt::format("/sys/bus/i2c/devices/{}-{:04x}/channel-{}", bus.substr(bus.find('-') + 1), address, channel));
  if (!target.empty()) return target;
  return fail(Errc::gone,
              fmt::format("{}: the kernel drives no multiplexer there; for a PCA9548, `echo pca9548 0x{:02x} > "
                          "/sys/bus/i2c/devices/{}/new_device` or a device tree overlay",
                          name_, address, bus));
}

Result<> LinuxI2cBus::open() {
  if (fd_ >= 0) return {};
  B2M_ASSIGN(device_, device());
  const auto path = "/dev/" + device_;
  const int fd = kernel_.open(path);
  if (fd < 0) {
    auto error = kernel_error(-fd, path);
    if (error.code == Errc::no_ack) error.code = Errc::gone;  // ENXIO: a device node without its device
    if (error.code == Errc::gone && !hint_.empty()) error.detail.append("; ").append(hint_);
    return tl::unexpected(std::move(error));
  }
  fd_ = fd;
  selected_ = -1;
  free_addresses_.reset();
  auto ready = set_up(fd);
  if (!ready) close();
  return ready;
}

Result<> LinuxI2cBus::set_up(int fd) {
  functions_ = 0;
  int result = kernel_.ioctl(fd, I2C_FUNCS, reinterpret_cast<unsigned long>(&functions_));
  if (result >= 0) result = kernel_.ioctl(fd, I2C_TIMEOUT, transfer_timeout / timeout_unit);
  if (result >= 0) result = kernel_.ioctl(fd, I2C_RETRIES, lost_arbitration_retries);
  if (result < 0) return tl::unexpected(kernel_error(-result, "/dev/" + device_));
  return {};
}

void LinuxI2cBus::close() {
  if (fd_ >= 0) kernel_.close(fd_);
  fd_ = -1;
}

/// I2C_SLAVE is what tells of a kernel driver: plain transfers would go past it unnoticed. A free address is
/// remembered, a held one is asked for again each time, so that the sensor comes back when the driver lets go.
Result<> LinuxI2cBus::select(std::uint8_t address) {
  if (free_addresses_.test(address) && ((functions_ & I2C_FUNC_I2C) != 0 || selected_ == address)) return {};
  const int result = kernel_.ioctl(fd_, I2C_SLAVE, address);
  if (result == -EBUSY) return tl::unexpected(held_by_driver(address));
  if (result < 0) return tl::unexpected(transfer_error(-result, address));
  free_addresses_.set(address);
  selected_ = address;
  return {};
}

Result<> LinuxI2cBus::transfer_plain(std::uint8_t address, std::span<const I2cOp> ops) {
  std::array<i2c_msg, I2C_RDWR_IOCTL_MAX_MSGS> messages{};
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const auto& op = ops[i];
    // The kernel takes one pointer for both directions and does not write through it when sending.
    auto* bytes = op.is_read() ? op.read.data() : const_cast<std::uint8_t*>(op.write.data());
    messages[i] = {.addr = address,
                   .flags = static_cast<std::uint16_t>(op.is_read() ? I2C_M_RD : 0),
                   .len = static_cast<std::uint16_t>(op.is_read() ? op.read.size() : op.write.size()),
                   .buf = bytes};
  }
  i2c_rdwr_ioctl_data request{.msgs = messages.data(), .nmsgs = static_cast<std::uint32_t>(ops.size())};
  const int result = kernel_.ioctl(fd_, I2C_RDWR, reinterpret_cast<unsigned long>(&request));
  if (result < 0) return tl::unexpected(transfer_error(-result, address));
  if (static_cast<std::size_t>(result) != ops.size())
    return fail(Errc::io, fmt::format("{} 0x{:02x}: {} of {} parts done", device_, address, result, ops.size()));
  return {};
}

Result<> LinuxI2cBus::transfer_smbus(std::span<const I2cOp> ops) {
  auto command = to_smbus(ops, functions_);
  if (!command) {
    const auto name = adapter();
    return fail(command.error().code, fmt::format("{}, which the adapter {} ({}) cannot do", command.error().detail,
                                                  device_, name.empty() ? "SMBus only" : name));
  }
  i2c_smbus_ioctl_data request{
      .read_write = command->read_write, .command = command->command, .size = command->size, .data = &command->data};
  const int result = kernel_.ioctl(fd_, I2C_SMBUS, reinterpret_cast<unsigned long>(&request));
  if (result < 0) return tl::unexpected(transfer_error(-result, static_cast<std::uint8_t>(selected_)));
  return take_answer(*command, ops);
}

Error LinuxI2cBus::held_by_driver(std::uint8_t address) const {
  const auto number = std::string_view(device_).substr(device_.find('-') + 1);
  const auto driver = kernel_.link_target(fmt::format("/sys/bus/i2c/devices/{}-{:04x}/driver", number, address));
  return {
      Errc::busy,
      fmt::format(
          "{} 0x{:02x}: held by the kernel driver {}; read it with a sensor of the driver \"iio\" or \"hwmon\" instead",
          device_, address, driver.empty() ? "of a device behind or above this bus" : driver)};
}

/// A transfer's failure. A bus that has vanished is closed, to be opened again by the next transfer.
Error LinuxI2cBus::transfer_error(int error, std::uint8_t address) {
  auto result = kernel_error(error, fmt::format("{} 0x{:02x}", device_, address));
  if (error == EBUSY) result.code = Errc::bus_stuck;  // fault-codes.rst: the bus was busy for longer than allowed
  if (error == EAGAIN) result.code = Errc::io;        // fault-codes.rst: arbitration lost, after all retries
  if (result.code != Errc::gone) return result;
  // Some SMBus adapters say ENODEV of a part that does not answer; only a vanished adapter has no name any more.
  if (!adapter().empty()) {
    result.code = Errc::no_ack;
  } else {
    close();
  }
  return result;
}

/// What the adapter calls itself; empty when it is not there.
std::string LinuxI2cBus::adapter() const { return kernel_.first_line("/sys/bus/i2c/devices/" + device_ + "/name"); }

}  // namespace b2m

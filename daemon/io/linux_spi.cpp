#include "daemon/io/linux_spi.hpp"

#include <fmt/format.h>
#include <linux/spi/spidev.h>

#include <algorithm>
#include <cerrno>

#include "daemon/io/kernel_error.hpp"

namespace b2m {
namespace {

constexpr std::size_t longest_transfer = 4096;  // spidev's default buffer, module parameter bufsiz
constexpr std::string_view directory = "/dev/";

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string spi_bus_name(std::string_view spelling) {
  constexpr std::string_view prefix = "spidev";
  if (spelling.starts_with(directory)) spelling.remove_prefix(directory.size());
  if (!spelling.starts_with(prefix)) return {};
  const auto numbers = spelling.substr(prefix.size());
  const auto point = numbers.find('.');
  if (point == std::string_view::npos) return {};
  const bool valid = is_number(numbers.substr(0, point)) && is_number(numbers.substr(point + 1));
  return valid ? std::string(spelling) : std::string();
}

LinuxSpiBus::LinuxSpiBus(std::string name, SpiKernel& kernel)
    : name_(std::move(name)), path_(std::string(directory) + spi_bus_name(name_)), kernel_(kernel) {}

LinuxSpiBus::~LinuxSpiBus() { close(); }

Result<> LinuxSpiBus::transfer(const SpiFormat& format, std::span<const std::uint8_t> out, std::span<std::uint8_t> in) {
  if (out.size() != in.size() || out.empty() || out.size() > longest_transfer)
    return fail(Errc::unsupported, fmt::format("a transfer of {} bytes out and {} in", out.size(), in.size()));
  B2M_TRY(open());
  B2M_TRY(set_mode(format.mode));
  spi_ioc_transfer request{};
  request.tx_buf = reinterpret_cast<std::uintptr_t>(out.data());
  request.rx_buf = reinterpret_cast<std::uintptr_t>(in.data());
  request.len = static_cast<std::uint32_t>(out.size());
  request.speed_hz = format.speed_hz;
  request.bits_per_word = 8;
  const int done = kernel_.ioctl(fd_, SPI_IOC_MESSAGE(1), &request);
  if (done < 0) return tl::unexpected(failed(-done));
  if (static_cast<std::size_t>(done) != out.size())
    return fail(Errc::io, fmt::format("{}: {} of {} bytes done", path_, done, out.size()));
  return {};
}

Result<> LinuxSpiBus::open() {
  if (fd_ >= 0) return {};
  if (spi_bus_name(name_).empty())
    return fail(Errc::gone, fmt::format("\"{}\" is not an SPI chip select; write \"spidev1.0\"", name_));
  const int fd = kernel_.open(path_);
  if (fd < 0) {
    auto error = kernel_error(-fd, path_);
    if (error.code == Errc::no_ack) error.code = Errc::gone;  // ENXIO: a device node without its device
    if (error.code == Errc::gone) error.detail.append("; enable the controller with spidev in the board's device tree");
    return tl::unexpected(std::move(error));
  }
  fd_ = fd;
  mode_.reset();
  return {};
}

Result<> LinuxSpiBus::set_mode(std::uint8_t mode) {
  if (mode_ == mode) return {};
  const int result = kernel_.ioctl(fd_, SPI_IOC_WR_MODE, &mode);
  if (result < 0) return tl::unexpected(failed(-result));
  mode_ = mode;
  return {};
}

/// A chip select that has vanished is closed, to be opened again by the next transfer.
Error LinuxSpiBus::failed(int error) {
  auto result = kernel_error(error, path_);
  if (error == EINVAL) result.code = Errc::unsupported;
  if (result.code == Errc::gone) close();
  return result;
}

void LinuxSpiBus::close() {
  if (fd_ >= 0) kernel_.close(fd_);
  fd_ = -1;
}

}  // namespace b2m

// The chip select against a kernel of the test's own.
#include "daemon/io/linux_spi.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <linux/spi/spidev.h>

#include <array>
#include <cerrno>
#include <vector>

namespace b2m {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FakeKernel final : public SpiKernel {
 public:
  int open_result = 5;
  int mode_result = 0;
  int transfer_result = 0;  ///< 0: done
  std::vector<std::string> calls;

  int open(const std::string& path) override {
    calls.push_back("open " + path);
    return open_result;
  }
  void close(int fd) override { calls.push_back(fmt::format("close {}", fd)); }
  int ioctl(int, unsigned long request, void* argument) override {
    if (request == SPI_IOC_WR_MODE) {
      calls.push_back(fmt::format("mode {}", *static_cast<std::uint8_t*>(argument)));
      return mode_result;
    }
    if (request != SPI_IOC_MESSAGE(1)) return -ENOTTY;
    const auto& transfer = *static_cast<spi_ioc_transfer*>(argument);
    const auto* out = reinterpret_cast<const std::uint8_t*>(transfer.tx_buf);
    auto* in = reinterpret_cast<std::uint8_t*>(transfer.rx_buf);
    calls.push_back(fmt::format("{} bytes at {} Hz", transfer.len, transfer.speed_hz));
    if (transfer_result != 0) return transfer_result;
    for (std::uint32_t i = 0; i < transfer.len; ++i) in[i] = static_cast<std::uint8_t>(~out[i]);
    return static_cast<int>(transfer.len);
  }
};

class LinuxSpi : public testing::Test {
 protected:
  Result<> transfer(const SpiFormat& format = {.mode = 1, .speed_hz = 500'000}) {
    return bus.transfer(format, std::array<std::uint8_t, 2>{0x0f, 0x01}, in);
  }
  FakeKernel kernel;
  std::array<std::uint8_t, 2> in{};
  LinuxSpiBus bus{"spidev1.0", kernel};
};

TEST_F(LinuxSpi, IsOpenedByItsFirstTransferAndToldItsModeOnce) {
  EXPECT_THAT(kernel.calls, IsEmpty());
  ASSERT_TRUE(transfer());
  EXPECT_THAT(in, ElementsAre(0xf0, 0xfe));
  ASSERT_TRUE(transfer());
  EXPECT_THAT(kernel.calls,
              ElementsAre("open /dev/spidev1.0", "mode 1", "2 bytes at 500000 Hz", "2 bytes at 500000 Hz"));
}

TEST_F(LinuxSpi, IsToldEachChangeOfMode) {
  ASSERT_TRUE(transfer());
  ASSERT_TRUE(transfer({.mode = 0}));
  EXPECT_THAT(kernel.calls, testing::Contains("mode 0"));
}

TEST_F(LinuxSpi, AMissingChipSelectIsGoneWithAHint) {
  kernel.open_result = -ENOENT;
  const auto result = transfer();
  EXPECT_EQ(result.error().code, Errc::gone);
  EXPECT_THAT(result.error().detail, HasSubstr("/dev/spidev1.0: "));
  EXPECT_THAT(result.error().detail, HasSubstr("device tree"));
}

TEST_F(LinuxSpi, AModeThatTheControllerHasNotIsUnsupported) {
  kernel.mode_result = -EINVAL;
  EXPECT_EQ(transfer().error().code, Errc::unsupported);
}

TEST_F(LinuxSpi, OneThatVanishedIsClosedAndOpenedAgain) {
  ASSERT_TRUE(transfer());
  kernel.transfer_result = -ESHUTDOWN;
  EXPECT_EQ(transfer().error().code, Errc::gone);
  EXPECT_EQ(kernel.calls.back(), "close 5");
  kernel.transfer_result = 0;
  kernel.calls.clear();
  EXPECT_TRUE(transfer());
  EXPECT_THAT(kernel.calls, ElementsAre("open /dev/spidev1.0", "mode 1", "2 bytes at 500000 Hz"));
}

TEST_F(LinuxSpi, ATransferThatEndsEarlyIsAnError) {
  kernel.transfer_result = 1;
  EXPECT_EQ(transfer().error().code, Errc::io);
}

TEST_F(LinuxSpi, UnequalOrTooLongTransfersNeverReachTheBus) {
  std::vector<std::uint8_t> many(4097);
  EXPECT_EQ(bus.transfer({}, std::array<std::uint8_t, 3>{}, in).error().code, Errc::unsupported);
  EXPECT_EQ(bus.transfer({}, many, many).error().code, Errc::unsupported);
  EXPECT_EQ(bus.transfer({}, {}, {}).error().code, Errc::unsupported);
  EXPECT_THAT(kernel.calls, IsEmpty());
}

TEST(SpiBusName, IsOneForAllItsSpellings) {
  EXPECT_EQ(spi_bus_name("spidev1.0"), "spidev1.0");
  EXPECT_EQ(spi_bus_name("/dev/spidev0.12"), "spidev0.12");
  for (const auto* word : {"", "spi1.0", "spidev1", "spidev.0", "spidev1.", "spidev1.x", "../spidev1.0"})
    EXPECT_EQ(spi_bus_name(word), "") << word;
}

}  // namespace
}  // namespace b2m

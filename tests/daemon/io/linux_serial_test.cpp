// The port against a kernel of the test's own, and against a pseudo-terminal of the real one.
#include "daemon/io/linux_serial.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <vector>

#include "daemon/io/file_descriptor.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class FakeKernel final : public SerialKernel {
 public:
  int open_result = 4;
  int set_up_result = 0;
  int ready = 1;
  std::ptrdiff_t most = 100;  ///< bytes of one write, or an error
  std::ptrdiff_t read_result = 0;
  std::vector<std::string> calls;

  int open(const std::string& path) override { return calls.push_back("open " + path), open_result; }
  void close(int fd) override { calls.push_back(fmt::format("close {}", fd)); }
  int set_up(int, std::uint32_t baud) override { return calls.push_back(fmt::format("{} baud", baud)), set_up_result; }
  std::ptrdiff_t read(int, std::span<std::uint8_t> into) override {
    if (read_result > 0) into[0] = 0x42;
    return read_result;
  }
  std::ptrdiff_t write(int, std::span<const std::uint8_t> bytes) override {
    const auto size = static_cast<std::ptrdiff_t>(bytes.size());
    calls.push_back(fmt::format("write {}", size));
    return std::min(most, size);
  }
  int wait(int, Direction, std::chrono::milliseconds at_most) override {
    last_wait = at_most;
    return ready;
  }
  int discard(int) override { return calls.push_back("discard"), 0; }
  std::chrono::milliseconds last_wait{0};
};

class LinuxSerial : public testing::Test {
 protected:
  Result<std::size_t> read() { return port.read({}, bytes, 70ms); }
  FakeKernel kernel;
  std::array<std::uint8_t, 8> bytes{};
  LinuxSerialPort port{"ttyS2", kernel};
};

TEST_F(LinuxSerial, IsOpenedByItsFirstCallAndSetUpOnce) {
  ASSERT_TRUE(port.discard({}));
  ASSERT_TRUE(port.write({}, std::array<std::uint8_t, 3>{}));
  ASSERT_TRUE(port.write({.baud = 115200}, std::array<std::uint8_t, 1>{}));
  EXPECT_THAT(kernel.calls,
              ElementsAre("open /dev/ttyS2", "9600 baud", "discard", "write 3", "115200 baud", "write 1"));
}

TEST_F(LinuxSerial, ASilentLineGivesNoBytesAfterTheWaitThatWasAskedFor) {
  kernel.ready = 0;
  EXPECT_EQ(read(), 0U);
  EXPECT_EQ(kernel.last_wait, 70ms);
}

TEST_F(LinuxSerial, AnInterruptedWaitIsNoError) {
  kernel.ready = -EINTR;
  EXPECT_EQ(read(), 0U);
  kernel.ready = 1;
  kernel.read_result = -EAGAIN;
  EXPECT_EQ(read(), 0U);
}

TEST_F(LinuxSerial, AWriteGoesOnUntilAllIsTaken) {
  kernel.most = 4;
  ASSERT_TRUE(port.write({}, std::array<std::uint8_t, 9>{}));
  EXPECT_THAT(kernel.calls, ElementsAre("open /dev/ttyS2", "9600 baud", "write 9", "write 5", "write 1"));
}

TEST_F(LinuxSerial, APortThatTakesNothingEndsInATimeout) {
  kernel.most = 0;
  EXPECT_EQ(port.write({}, bytes).error().code, Errc::timeout);
  kernel.ready = 0;
  EXPECT_EQ(port.write({}, bytes).error().code, Errc::timeout);
}

TEST_F(LinuxSerial, AnAdapterThatWasPulledOutIsGoneAndOpenedAgain) {
  kernel.read_result = 1;
  ASSERT_EQ(read(), 1U);
  for (const int result : {0, -EIO, -ENODEV}) {
    kernel.read_result = result;
    EXPECT_EQ(read().error().code, Errc::gone) << result;
    EXPECT_EQ(kernel.calls.back(), "close 4");
  }
  kernel.read_result = 1;
  EXPECT_EQ(read(), 1U);
  EXPECT_EQ(kernel.calls.back(), "9600 baud");
}

TEST_F(LinuxSerial, WhatTheKernelSaysOfOpeningIsToldApart) {
  for (const auto& [error, code] : {std::pair{ENOENT, Errc::gone},
                                    {ENXIO, Errc::gone},
                                    {EBUSY, Errc::busy},
                                    {ENOTTY, Errc::unsupported},
                                    {EACCES, Errc::io}}) {
    kernel.open_result = -error;
    EXPECT_EQ(read().error().code, code) << error;
  }
}

TEST_F(LinuxSerial, ASpeedThatThePortCannotDoIsUnsupported) {
  kernel.set_up_result = -EINVAL;
  EXPECT_EQ(read().error().code, Errc::unsupported);
}

TEST(SerialPortPath, IsOneForBothSpellings) {
  EXPECT_EQ(serial_port_path("ttyS2"), "/dev/ttyS2");
  EXPECT_EQ(serial_port_path("/dev/serial/by-id/usb-1"), "/dev/serial/by-id/usb-1");
}

/// The far end of a pseudo-terminal, and the path of the near one.
class Terminal : public testing::Test {
 protected:
  void SetUp() override {
    int far = -1;
    int near = -1;
    std::array<char, 256> name{};
    if (::openpty(&far, &near, name.data(), nullptr, nullptr) != 0) GTEST_SKIP() << "no pseudo-terminals here";
    far_ = FileDescriptor(far);
    near_ = FileDescriptor(near);
    port_.emplace(name.data());
  }
  FileDescriptor far_;
  FileDescriptor near_;  // stays open, so that settings can be looked at
  std::optional<LinuxSerialPort> port_;
  std::array<std::uint8_t, 64> bytes_{};
};

// Bytes that a terminal would translate or act on unless it is raw: newline, carriage return, end, interrupt, XOFF.
constexpr std::array<std::uint8_t, 6> awkward{0x0a, 0x0d, 0x04, 0x03, 0x13, 0xff};

TEST_F(Terminal, EveryByteArrivesAsItWasSent) {
  ASSERT_TRUE(port_->discard({}));
  ASSERT_EQ(::write(far_.get(), awkward.data(), awkward.size()), std::ssize(awkward));
  const auto count = port_->read({}, bytes_, 1s);
  ASSERT_TRUE(count) << to_string(count.error());
  EXPECT_THAT(std::vector(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(*count)),
              testing::ElementsAreArray(awkward));
}

TEST_F(Terminal, EveryByteIsSentAsItWasWritten) {
  ASSERT_TRUE(port_->write({}, awkward));
  ASSERT_EQ(::read(far_.get(), bytes_.data(), bytes_.size()), std::ssize(awkward));
  EXPECT_TRUE(std::equal(awkward.begin(), awkward.end(), bytes_.begin()));
}

TEST_F(Terminal, HasTheSpeedAndFormatThatWereAskedFor) {
  ASSERT_TRUE(port_->discard({.baud = 115200}));
  termios settings{};
  ASSERT_EQ(::tcgetattr(near_.get(), &settings), 0);
  EXPECT_EQ(::cfgetospeed(&settings), static_cast<speed_t>(B115200));
  EXPECT_EQ(settings.c_cflag & CSIZE, static_cast<tcflag_t>(CS8));
  EXPECT_EQ(settings.c_cflag & (PARENB | CSTOPB | CRTSCTS), 0U);
  EXPECT_EQ(port_->discard({.baud = 12345}).error().code, Errc::unsupported);
}

TEST_F(Terminal, DiscardDropsWhatWasNotRead) {
  ASSERT_TRUE(port_->discard({}));
  ASSERT_EQ(::write(far_.get(), awkward.data(), awkward.size()), std::ssize(awkward));
  ASSERT_TRUE(port_->discard({}));
  EXPECT_EQ(port_->read({}, bytes_, 0ms), 0U);
}

TEST_F(Terminal, AnEndThatHungUpIsGone) {
  ASSERT_TRUE(port_->discard({}));
  far_ = FileDescriptor();
  EXPECT_EQ(port_->read({}, bytes_, 1s).error().code, Errc::gone);
}

TEST(LinuxSerialKernel, AFileThatIsNoTerminalIsUnsupported) {
  LinuxSerialPort port("/dev/null");
  EXPECT_EQ(port.discard({}).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace b2m

// The bus against a kernel of the test's own: which calls it gets, and what becomes of its answers.
#include "daemon/io/linux_i2c.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>

#include <cerrno>
#include <cstring>
#include <map>

namespace b2m {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Writes down each call and answers it.
class FakeKernel final : public I2cKernel {
 public:
  unsigned long functions = I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
  int open_result = 7;
  int select_result = 0;
  int transfer_result = 0;  ///< 0: done
  std::vector<std::uint8_t> reads{0x19, 0x80};
  std::map<std::string, std::string> links;
  std::map<std::string, std::string> lines;
  std::vector<std::string> calls;

  int open(const std::string& path) override {
    calls.push_back("open " + path);
    return open_result;
  }
  void close(int fd) override { calls.push_back(fmt::format("close {}", fd)); }
  std::string link_target(const std::string& path) override { return links[path]; }
  std::string first_line(const std::string& path) override { return lines[path]; }

  int ioctl(int /*fd*/, unsigned long request, unsigned long argument) override {
    switch (request) {
      case I2C_FUNCS: *reinterpret_cast<unsigned long*>(argument) = functions; return 0;
      case I2C_TIMEOUT: calls.push_back(fmt::format("timeout {}", argument)); return 0;
      case I2C_RETRIES: calls.push_back(fmt::format("retries {}", argument)); return 0;
      case I2C_SLAVE: calls.push_back(fmt::format("select {:02x}", argument)); return select_result;
      case I2C_RDWR: return plain(*reinterpret_cast<i2c_rdwr_ioctl_data*>(argument));
      case I2C_SMBUS: return smbus(*reinterpret_cast<i2c_smbus_ioctl_data*>(argument));
      default: return -ENOTTY;
    }
  }

 private:
  int plain(const i2c_rdwr_ioctl_data& request) {
    std::string call = "rdwr";
    for (std::uint32_t i = 0; i < request.nmsgs; ++i) {
      const auto& message = request.msgs[i];
      const bool read = (message.flags & I2C_M_RD) != 0;
      call += fmt::format(" {}@{:02x}", read ? fmt::format("r{}", message.len) : "w", message.addr);
      for (int at = 0; !read && at < message.len; ++at) call += fmt::format("-{:02x}", message.buf[at]);
      if (read && transfer_result == 0)
        std::memcpy(message.buf, reads.data(), std::min<std::size_t>(message.len, reads.size()));
    }
    calls.push_back(call);
    return transfer_result != 0 ? transfer_result : static_cast<int>(request.nmsgs);
  }
  int smbus(const i2c_smbus_ioctl_data& request) {
    calls.push_back(fmt::format("smbus {} {:02x} size {}", request.read_write == I2C_SMBUS_READ ? "read" : "write",
                                request.command, request.size));
    if (request.read_write == I2C_SMBUS_READ && request.data != nullptr) request.data->word = 0x8019;
    return transfer_result;
  }
};

class LinuxI2c : public testing::Test {
 protected:
  Result<std::uint16_t> read(std::uint8_t address = 0x48) { return read_be16({&bus, address}, 0x00); }
  Error failure(std::uint8_t address = 0x48) {
    const auto result = read(address);
    EXPECT_FALSE(result.has_value());
    return result ? Error{} : result.error();
  }
  FakeKernel kernel;
  LinuxI2cBus bus{"i2c-1", "enable it", kernel};
};

TEST_F(LinuxI2c, TheBusIsOpenedByItsFirstTransferAndSetUpOnce) {
  EXPECT_THAT(kernel.calls, IsEmpty());
  EXPECT_EQ(read(), 0x1980);
  EXPECT_THAT(kernel.calls,
              ElementsAre("open /dev/i2c-1", "timeout 50", "retries 2", "select 48", "rdwr w@48-00 r2@48"));
  kernel.calls.clear();
  EXPECT_EQ(read(), 0x1980);
  EXPECT_THAT(kernel.calls, ElementsAre("rdwr w@48-00 r2@48"));
}

TEST_F(LinuxI2c, EachAddressIsAskedForAKernelDriverOnce) {
  ASSERT_TRUE(read(0x48).has_value());
  kernel.calls.clear();
  ASSERT_TRUE(read(0x49).has_value());
  ASSERT_TRUE(read(0x48).has_value());
  EXPECT_THAT(kernel.calls, ElementsAre("select 49", "rdwr w@49-00 r2@49", "rdwr w@48-00 r2@48"));
}

TEST_F(LinuxI2c, AnAddressOfAKernelDriverIsBusyAndNamesTheDriverAndTheWayOut) {
  kernel.select_result = -EBUSY;
  kernel.links["/sys/bus/i2c/devices/1-0048/driver"] = "lm75";
  const auto error = failure();
  EXPECT_EQ(error.code, Errc::busy);
  EXPECT_THAT(error.detail, HasSubstr("kernel driver lm75"));
  EXPECT_THAT(error.detail, HasSubstr("\"hwmon\""));
  EXPECT_THAT(kernel.calls.back(), "select 48");
}

TEST_F(LinuxI2c, ASensorComesBackWhenTheKernelDriverLetsGo) {
  kernel.select_result = -EBUSY;
  EXPECT_EQ(failure().code, Errc::busy);
  kernel.select_result = 0;
  EXPECT_EQ(read(), 0x1980);
}

TEST_F(LinuxI2c, AnAdapterWithoutPlainI2cGetsSmbusCommands) {
  kernel.functions = I2C_FUNC_SMBUS_BYTE_DATA | I2C_FUNC_SMBUS_WORD_DATA;
  EXPECT_EQ(read(), 0x1980);
  EXPECT_TRUE(write_u8({&bus, 0x48}, 0x01, 0x60).has_value());
  EXPECT_THAT(kernel.calls, ElementsAre("open /dev/i2c-1", "timeout 50", "retries 2", "select 48",
                                        "smbus read 00 size 3", "smbus write 01 size 2"));
}

TEST_F(LinuxI2c, AnSmbusAdapterIsToldTheAddressAtEachChange) {
  kernel.functions = I2C_FUNC_SMBUS_WORD_DATA;
  ASSERT_TRUE(read(0x48).has_value());
  ASSERT_TRUE(read(0x49).has_value());
  kernel.calls.clear();
  ASSERT_TRUE(read(0x48).has_value());
  ASSERT_TRUE(read(0x48).has_value());
  EXPECT_THAT(kernel.calls, ElementsAre("select 48", "smbus read 00 size 3", "smbus read 00 size 3"));
}

TEST_F(LinuxI2c, ATransferTheAdapterCannotDoNamesTheAdapter) {
  kernel.functions = I2C_FUNC_SMBUS_WORD_DATA;
  kernel.lines["/sys/bus/i2c/devices/i2c-1/name"] = "SMBus I801 adapter at 0700";
  std::array<std::uint8_t, 6> words{};
  const auto result = I2cDevice{&bus, 0x44}.read(words);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::unsupported);
  EXPECT_EQ(result.error().detail,
            "a read of 6 bytes without a register needs plain I2C, which the adapter i2c-1 (SMBus I801 adapter at "
            "0700) cannot do");
}

TEST_F(LinuxI2c, TheKernelsErrorsAreTheCausesDriversKnow) {
  // Documentation/i2c/fault-codes.rst
  const std::pair<int, Errc> expected[] = {
      {ENXIO, Errc::no_ack},    {EREMOTEIO, Errc::no_ack}, {ETIMEDOUT, Errc::timeout},
      {EBUSY, Errc::bus_stuck}, {ENODEV, Errc::gone},      {EOPNOTSUPP, Errc::unsupported},
      {EIO, Errc::io},          {EPROTO, Errc::io},        {EBADMSG, Errc::checksum},
      {EAGAIN, Errc::io}};
  for (const auto& [error, code] : expected) {
    kernel.transfer_result = -error;
    EXPECT_EQ(failure().code, code) << std::strerror(error);
    EXPECT_THAT(failure().detail, HasSubstr("i2c-1 0x48"));
  }
}

TEST_F(LinuxI2c, AMissingBusIsGoneWithAHint) {
  for (const int error : {ENOENT, ENODEV, ENXIO}) {
    kernel.open_result = -error;
    EXPECT_EQ(failure().code, Errc::gone);
    EXPECT_THAT(failure().detail, HasSubstr("/dev/i2c-1: "));
    EXPECT_THAT(failure().detail, HasSubstr("enable it"));
  }
}

TEST_F(LinuxI2c, AForbiddenBusTellsWhatToDo) {
  kernel.open_result = -EACCES;
  EXPECT_EQ(failure().code, Errc::io);
  EXPECT_THAT(failure().detail, HasSubstr("udev rule or group"));
}

TEST_F(LinuxI2c, ABusThatVanishedIsClosedAndOpenedAgain) {
  ASSERT_TRUE(read().has_value());
  kernel.transfer_result = -ENODEV;
  EXPECT_EQ(failure().code, Errc::gone);
  EXPECT_EQ(kernel.calls.back(), "close 7");
  kernel.transfer_result = 0;
  kernel.calls.clear();
  EXPECT_EQ(read(), 0x1980);
  EXPECT_THAT(kernel.calls,
              ElementsAre("open /dev/i2c-1", "timeout 50", "retries 2", "select 48", "rdwr w@48-00 r2@48"));
}

TEST_F(LinuxI2c, ANodevFromAnAdapterThatIsStillThereMeansThatNobodyAnswers) {
  kernel.lines["/sys/bus/i2c/devices/i2c-1/name"] = "SMBus stub driver";
  kernel.transfer_result = -ENODEV;
  EXPECT_EQ(failure().code, Errc::no_ack);
  kernel.transfer_result = 0;
  kernel.calls.clear();
  EXPECT_EQ(read(), 0x1980);
  EXPECT_THAT(kernel.calls, ElementsAre("rdwr w@48-00 r2@48"));
}

TEST_F(LinuxI2c, AReservedAddressNeverReachesTheBus) {
  EXPECT_EQ(failure(0x00).code, Errc::unsupported);
  EXPECT_EQ(failure(0x78).code, Errc::unsupported);
  EXPECT_EQ(failure(0xff).code, Errc::unsupported);
  EXPECT_THAT(kernel.calls, IsEmpty());
}

TEST_F(LinuxI2c, ATransferIsBounded) {
  const std::vector<std::uint8_t> bytes(8193);
  EXPECT_FALSE((I2cDevice{&bus, 0x3c}.write(bytes).has_value()));
  const std::vector<I2cOp> many(I2C_RDWR_IOCTL_MAX_MSGS + 1);
  EXPECT_FALSE(bus.transfer(0x3c, many).has_value());
  EXPECT_FALSE(bus.transfer(0x3c, {}).has_value());
  EXPECT_THAT(kernel.calls, IsEmpty());
}

TEST_F(LinuxI2c, AChannelOfAMultiplexerIsTheAdapterThatTheKernelLinksThere) {
  LinuxI2cBus channel{"i2c-1/mux:0x70:3", "", kernel};
  const auto missing = read_be16({&channel, 0x48}, 0);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Errc::gone);
  EXPECT_THAT(missing.error().detail, HasSubstr("new_device"));
  kernel.links["/sys/bus/i2c/devices/1-0070/channel-3"] = "i2c-9";
  EXPECT_TRUE(read_be16({&channel, 0x48}, 0).has_value());
  EXPECT_EQ(kernel.calls.front(), "open /dev/i2c-9");
}

TEST(I2cBusName, ABusHasOneNameForAllItsSpellings) {
  EXPECT_EQ(i2c_bus_name("i2c-1"), "i2c-1");
  EXPECT_EQ(i2c_bus_name("/dev/i2c-12"), "i2c-12");
  EXPECT_EQ(i2c_bus_name("/dev/i2c-1/mux:0x70:3"), "i2c-1/mux:0x70:3");
  EXPECT_EQ(i2c_bus_name("i2c-1/mux:0x077:0"), "i2c-1/mux:0x77:0");
}

TEST(I2cBusName, WhatIsNoBusHasNone) {
  for (const auto* word :
       {"", "1", "i2c", "i2c-", "i2c-x", "i2c-1x", "../i2c-1", "/dev/i2c-1/", "i2c-1/mux:70:3", "i2c-1/mux:0x70",
        "i2c-1/mux:0x70:", "i2c-1/mux:0x78:0", "i2c-1/mux:0x70:8", "i2c-1/mux:0x70:1/x", "i2c--1"})
    EXPECT_EQ(i2c_bus_name(word), "") << word;
}

}  // namespace
}  // namespace b2m

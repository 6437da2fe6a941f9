// Scans of simulated buses, and what may never reach a part that is not known.
#include "daemon/scan/i2c_scan.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "daemon/scan/guarded_i2c.hpp"
#include "daemon/sim/register_models.hpp"
#include "daemon/sim/simulated_board.hpp"
#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

using Bytes = std::vector<std::uint8_t>;

std::vector<std::string> names_of(const I2cFinding& finding) {
  std::vector<std::string> names;
  for (const auto& part : finding.parts) names.emplace_back(part.name());
  return names;
}

/// A bus that writes down what is sent to it.
class WatchedBus final : public I2cBus {
 public:
  explicit WatchedBus(I2cBus& bus) : bus_(bus) {}
  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override {
    for (const auto& op : ops)
      if (!op.is_read()) written[address].emplace_back(op.write.begin(), op.write.end());
    ++transfers[address];
    return bus_.transfer(address, ops);
  }
  std::map<std::uint8_t, std::vector<Bytes>> written;
  std::map<std::uint8_t, int> transfers;

 private:
  I2cBus& bus_;
};

/// TI TCA9548A, SCPS207H §8.6: one register, which a byte written sets and which every byte read repeats.
class Multiplexer final : public ChipModel {
 public:
  explicit Multiplexer(std::uint8_t& channels) : channels_(channels) {}
  Result<> write(std::span<const std::uint8_t> bytes) override {
    if (!bytes.empty()) channels_ = bytes.back();
    return {};
  }
  Result<> read(std::span<std::uint8_t> into) override {
    std::fill(into.begin(), into.end(), channels_);
    return {};
  }

 private:
  std::uint8_t& channels_;
};

/// A part that answers to its address and to nothing else.
class Silent final : public ChipModel {
 public:
  Result<> write(std::span<const std::uint8_t> bytes) override {
    if (bytes.empty()) return {};
    return fail(Errc::no_ack);
  }
  Result<> read(std::span<std::uint8_t> /*into*/) override { return fail(Errc::no_ack); }
};

/// A bus that fails in one way at some addresses; nobody is at the others.
class FailingBus final : public I2cBus {
 public:
  FailingBus(Error error, std::uint8_t first, std::uint8_t last)
      : error_(std::move(error)), first_(first), last_(last) {}
  Result<> transfer(std::uint8_t address, std::span<const I2cOp> /*ops*/) override {
    if (address >= first_ && address <= last_) return tl::unexpected(error_);
    return fail(Errc::no_ack);
  }

 private:
  Error error_;
  std::uint8_t first_, last_;
};

class ScanningABus : public testing::Test {
 protected:
  void attach(std::string_view part, std::uint8_t address) {
    Options options;
    options.set("bus", std::string("i2c-1"));
    options.set("address", std::int64_t{address});
    board_.attach(*find_driver(part), options);
  }
  I2cScan scan() { return scan_i2c(bus_, all_drivers(), {}); }
  I2cFinding only_finding() {
    auto result = scan();
    EXPECT_FALSE(result.error);
    EXPECT_EQ(result.findings.size(), 1U);
    return result.findings.empty() ? I2cFinding{} : result.findings.front();
  }

  SimulatedBoard board_;
  SimulatedI2c& simulated_ = board_.simulated_i2c("i2c-1");
  WatchedBus bus_{simulated_};
};

TEST_F(ScanningABus, an_empty_bus_has_nothing) {
  const auto result = scan();
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_FALSE(result.error);
}

TEST_F(ScanningABus, a_part_with_an_identity_is_named) {
  for (const auto& [part, address] :
       std::map<std::string, std::uint8_t>{{"bme280", 0x76}, {"bmp280", 0x77}, {"tmp117", 0x4a}, {"sht3x", 0x44}}) {
    attach(part, address);
    const auto finding = only_finding();
    EXPECT_EQ(finding.certainty, Certainty::identified) << part;
    EXPECT_EQ(finding.address, address);
    EXPECT_THAT(names_of(finding), ElementsAre(part));
    simulated_.detach(address);
  }
}

TEST_F(ScanningABus, a_part_without_identity_is_possible_and_its_candidates_are_listed) {
  attach("lm75", 0x48);
  const auto finding = only_finding();
  EXPECT_EQ(finding.certainty, Certainty::possible);
  const auto names = names_of(finding);
  for (const auto* candidate : {"lm75", "lm75b", "tmp102", "ads1115", "ads7830", "pcf8591", "ina219"})
    EXPECT_THAT(names, Contains(candidate));
  // These say what they are, and it did not.
  for (const auto* told : {"tmp117", "ina226", "ina260", "tsl2561", "veml6030"})
    EXPECT_THAT(names, Not(Contains(told)));
}

TEST_F(ScanningABus, an_address_that_no_driver_has_is_unknown) {
  simulated_.attach(0x0b, std::make_unique<Silent>());  // where smart batteries are
  const auto finding = only_finding();
  EXPECT_EQ(finding.certainty, Certainty::unknown);
  EXPECT_THAT(finding.parts, IsEmpty());
}

TEST_F(ScanningABus, nothing_but_its_address_reaches_what_reads_like_a_multiplexer) {
  for (std::uint8_t address = 0x70; address <= 0x77; ++address) {
    std::uint8_t channels = 0x05;
    simulated_.attach(address, std::make_unique<Multiplexer>(channels));
    const auto finding = only_finding();
    EXPECT_EQ(finding.certainty, Certainty::possible);
    EXPECT_TRUE(finding.maybe_mux);
    EXPECT_EQ(channels, 0x05) << int{address};
    for (const auto& bytes : bus_.written[address]) EXPECT_THAT(bytes, IsEmpty()) << int{address};
    simulated_.detach(address);
  }
}

TEST_F(ScanningABus, a_part_with_registers_is_no_multiplexer) {
  attach("bme280", 0x76);
  EXPECT_FALSE(only_finding().maybe_mux);
}

TEST_F(ScanningABus, a_part_that_was_identified_gets_no_command) {
  attach("bme280", 0x76);
  attach("tmp117", 0x48);
  scan();
  for (const auto address : {0x76, 0x48})
    for (const auto& bytes : bus_.written[static_cast<std::uint8_t>(address)]) EXPECT_LE(bytes.size(), 1U);
}

TEST_F(ScanningABus, no_probe_writes_more_than_a_command) {
  for (std::uint8_t address = 0x08; address <= 0x77; ++address) simulated_.attach(address, std::make_unique<Silent>());
  scan();
  EXPECT_THAT(bus_.written, Not(IsEmpty()));
  for (const auto& [address, writes] : bus_.written)
    for (const auto& bytes : writes) EXPECT_LE(bytes.size(), 2U) << int{address};
}

TEST_F(ScanningABus, registers_are_asked_before_commands_are_sent) {
  simulated_.attach(0x69, std::make_unique<Silent>());  // MPU6050, SPS30 and SEN5x
  // Whatever their order: here those that send commands come first.
  std::vector<const DriverInfo*> drivers(all_drivers().begin(), all_drivers().end());
  std::reverse(drivers.begin(), drivers.end());
  EXPECT_EQ(scan_i2c(bus_, drivers, {}).findings.size(), 1U);
  const auto& writes = bus_.written[0x69];
  const auto command = std::find_if(writes.begin(), writes.end(), [](const auto& bytes) { return bytes.size() == 2; });
  ASSERT_NE(command, writes.end());
  EXPECT_NE(command, writes.begin());
  EXPECT_EQ(std::count_if(command, writes.end(), [](const auto& bytes) { return bytes.size() == 1; }), 0);
}

TEST_F(ScanningABus, reserved_addresses_are_not_touched) {
  scan();
  EXPECT_EQ(bus_.transfers.begin()->first, 0x08);
  EXPECT_EQ(bus_.transfers.rbegin()->first, 0x77);
}

TEST_F(ScanningABus, where_eeproms_may_be_it_is_only_read) {
  scan();
  for (std::uint8_t address = 0x50; address <= 0x57; ++address) EXPECT_THAT(bus_.written[address], IsEmpty());
}

TEST_F(ScanningABus, every_address_is_told_before_it_is_looked_at) {
  std::vector<std::uint8_t> told;
  const auto result = scan_i2c(bus_, all_drivers(), [&](std::uint8_t address) {
    EXPECT_EQ(bus_.transfers.count(address), 0U);
    told.push_back(address);
  });
  EXPECT_FALSE(result.error);
  EXPECT_EQ(told.size(), 0x70U);
}

/// An adapter that speaks SMBus alone: it reads one byte, or from a register.
class SmbusOnly final : public I2cBus {
 public:
  explicit SmbusOnly(I2cBus& bus) : bus_(bus) {}
  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override {
    if (ops.size() == 1 && ops[0].read.size() > 1) return fail(Errc::unsupported, "a read without a register");
    return bus_.transfer(address, ops);
  }

 private:
  I2cBus& bus_;
};

TEST_F(ScanningABus, no_command_is_sent_where_its_answer_could_not_be_read) {
  simulated_.attach(0x44, std::make_unique<Silent>());
  SmbusOnly smbus(bus_);
  EXPECT_EQ(scan_i2c(smbus, all_drivers(), {}).findings.size(), 1U);
  for (const auto& bytes : bus_.written[0x44]) EXPECT_LE(bytes.size(), 1U);
}

TEST_F(ScanningABus, a_multiplexer_is_told_from_a_part_with_registers_byte_by_byte_too) {
  std::uint8_t channels = 0;
  simulated_.attach(0x71, std::make_unique<Multiplexer>(channels));
  attach("bme280", 0x76);
  SmbusOnly smbus(bus_);
  const auto result = scan_i2c(smbus, all_drivers(), {});
  ASSERT_EQ(result.findings.size(), 2U);
  EXPECT_TRUE(result.findings[0].maybe_mux);
  EXPECT_EQ(result.findings[1].certainty, Certainty::identified);
  for (const auto& bytes : bus_.written[0x71]) EXPECT_THAT(bytes, IsEmpty());
}

TEST_F(ScanningABus, a_probe_cannot_write_more_than_it_may) {
  simulated_.attach(
      0x20, std::make_unique<ByteRegisterModel>(ByteRegisterModel::Registers{}, ByteRegisterModel::Behaviour{}));
  GuardedI2c registers(bus_, GuardedI2c::Allowed::registers);
  const I2cDevice careful{&registers, 0x20};
  EXPECT_TRUE(read_u8(careful, 0x0f));
  EXPECT_FALSE(registers.refused());
  EXPECT_EQ(write_u8(careful, 0x0f, 1).error().code, Errc::unsupported);
  EXPECT_TRUE(registers.refused());
  GuardedI2c commands(bus_, GuardedI2c::Allowed::commands);
  const I2cDevice bold{&commands, 0x20};
  EXPECT_TRUE(bold.write({0xf3, 0x2d}));
  EXPECT_EQ(bold.write({0xf3, 0x2d, 0x00}).error().code, Errc::unsupported);
  EXPECT_THAT(bus_.written[0x20], ElementsAre(Bytes{0x0f}, (Bytes{0xf3, 0x2d})));
}

TEST(ScanningABadBus, an_address_that_a_kernel_driver_holds_is_left_alone) {
  FailingBus bus({Errc::busy, "i2c-1 0x49: held by the kernel driver lm75; …"}, 0x49, 0x49);
  const auto result = scan_i2c(bus, all_drivers(), {});
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].certainty, Certainty::held);
  EXPECT_THAT(result.findings[0].held_by, testing::HasSubstr("lm75"));
  EXPECT_FALSE(result.error);
}

TEST(ScanningABadBus, a_hung_bus_ends_the_scan_at_once) {
  FailingBus bus({Errc::timeout, "i2c-1"}, 0x20, 0x77);
  int looked = 0;
  const auto result = scan_i2c(bus, all_drivers(), [&](std::uint8_t) { ++looked; });
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->code, Errc::timeout);
  EXPECT_EQ(looked, 0x20 - 0x08 + 1);
}

TEST(ScanningABadBus, an_error_of_every_address_is_the_bus_s) {
  FailingBus bus({Errc::io, "/dev/i2c-1: Permission denied"}, 0x00, 0x7f);
  EXPECT_EQ(scan_i2c(bus, all_drivers(), {}).error, (Error{Errc::io, "/dev/i2c-1: Permission denied"}));
}

TEST(ScanningABadBus, an_error_of_some_addresses_is_nobody_there) {
  FailingBus bus({Errc::io, "EIO"}, 0x08, 0x70);
  const auto result = scan_i2c(bus, all_drivers(), {});
  EXPECT_FALSE(result.error);
  EXPECT_THAT(result.findings, IsEmpty());
}

}  // namespace
}  // namespace b2m

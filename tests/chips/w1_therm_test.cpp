#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include "drivers/engine/checksum.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"

namespace b2m {
namespace {

using std::string;

string path(const string& id, const string& file) { return fmt::format("/sys/bus/w1/devices/{}/{}", id, file); }

/// What a thermometer with these files is read as.
Result<double> celsius(const string& id, const std::map<string, string>& files) {
  FakeFiles fake;
  fake.set(path("w1_bus_master1", "w1_master_name"), "w1_bus_master1");
  for (const auto& [file, text] : files) fake.set(path(id, file), text);
  const auto poll = poll_once(*make_file_sensor("w1_therm", fake, {{"id", id}}));
  if (!poll) return tl::unexpected(poll.error());
  return (*poll)["temperature"];
}

/// w1_slave as the kernel writes it for the first eight bytes of a scratchpad.
string w1_slave(const std::array<std::uint8_t, 8>& bytes, int millidegrees) {
  const auto crc = crc8_one_wire(bytes);
  const auto hex = fmt::format("{:02x} {:02x}", fmt::join(bytes, " "), crc);
  return fmt::format("{0} : crc={1:02x} YES\n{0} t={2}\n", hex, crc, millidegrees);
}

const string id = "28-0000071a2b3c";

// wirenboard/wb-mqtt-w1 test/fake_sensors/1_sensor; periph/devices ds18b20_test.go; DS18B20 datasheet table 1
TEST(W1Therm, ReadsWhatOthersRecorded) {
  EXPECT_EQ(celsius("28-00000a013d97",
                    {{"w1_slave", "a5 01 4b 46 7f ff 0b 10 f7 : crc=f7 YES\na5 01 4b 46 7f ff 0b 10 f7 t=26312\n"}}),
            26.312);
  EXPECT_EQ(
      celsius(id, {{"w1_slave", "e0 01 00 00 3f ff 10 10 3f : crc=3f YES\ne0 01 00 00 3f ff 10 10 3f t=30000\n"}}),
      30.0);
  EXPECT_EQ(
      celsius(id, {{"w1_slave", "91 01 4b 46 7f ff 0c 10 70 : crc=70 YES\n91 01 4b 46 7f ff 0c 10 70 t=25062\n"}}),
      25.062);
  EXPECT_EQ(celsius(id, {{"w1_slave", "00 00 4b 46 7f ff 0c 10 c8 : crc=c8 YES\n00 00 4b 46 7f ff 0c 10 c8 t=0\n"}}),
            0.0);
}

TEST(W1Therm, ANegativeTemperatureKeepsItsSign) {
  EXPECT_EQ(
      celsius(id, {{"w1_slave", "5e ff 4b 46 7f ff 0c 10 6a : crc=6a YES\n5e ff 4b 46 7f ff 0c 10 6a t=-10125\n"}}),
      -10.125);
}

TEST(W1Therm, AScratchpadThatTheKernelRefusedGivesNoValue) {
  const auto result =
      celsius(id, {{"w1_slave", "a5 01 4b 46 7f ff 0b 10 f7 : crc=f8 NO\na5 01 4b 46 7f ff 0b 10 f7 t=26312\n"}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::checksum);
}

TEST(W1Therm, AWrongChecksumGivesNoValueWhateverTheKernelSays) {
  const auto result =
      celsius(id, {{"w1_slave", "a5 01 4b 46 7f ff 0b 10 f8 : crc=f8 YES\na5 01 4b 46 7f ff 0b 10 f8 t=26312\n"}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::checksum);
}

// linux Documentation/w1/slaves/w1_therm.rst, "features"
TEST(W1Therm, ThePowerOnValueIsNoMeasurement) {
  const auto result =
      celsius(id, {{"w1_slave", "50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 4b 46 7f ff 0c 10 1c t=85000\n"}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::not_ready);
  EXPECT_FALSE(
      celsius("10-000802824e58", {{"w1_slave", w1_slave({0xaa, 0x00, 0x4b, 0x46, 0xff, 0xff, 0x0c, 0x10}, 85000)}}));
}

TEST(W1Therm, AGenuine85DegreesIsAccepted) {
  EXPECT_EQ(celsius(id, {{"w1_slave", w1_slave({0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x10, 0x10}, 85000)}}), 85.0);
}

TEST(W1Therm, AConversionThatLackedPowerIsNoMeasurement) {
  const auto result = celsius(id, {{"w1_slave", w1_slave({0xff, 0x07, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10}, 127937)}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::not_ready);
}

TEST(W1Therm, AllZeroIsNoMeasurementAlthoughItsChecksumIsRight) {
  const auto result =
      celsius(id, {{"w1_slave", "00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0\n"}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::io);
}

TEST(W1Therm, AllOnesMeansThatNobodyAnswers) {
  const auto result =
      celsius(id, {{"w1_slave", "ff ff ff ff ff ff ff ff ff : crc=c9 NO\n50 05 4b 46 7f ff 0c 10 1c t=85000\n"}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::no_ack);
}

TEST(W1Therm, TextThatIsNotUnderstoodGivesNoValue) {
  const string good = w1_slave({0xa5, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0b, 0x10}, 26312);
  for (const string& text :
       {string(), string("\n"), string("a5"), string("zz 01 4b 46 7f ff 0b 10 f7 : crc=f7 YES\n t=26312\n"),
        good.substr(0, good.find('\n')), good.substr(0, good.find("t=") + 2), good + " t=x"}) {
    EXPECT_FALSE(celsius(id, {{"w1_slave", text}})) << text;
  }
}

TEST(W1Therm, FallsBackToTheTemperatureFile) {
  EXPECT_EQ(celsius("28-00000a013000", {{"temperature", "26312\n"}}), 26.312);  // wb-mqtt-w1 test/fake_sensors/2_buses
  EXPECT_EQ(celsius("28-00000a013000", {{"temperature", "-1062\n"}}), -1.062);
  for (const auto* text : {"", "85000\n", "127937\n", "abc"})
    EXPECT_FALSE(celsius("28-00000a013000", {{"temperature", text}})) << text;
}

TEST(W1Therm, AFailedReadGivesItsError) {
  FakeFiles files;
  files.set_error(path(id, "w1_slave"), Errc::io);
  files.set(path(id, "temperature"), "26312");
  const auto poll = poll_once(*make_file_sensor("w1_therm", files));
  ASSERT_FALSE(poll);
  EXPECT_EQ(poll.error().code, Errc::io);
}

TEST(W1Therm, AnyIsTheFirstThermometer) {
  FakeFiles files;
  files.set(path("05-000000000001", "name"), "a switch");
  files.set(path("28-000000000002", "temperature"), "20000");
  files.set(path("28-000000000001", "temperature"), "10000");
  EXPECT_EQ((*poll_once(*make_file_sensor("ds18b20", files)))["temperature"], 10.0);
}

TEST(W1Therm, AMissingThermometerIsGoneAndTheOthersAreNamed) {
  FakeFiles files;
  const auto without_bus = poll_once(*make_file_sensor("w1_therm", files, {{"id", id}}));
  EXPECT_EQ(without_bus.error().code, Errc::gone);
  files.set(path("28-000000000001", "temperature"), "10000");
  const auto other = poll_once(*make_file_sensor("w1_therm", files, {{"id", id}}));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::gone);
  EXPECT_EQ(other.error().detail, "28-0000071a2b3c is not on the 1-Wire bus; there are: 28-000000000001");
}

TEST(W1Therm, AThermometerThatIsPulledOffIsGone) {
  FakeFiles files;
  files.set(path(id, "temperature"), "10000");
  const auto sensor = make_file_sensor("w1_therm", files);
  ASSERT_TRUE(poll_once(*sensor));
  files.remove(path(id, "temperature"));
  EXPECT_EQ(poll_again(*sensor).error().code, Errc::gone);
}

// MAX31850 datasheet, "Memory": fault in bit 0, configuration bits 7 to 4 read as ones
TEST(W1Therm, AnOpenThermocoupleIsOutOfRange) {
  const string couple = "3b-0000000f2c7d";
  EXPECT_EQ(celsius(couple, {{"w1_slave", w1_slave({0x00, 0x19, 0x00, 0x17, 0xf0, 0xff, 0xff, 0xff}, 400000)}}), 400.0);
  EXPECT_EQ(
      celsius(couple, {{"w1_slave", w1_slave({0xfd, 0x7f, 0x01, 0x17, 0xf0, 0xff, 0xff, 0xff}, 2047750)}}).error().code,
      Errc::out_of_range);
}

}  // namespace
}  // namespace b2m

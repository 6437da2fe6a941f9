#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"

namespace b2m {
namespace {

using std::string;

string path(const string& id, const string& file) { return fmt::format("/sys/bus/w1/devices/{}/{}", id, file); }
const string bulk = path("w1_bus_master1", "therm_bulk_read");

// wirenboard/wb-mqtt-w1 test/fake_sensors/1_sensor; periph/devices ds18b20_test.go
const string at_26_312 = "a5 01 4b 46 7f ff 0b 10 f7 : crc=f7 YES\na5 01 4b 46 7f ff 0b 10 f7 t=26312\n";
const string at_25_062 = "91 01 4b 46 7f ff 0c 10 70 : crc=70 YES\n91 01 4b 46 7f ff 0c 10 70 t=25062\n";

struct W1Bus : ::testing::Test {
  W1Bus() {
    files.set(bulk, "0");
    files.set(path("05-000000000001", "name"), "a switch");
    files.set(path("28-000000000001", "w1_slave"), at_26_312);
    files.set(path("28-000000000002", "w1_slave"), at_25_062);
  }
  FakeFiles files;
  const std::unique_ptr<Sensor> sensor = make_file_sensor("w1_bus", files);
};

TEST_F(W1Bus, EachThermometerIsAChannel) {
  const auto poll = poll_once(*sensor);
  ASSERT_TRUE(poll);
  ASSERT_EQ(poll->channels.size(), 2U);
  EXPECT_EQ((*poll)["28_000000000001"], 26.312);
  EXPECT_EQ((*poll)["28_000000000002"], 25.062);
}

// therm_bulk_read_store of the kernel takes these eight bytes and nothing else.
TEST_F(W1Bus, OneConversionServesAll) {
  ASSERT_TRUE(poll_once(*sensor));
  EXPECT_EQ(files.written(), (std::vector{std::pair(bulk, string("trigger\n"))}));
}

TEST_F(W1Bus, AKernelThatCannotConvertAllAtOnceIsReadOneByOne) {
  files.remove(bulk);
  files.set(path("w1_bus_master1", "w1_master_name"), "w1_bus_master1");
  EXPECT_EQ((*poll_once(*sensor))["28_000000000002"], 25.062);
}

TEST_F(W1Bus, AThermometerThatIsAddedBecomesAChannel) {
  ASSERT_TRUE(poll_once(*sensor));
  EXPECT_FALSE(sensor->has_changed());
  files.set(path("28-000000000000", "w1_slave"), at_26_312);
  EXPECT_TRUE(sensor->has_changed());
  const auto poll = poll_once(*sensor);
  ASSERT_EQ(poll->channels.size(), 3U);
  EXPECT_EQ(poll->channels[0].key, "28_000000000001") << "those that are known keep their place";
  EXPECT_EQ((*poll)["28_000000000000"], 26.312);
}

TEST_F(W1Bus, AThermometerThatIsPulledOffIsAnErrorOfItsChannelAlone) {
  ASSERT_TRUE(poll_once(*sensor));
  files.remove(path("28-000000000001", "w1_slave"));
  EXPECT_FALSE(sensor->has_changed());
  const auto poll = poll_again(*sensor);
  ASSERT_TRUE(poll);
  EXPECT_EQ((*poll)["28_000000000001"].error().code, Errc::gone);
  EXPECT_EQ((*poll)["28_000000000002"], 25.062);
}

TEST_F(W1Bus, ABusWithoutThermometersIsGone) {
  ASSERT_TRUE(poll_once(*sensor));
  files.remove(path("28-000000000001", "w1_slave"));
  files.remove(path("28-000000000002", "w1_slave"));
  EXPECT_EQ(poll_again(*sensor).error().code, Errc::gone);
  EXPECT_EQ(poll_once(*sensor).error().code, Errc::gone);
}

// w1_therm.rst, "features": 85 °C with an untouched byte 6
TEST_F(W1Bus, WhatIsNoMeasurementFailsInItsChannel) {
  files.set(path("28-000000000001", "w1_slave"),
            "50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 4b 46 7f ff 0c 10 1c t=85000\n");
  const auto poll = poll_once(*sensor);
  EXPECT_EQ((*poll)["28_000000000001"].error().code, Errc::not_ready);
  EXPECT_EQ((*poll)["28_000000000002"], 25.062);
}

TEST_F(W1Bus, WhatADisturbedSearchInventsIsBounded) {
  for (int i = 0; i < 200; ++i) files.set(path(fmt::format("28-0000000001{:02x}", i), "w1_slave"), at_26_312);
  EXPECT_EQ(poll_once(*sensor)->channels.size(), 64U);
  files.set(path("28-0000000002ff", "w1_slave"), at_26_312);
  EXPECT_FALSE(sensor->has_changed());
}

}  // namespace
}  // namespace b2m

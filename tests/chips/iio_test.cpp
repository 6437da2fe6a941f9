#include <gtest/gtest.h>

#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"

namespace b2m {
namespace {

const std::string base = "/sys/bus/iio/devices/iio:device0/";

/// A device "x" with these files.
FakeFiles device(const std::map<std::string, std::string>& contents) {
  FakeFiles files({{base + "name", "x\n"}});
  for (const auto& [name, text] : contents) files.set(base + name, text);
  return files;
}

Result<Poll> poll(FakeFiles& files, const std::string& name = "x") {
  return poll_once(*make_file_sensor("iio", files, {{"device", name}}));
}

double value(const std::map<std::string, std::string>& contents, std::string_view key) {
  auto files = device(contents);
  const auto values = poll(files);
  if (!values) ADD_FAILURE() << to_string(values.error());
  return (*values)[key].value();
}

// wirenboard/wb-mqtt-adc test/sysfs_adc.test.cpp: 0.64516 V
TEST(Iio, ARawValueIsScaledByTheSharedScale) {
  EXPECT_NEAR(value({{"in_voltage1_raw", "254\n"}, {"in_voltage_scale", "2.54\n"}}, "in_voltage1"), 0.64516, 1e-12);
}

TEST(Iio, AChannelsOwnScaleGoesBeforeTheSharedOne) {
  EXPECT_NEAR(
      value({{"in_voltage1_raw", "254"}, {"in_voltage_scale", "9"}, {"in_voltage1_scale", "2.54"}}, "in_voltage1"),
      0.64516, 1e-12);
}

// linux drivers/iio/humidity/si7020.c: raw 0x6664 with offset -4368 and scale 10.725097656 is 23.31 °C
TEST(Iio, TheOffsetIsAddedBeforeScaling) {
  EXPECT_NEAR(
      value({{"in_temp_raw", "6553"}, {"in_temp_offset", "-4368"}, {"in_temp_scale", "10.725097656"}}, "in_temp"),
      23.434338, 1e-6);
  EXPECT_NEAR(value({{"in_temp_raw", "0"}, {"in_temp_offset", "-4368"}, {"in_temp_scale", "10.725097656"}}, "in_temp"),
              -46.847227, 1e-6);
}

// linux Documentation/ABI/testing/sysfs-bus-iio
TEST(Iio, UnitsOfTheAbiBecomeSi) {
  EXPECT_NEAR(value({{"in_temp_input", "23720"}}, "in_temp"), 23.72, 1e-9);
  EXPECT_NEAR(value({{"in_humidityrelative_input", "65305"}}, "in_humidityrelative"), 65.305, 1e-9);
  EXPECT_NEAR(value({{"in_pressure_input", "100.942695312"}}, "in_pressure"), 100942.695312, 1e-6);
  EXPECT_NEAR(value({{"in_current0_raw", "1500"}}, "in_current0"), 1.5, 1e-9);
  EXPECT_NEAR(value({{"in_illuminance_input", "120.5"}}, "in_illuminance"), 120.5, 1e-9);
  EXPECT_NEAR(value({{"in_magn_x_raw", "-500"}, {"in_magn_scale", "0.001"}}, "in_magn_x"), -5e-5, 1e-12);
  EXPECT_NEAR(
      value({{"in_concentration_co2_raw", "812"}, {"in_concentration_co2_scale", "0.0001"}}, "in_concentration_co2"),
      812e-6, 1e-12);
  EXPECT_NEAR(value({{"in_massconcentration_pm10_input", "12"}}, "in_massconcentration_pm10"), 12e-9, 1e-15);
  EXPECT_NEAR(value({{"in_massconcentration_pm1_input", "3"}}, "in_massconcentration_pm1"), 3e-9, 1e-15);
}

TEST(Iio, ADifferenceHasAKeyOfPlainLetters) {
  EXPECT_NEAR(
      value({{"in_voltage0-voltage1_raw", "-100"}, {"in_voltage-voltage_scale", "2"}, {"in_voltage_scale", "9"}},
            "in_voltage0_voltage1"),
      -0.2, 1e-12);
}

TEST(Iio, TheProcessedValueGoesBeforeTheRawOne) {
  auto files = device({{"in_temp_input", "23720"}, {"in_temp_raw", "1"}});
  const auto values = poll(files);
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 1u);
  EXPECT_NEAR((*values)["in_temp"].value(), 23.72, 1e-9);
}

TEST(Iio, WhatHasNoUnitIsLeftOut) {
  auto files = device({{"in_temp_input", "20000"},
                       {"in_capacitance0_raw", "1"},
                       {"in_raw", "1"},
                       {"_input", "1"},
                       {"out_voltage0_raw", "1"},
                       {"in_rot_quaternion_raw", "1"},
                       {"in_anglvel_x_raw", "100"},
                       {"in_anglvel_scale", "0.001"},
                       {"sampling_frequency", "10"}});
  const auto values = poll(files);
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 2u);
  EXPECT_TRUE(values->has("in_temp"));
  EXPECT_EQ(values->channels[0].quantity, Quantity::angular_velocity);
}

TEST(Iio, ADeviceWithoutKnownChannelsIsUnsupported) {
  auto files = device({{"in_capacitance0_raw", "1"}});
  EXPECT_EQ(poll(files).error().code, Errc::unsupported);
}

// The kernel's dht11 answers EIO or ETIMEDOUT every now and then.
TEST(Iio, AChannelThatCannotBeReadFailsAlone) {
  for (const auto* broken : {"in_temp_raw", "in_temp_offset", "in_temp_scale"}) {
    auto files = device({{"in_temp_raw", "1"},
                         {"in_temp_offset", "1"},
                         {"in_temp_scale", "1"},
                         {"in_humidityrelative_input", "40000"}});
    files.set_error(base + broken, Errc::timeout);
    const auto values = poll(files);
    ASSERT_TRUE(values);
    EXPECT_EQ((*values)["in_temp"].error().code, Errc::timeout) << broken;
    EXPECT_TRUE((*values)["in_humidityrelative"]);
  }
}

TEST(Iio, AVanishedDeviceIsGone) {
  auto files = device({{"in_temp_input", "20000"}});
  const auto sensor = make_file_sensor("iio", files, {{"device", "x"}});
  ASSERT_TRUE(poll_once(*sensor));
  files.remove(base + "in_temp_input");
  EXPECT_EQ(poll_again(*sensor).error().code, Errc::gone);
}

TEST(Iio, AMissingDeviceIsGoneAndTheOthersAreNamed) {
  auto files = device({{"in_temp_input", "20000"}});
  EXPECT_EQ(to_string(poll(files, "bme280").error()),
            "gone: no IIO device is called \"bme280\"; there are: x (iio:device0)");
  EXPECT_TRUE(poll(files, "iio:device0"));
}

}  // namespace
}  // namespace b2m

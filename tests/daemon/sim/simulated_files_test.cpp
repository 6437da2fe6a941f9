#include "daemon/sim/simulated_files.hpp"

#include <gtest/gtest.h>

#include "daemon/sim/simulated_outputs.hpp"
#include "daemon/sim/simulated_system.hpp"
#include "tests/daemon/sim/manual_clock.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

TEST(SimulatedFiles, AnAttributeIsReadWithoutItsTrailingWhiteSpace) {
  SimulatedFiles files;
  files.add("/sys/class/hwmon/hwmon0/name", "nct6779 \n");
  EXPECT_EQ(files.read("/sys/class/hwmon/hwmon0/name").value(), "nct6779");
}

TEST(SimulatedFiles, WhatIsNotThereIsGone) {
  SimulatedFiles files;
  EXPECT_EQ(files.read("/sys/none").error().code, Errc::gone);
  EXPECT_EQ(files.list("/sys").error().code, Errc::gone);
  EXPECT_EQ(files.write("/sys/none", "1").error().code, Errc::gone);
}

TEST(SimulatedFiles, ADirectoryListsItsEntriesOnceAndSorted) {
  SimulatedFiles files;
  files.add("/d/b/x", "1");
  files.add("/d/b-c", "1");
  files.add("/d/b/y", "1");
  files.add("/d/a", "1");
  files.add("/dd/z", "1");
  EXPECT_EQ(files.list("/d").value(), (Names{"a", "b", "b-c"}));
  EXPECT_EQ(files.list("/d/").value(), (Names{"a", "b", "b-c"}));
  EXPECT_EQ(files.read("/d/b").error().code, Errc::io);
}

TEST(SimulatedFiles, OnlyAWritableAttributeKeepsWhatIsWritten) {
  SimulatedFiles files;
  files.add("/d/fixed", "1");
  files.add_writable("/d/duty_cycle", "0");
  EXPECT_EQ(files.write("/d/fixed", "2").error().code, Errc::io);
  ASSERT_TRUE(files.write("/d/duty_cycle", "500"));
  EXPECT_EQ(files.read("/d/fixed").value(), "1");
  EXPECT_EQ(files.read("/d/duty_cycle").value(), "500");
}

TEST(SimulatedFiles, AnAttributeIsNeverLongerThanTheKernels) {
  SimulatedFiles files;
  files.add("/d/long", std::string(100'000, 'x'));
  EXPECT_EQ(files.read("/d/long").value().size(), 64U * 1024);
}

// Scratchpads of the DS18B20 recorded by others: periph.io ds18b20_test.go (30 °C), the data sheet's table (25.0625,
// -10.125).
TEST(SimulatedSystem, TheTextOfAOneWireThermometerIsTheKernels) {
  EXPECT_EQ(w1_slave_text(25.0625), "91 01 4b 46 7f ff 0f 10 25 : crc=25 YES\n91 01 4b 46 7f ff 0f 10 25 t=25062\n");
  EXPECT_NE(w1_slave_text(-10.125).find("5e ff 4b 46 7f ff"), std::string::npos);
  EXPECT_NE(w1_slave_text(-10.125).find(" t=-10125\n"), std::string::npos);
}

TEST(SimulatedSystem, TheKernelShowsABoardThatMoves) {
  ManualClock time;
  SimulatedFiles files;
  add_system_files(files, time.clock(), "walnutpi-1b");
  EXPECT_EQ(files.read("/proc/device-tree/model").value(), std::string("walnutpi-1b\0", 12));
  EXPECT_EQ(files.list("/sys/class/thermal").value(), (Names{"thermal_zone0", "thermal_zone1"}));
  for (const char* path : {"/proc/loadavg", "/proc/meminfo", "/proc/uptime", "/sys/class/thermal/thermal_zone0/temp",
                           "/sys/class/hwmon/hwmon0/temp1_input", "/sys/bus/iio/devices/iio:device0/in_voltage0_raw",
                           "/sys/bus/w1/devices/28-00000a013d97/w1_slave"}) {
    const auto before = files.read(path);
    ASSERT_TRUE(before) << path;
    EXPECT_EQ(files.read(path).value(), *before) << path;
    time.advance(60s);
    EXPECT_NE(files.read(path).value(), *before) << path;
  }
}

TEST(SimulatedSystem, ADeviceIsAddedOnce) {
  ManualClock time;
  SimulatedFiles files;
  add_thermal_zone(files, time.clock(), "cpu-thermal");
  add_thermal_zone(files, time.clock(), "cpu-thermal");
  add_thermal_zone(files, time.clock(), "thermal_zone0");
  add_thermal_zone(files, time.clock(), "gpu-thermal");
  EXPECT_EQ(files.list("/sys/class/thermal").value(), (Names{"thermal_zone0", "thermal_zone1"}));
  EXPECT_EQ(files.read("/sys/class/thermal/thermal_zone1/type").value(), "gpu-thermal");
}

TEST(SimulatedSystem, TheDiskHasSpace) {
  SimulatedFiles files;
  const auto space = files.space("/").value();
  EXPECT_GT(space.free_bytes, 0);
  EXPECT_GT(space.total_bytes, space.free_bytes);
}

// drivers/pwm/core.c and sysfs.c of the kernel.
TEST(SimulatedFiles, APwmChannelRefusesWhatTheKernelRefuses) {
  SimulatedFiles files;
  add_pwm_chip(files, {}, "pwmchip0");
  const std::string chip = "/sys/class/pwm/pwmchip0/";
  EXPECT_EQ(files.write(chip + "pwm0/period", "1000").error().code, Errc::gone);
  EXPECT_EQ(files.write(chip + "export", "16").error().code, Errc::gone);
  ASSERT_TRUE(files.write(chip + "export", "0"));
  EXPECT_EQ(files.write(chip + "export", "0").error().code, Errc::busy);
  EXPECT_EQ(files.write(chip + "pwm0/enable", "1").error().code, Errc::io);
  EXPECT_EQ(files.write(chip + "pwm0/polarity", "inversed").error().code, Errc::io);
  ASSERT_TRUE(files.write(chip + "pwm0/period", "1000"));
  EXPECT_EQ(files.write(chip + "pwm0/duty_cycle", "1001").error().code, Errc::io);
  ASSERT_TRUE(files.write(chip + "pwm0/duty_cycle", "1000"));
  EXPECT_EQ(files.write(chip + "pwm0/period", "999").error().code, Errc::io);
  ASSERT_TRUE(files.write(chip + "pwm0/enable", "1"));
  EXPECT_EQ(files.write(chip + "pwm0/polarity", "inversed").error().code, Errc::busy);
  EXPECT_EQ(files.read(chip + "pwm0/polarity").value(), "normal");
  EXPECT_EQ(files.read(chip + "pwm0/period").value(), "1000");
}

TEST(SimulatedFiles, APwmChipIsThereOnceUnderEachName) {
  SimulatedFiles files;
  for (const auto* name : {"300a000.pwm", "300a000.pwm", "pwmchip3", "other.pwm"}) add_pwm_chip(files, {}, name);
  EXPECT_EQ(files.list("/sys/class/pwm").value(), (Names{"pwmchip0", "pwmchip1", "pwmchip3"}));
}

}  // namespace
}  // namespace b2m

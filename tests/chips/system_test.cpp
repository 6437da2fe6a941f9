#include <gtest/gtest.h>

#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"

namespace b2m {
namespace {

// The formats of proc(5).
FakeFiles board() {
  FakeFiles files(
      {{"/proc/loadavg", "0.20 0.18 0.12 1/80 11206\n"},
       {"/proc/meminfo", "MemTotal:        1000000 kB\nMemFree:          100000 kB\nMemAvailable:     750000 kB\n"},
       {"/proc/uptime", "350735.47 234388.90\n"},
       {"/sys/class/thermal/thermal_zone0/temp", "41000\n"},
       {"/sys/class/thermal/thermal_zone1/temp", "52500\n"}});
  files.set_space("/", {.total_bytes = 8e9, .free_bytes = 6e9});
  return files;
}

Result<Poll> poll(FakeFiles& files, const OptionTexts& options = {}) {
  return poll_once(*make_file_sensor("system", files, options));
}

TEST(System, ReadsTheBoard) {
  auto files = board();
  const auto values = poll(files);
  ASSERT_TRUE(values);
  EXPECT_DOUBLE_EQ((*values)["load_1min"].value(), 0.2);
  EXPECT_DOUBLE_EQ((*values)["memory_used"].value(), 0.25);
  EXPECT_DOUBLE_EQ((*values)["disk_used"].value(), 0.25);
  EXPECT_DOUBLE_EQ((*values)["uptime"].value(), 350735.47);
  EXPECT_DOUBLE_EQ((*values)["temperature"].value(), 52.5);
}

TEST(System, ABoardWithoutThermalZonesHasNoTemperature) {
  auto files = board();
  files.remove("/sys/class/thermal/thermal_zone0/temp");
  files.remove("/sys/class/thermal/thermal_zone1/temp");
  const auto values = poll(files);
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 4u);
  EXPECT_TRUE((*values)["uptime"]);
}

TEST(System, AZoneThatIsSwitchedOffIsPassedOver) {
  auto files = board();
  files.set_error("/sys/class/thermal/thermal_zone1/temp", Errc::not_ready);
  EXPECT_DOUBLE_EQ((*poll(files))["temperature"].value(), 41);
  files.set_error("/sys/class/thermal/thermal_zone0/temp", Errc::not_ready);
  EXPECT_EQ((*poll(files))["temperature"].error().code, Errc::not_ready);
}

TEST(System, EachSourceFailsAlone) {
  for (const auto& [path, key] :
       {std::pair{"/proc/loadavg", "load_1min"}, {"/proc/meminfo", "memory_used"}, {"/proc/uptime", "uptime"}}) {
    auto files = board();
    files.set_error(path, Errc::io);
    const auto values = poll(files);
    ASSERT_TRUE(values);
    for (const auto& channel : values->channels)
      EXPECT_EQ((*values)[channel.key].has_value(), channel.key != key) << path;
  }
}

TEST(System, NonsenseInTheFilesGivesNoValue) {
  auto files = board();
  files.set("/proc/meminfo", "MemTotal: 0 kB\nMemAvailable: 0 kB\n");
  EXPECT_FALSE((*poll(files))["memory_used"]);
  files.set("/proc/meminfo", "MemTotal: 10 kB\nMemAvailable: 20 kB\n");
  EXPECT_FALSE((*poll(files))["memory_used"]);
  files.set("/proc/meminfo", "MemTotal: 10 kB\n");
  EXPECT_FALSE((*poll(files))["memory_used"]);
  files.set("/proc/loadavg", "");
  EXPECT_FALSE((*poll(files))["load_1min"]);
  files.set_space("/", {.total_bytes = 0, .free_bytes = 0});
  EXPECT_FALSE((*poll(files))["disk_used"]);
}

TEST(System, AnotherDiskMayBeWatched) {
  auto files = board();
  files.set_space("/data", {.total_bytes = 4e9, .free_bytes = 1e9});
  EXPECT_DOUBLE_EQ((*poll(files, {{"disk", "/data"}}))["disk_used"].value(), 0.75);
  EXPECT_EQ((*poll(files, {{"disk", "/none"}}))["disk_used"].error().code, Errc::gone);
}

}  // namespace
}  // namespace b2m

#include "daemon/app/build_device.hpp"

#include <gtest/gtest.h>

#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

DeviceConfig on_bus(std::string_view driver, const std::string& bus) {
  DeviceConfig device;
  device.driver = *find_driver(driver);
  device.options.set("bus", bus);
  return device;
}

DeviceConfig on_line(std::string_view driver, LineId line) {
  DeviceConfig device;
  device.driver = *find_driver(driver);
  device.lines = {{"line", std::move(line)}};
  return device;
}

TEST(WorkerName, BusesBehindAMultiplexerTakeTurnsWithTheirAdapter) {
  EXPECT_EQ(worker_name(on_bus("bme280", "i2c-1")), "i2c-1");
  EXPECT_EQ(worker_name(on_bus("bme280", "i2c-1/mux:0x70:3")), "i2c-1");
}

TEST(WorkerName, AnI2cActuatorBelongsToItsBus) { EXPECT_EQ(worker_name(on_bus("pca9685", "i2c-2")), "i2c-2"); }

TEST(WorkerName, ALineOfAnExpanderBelongsToTheBusOfItsChip) {
  EXPECT_EQ(worker_name(on_line("switch", {.chip = "mcp23017@i2c-1:0x20", .offset = 5})), "i2c-1");
  EXPECT_EQ(worker_name(on_line("switch", {.chip = "pcf8574@i2c-3/mux:0x70:3:0x20", .offset = 5})), "i2c-3");
  EXPECT_EQ(worker_name(on_line("switch", {.chip = "300b000.pinctrl", .offset = 5})), "outputs");
}

}  // namespace
}  // namespace b2m

// Follows a thermometer with the project's I2C side and its LM75 driver, and nothing else of the project: i2c_probe BUS
// MODEL ADDRESS SECONDS prints the temperature each half second. Small enough to be cross compiled and linked
// statically.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "daemon/io/linux_i2c.hpp"
#include "drivers/api/driver.hpp"

namespace b2m {
extern const DriverInfo driver_lm75;
}

namespace {

using namespace b2m;
using namespace std::chrono_literals;

std::size_t model_row(std::string_view name) {
  std::size_t row = 0;
  while (row < driver_lm75.models.size() && driver_lm75.models[row].name != name) ++row;
  return row;
}

Result<double> measure(Sensor& sensor) {
  B2M_TRY(sensor.trigger());
  Samples samples(sensor.channels().size());
  B2M_TRY(sensor.read(samples));
  return samples[0];
}

Result<> follow(Sensor& sensor, std::chrono::seconds duration) {
  B2M_ASSIGN(const Progress started, sensor.init());
  std::this_thread::sleep_for(started.pause());
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
    B2M_ASSIGN(const double temperature, measure(sensor));
    std::printf("temperature=%.4f\n", temperature);
    std::fflush(stdout);
    std::this_thread::sleep_for(500ms);
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 || model_row(argv[2]) == driver_lm75.models.size()) {
    std::puts("usage: i2c_probe BUS MODEL ADDRESS SECONDS");
    return 2;
  }
  LinuxI2cBus bus(argv[1], "");
  Options options;
  options.set("address", std::int64_t{std::strtol(argv[3], nullptr, 0)});
  const auto sensor = driver_lm75.make_sensor({.options = options, .model = model_row(argv[2]), .i2c = &bus});
  const auto result = follow(*sensor, std::chrono::seconds(std::atoi(argv[4])));
  if (!result) std::printf("error %s\n", to_string(result.error()).c_str());
  return result ? 0 : 1;
}

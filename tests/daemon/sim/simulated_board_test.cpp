#include "daemon/sim/simulated_board.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "drivers/api/registry.hpp"
#include "tests/daemon/sim/manual_clock.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

class Simulated : public testing::Test {
 protected:
  Options options_of(const DriverRef& ref) {
    Options options = default_options(bus_options(ref.driver->bus));
    const auto own = default_options(ref.driver->options);
    for (const auto& [key, value] : own.all()) options.set(key, value);
    if (ref.driver->bus == BusKind::i2c) {
      options.set("bus", std::string("i2c-1"));
      options.set("address", std::int64_t{ref.addresses().front()});
    }
    if (ref.driver->bus == BusKind::spi) options.set("bus", std::string("/dev/spidev1.0"));
    if (ref.driver->bus == BusKind::serial) options.set("port", std::string("/dev/ttyS2"));
    return options;
  }

  std::unique_ptr<Sensor> make(const DriverRef& ref, const Options& options) {
    Lines lines;
    for (const auto& spec : ref.driver->options)
      if (spec.type == OptionType::line)
        lines[std::string(spec.key)] = {"gpiochip0", static_cast<unsigned>(lines.size() + 1)};
    board.attach(ref, options, lines);
    if (auto substitute = board.substitute(ref, options)) return substitute;
    DriverContext context{.options = options, .model = ref.model, .lines = lines};
    if (ref.driver->bus == BusKind::i2c) context.i2c = &board.i2c("i2c-1");
    if (ref.driver->bus == BusKind::files || ref.driver->bus == BusKind::w1) context.files = &board.files();
    if (ref.driver->bus == BusKind::spi) context.spi = &board.spi("spidev1.0");
    if (ref.driver->bus == BusKind::serial) context.serial = &board.serial("/dev/ttyS2");
    if (ref.driver->bus == BusKind::timed_lines) context.timed_lines = &board.timed_lines();
    return ref.driver->make_sensor(context);
  }

  /// Every channel stays plausible for half an hour, and moves.
  void expect_life(const std::string& name, Sensor& sensor) {
    std::map<std::string, Range> seen;
    ASSERT_TRUE(run_step(sensor, &Sensor::init)) << name;
    for (int i = 0; i < 180; ++i, time.advance(10s)) {
      const auto poll = poll_again(sensor);
      ASSERT_TRUE(poll) << name << ": " << to_string(poll.error());
      for (const auto& channel : poll->channels) look_at(name, channel, (*poll)[channel.key], seen);
    }
    ASSERT_FALSE(seen.empty()) << name;
    for (const auto& [key, range] : seen) EXPECT_LT(range.low, range.high) << name << '.' << key << " stands still";
  }

  void look_at(const std::string& name, const Channel& channel, const Result<double>& value,
               std::map<std::string, Range>& seen) {
    ASSERT_TRUE(value) << name << '.' << channel.key << ": " << to_string(value.error());
    EXPECT_TRUE(channel.range.contains(*value)) << name << '.' << channel.key << " is " << *value;
    EXPECT_TRUE(info(channel.quantity).plausible.contains(*value)) << name << '.' << channel.key << " is " << *value;
    auto& range = seen.try_emplace(channel.key, Range{*value, *value}).first->second;
    range = {std::min(range.low, *value), std::max(range.high, *value)};
  }

  ManualClock time;
  SimulatedBoard board{{.clock = time.clock(), .inputs = SimulatedGpio::Inputs::driven}};
};

TEST_F(Simulated, EveryI2cSensorOfTheBuildShowsPlausibleMovingValues) {
  for (const auto* driver : all_drivers()) {
    if (driver->bus != BusKind::i2c || !driver->make_sensor) continue;
    const auto rows = std::max<std::size_t>(driver->models.size(), 1);
    for (std::size_t model = 0; model < rows; ++model) {
      const DriverRef ref{driver, model};
      const auto sensor = make(ref, options_of(ref));
      expect_life(std::string(ref.name()), *sensor);
    }
  }
}

TEST_F(Simulated, SoDoesEverySensorOnOtherWires) {
  for (const auto* driver : all_drivers()) {
    const auto bus = driver->bus;
    if (bus != BusKind::spi && bus != BusKind::serial && bus != BusKind::timed_lines) continue;
    const auto rows = std::max<std::size_t>(driver->models.size(), 1);
    for (std::size_t model = 0; driver->make_sensor && model < rows; ++model) {
      const DriverRef ref{driver, model};
      auto options = options_of(ref);
      if (driver->name == "hx711") options.set("counts_per_g", 420.0);
      expect_life(std::string(ref.name()), *make(ref, options));
    }
  }
  EXPECT_TRUE(board.unmodelled().empty());
}

TEST_F(Simulated, KernelDevicesThatAreConfiguredAreThere) {
  const struct {
    const char* driver;
    const char* option;
    const char* device;
  } rows[] = {{"w1_therm", "id", "28-0000071a2b3c"}, {"w1_therm", "id", "any"},
              {"thermal", "zone", "cpu-thermal"},    {"thermal", "zone", "soc-thermal"},
              {"hwmon", "device", "nct6779"},        {"hwmon", "device", "hwmon0"},
              {"iio", "device", "bme280"},           {"iio", "device", "sun4i-gpadc"}};
  for (const auto& row : rows) {
    const auto ref = find_driver(row.driver);
    ASSERT_TRUE(ref) << row.driver;
    auto options = options_of(*ref);
    options.set(row.option, std::string(row.device));
    const auto sensor = make(*ref, options);
    expect_life(row.device, *sensor);
  }
}

/// Prepared, on the ports of its example.
std::unique_ptr<Actuator> make_example(SimulatedBoard& board, const DriverInfo& driver) {
  const auto example = nlohmann::json::parse(driver.example);
  OptionTexts texts;
  for (const auto& [key, value] : example.items())
    if (key != "driver") texts.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  const DriverRef ref{&driver, 0};
  const auto options = make_options(driver, texts);
  board.attach(ref, options);
  DriverContext context{.options = options};
  if (driver.bus == BusKind::i2c) context.i2c = &board.i2c("i2c-1");
  if (driver.bus == BusKind::files) context.files = &board.files();
  return driver.make_actuator(context);
}

TEST_F(Simulated, EveryOutputWithARangeDoesWhatItIsToldAndIsFoundDoingIt) {
  int count = 0;
  for (const auto* driver : all_drivers()) {
    const bool on_a_port = driver->bus == BusKind::i2c || driver->bus == BusKind::files;
    if (!driver->make_actuator || driver->output.kind != ActuatorKind::range || !on_a_port) continue;
    ++count;
    SCOPED_TRACE(driver->name);
    const ActuatorState target = driver->output.range.high / 2;
    const auto output = make_example(board, *driver);
    ASSERT_TRUE(output->prepare());
    EXPECT_EQ(output->init(ActuatorState(0.0)), ActuatorState(0.0));
    EXPECT_EQ(output->apply(target), target);
    const auto next = make_example(board, *driver);
    ASSERT_TRUE(next->prepare());
    const auto found = next->init(std::nullopt);
    if (!found) {
      EXPECT_EQ(found.error().code, Errc::unsupported);  // it cannot be read back
    } else {
      EXPECT_NEAR(std::get<double>(*found), std::get<double>(target), driver->output.range.high / 100);
    }
  }
  EXPECT_GE(count, 8);
  EXPECT_TRUE(board.unmodelled().empty());
}

TEST_F(Simulated, ADriverOfAnotherPartOfAChipFindsTheChipAsItIs) {
  const auto dimmer = find_driver("pca9685").value();
  auto options = options_of(dimmer);
  options.set("channel", std::int64_t{3});
  board.attach(dimmer, options);
  const I2cDevice chip{&board.i2c("i2c-1"), 0x40};
  ASSERT_TRUE(write_u8(chip, 0x01, 0x0c));
  const auto servo = find_driver("pca9685_servo").value();
  board.attach(servo, options_of(servo));
  EXPECT_EQ(read_u8(chip, 0x01).value(), 0x0c);
}

TEST_F(Simulated, TheSystemOfTheBoardCanBeRead) {
  const auto ref = find_driver("system").value();
  const auto sensor = make(ref, options_of(ref));
  const auto poll = poll_once(*sensor);
  ASSERT_TRUE(poll);
  for (const auto& channel : poll->channels) EXPECT_TRUE((*poll)[channel.key]) << channel.key;
}

constexpr std::uint8_t addresses[] = {0x5d};
constexpr ChannelSpec odd_channels[] = {{"temperature", Quantity::temperature, {-40, 0}},
                                        {"energy", Quantity::energy, {0, 1e9}},
                                        {"quality", Quantity::air_quality_index, {1, 5}}};
std::unique_ptr<Sensor> never(const DriverContext&) { return nullptr; }
constexpr DriverInfo odd_driver{.name = "odd",
                                .summary = "a chip without a model",
                                .datasheet = "",
                                .bus = BusKind::i2c,
                                .addresses = addresses,
                                .channels = odd_channels,
                                .make_sensor = never,
                                .example = ""};

TEST_F(Simulated, AChipWithoutAModelIsReplacedByPlausibleValuesAndNamed) {
  const DriverRef odd{&odd_driver, 0};
  Options options;
  options.set("bus", std::string("/dev/i2c-1"));
  const auto sensor = make(odd, options);
  ASSERT_NE(sensor, nullptr);
  expect_life("odd", *sensor);
  EXPECT_EQ(board.unmodelled(), (std::vector<SimulatedBoard::UnmodelledDevice>{{"odd", "i2c-1", 0x5d}}));
  board.attach(odd, options);
  EXPECT_EQ(board.unmodelled().size(), 1U);
}

TEST_F(Simulated, ASubstituteCountsUpwardsAndInWholeNumbers) {
  const auto sensor = make({&odd_driver, 0}, Options{});
  double energy = -1;
  for (int i = 0; i < 20; ++i, time.advance(10s)) {
    const auto poll = poll_once(*sensor).value();
    EXPECT_GT(poll["energy"].value(), energy);
    energy = poll["energy"].value();
    EXPECT_EQ(poll["quality"].value(), std::round(poll["quality"].value()));
  }
}

TEST_F(Simulated, AModelledChipIsReadByItsOwnDriver) {
  const auto lm75 = find_driver("lm75").value();
  EXPECT_EQ(board.substitute(lm75, options_of(lm75)), nullptr);
  board.attach(lm75, options_of(lm75));
  EXPECT_TRUE(board.unmodelled().empty());
}

TEST_F(Simulated, ADeviceWithoutAnAddressHasTheFirstOfItsDriver) {
  const auto lm75 = find_driver("lm75").value();
  Options options;
  options.set("bus", std::string("i2c-1"));
  board.attach(lm75, options);
  EXPECT_TRUE(read_u8({&board.i2c("i2c-1"), 0x48}, 0));
  EXPECT_FALSE(read_u8({&board.i2c("i2c-0"), 0x48}, 0));
}

TEST_F(Simulated, AttachingADeviceAgainLeavesItsStateAlone) {
  const auto lm75 = find_driver("lm75").value();
  const I2cDevice chip{&board.i2c("i2c-1"), 0x48};
  board.attach(lm75, options_of(lm75));
  ASSERT_TRUE(write_be16(chip, 2, 0x1234));
  board.attach(lm75, options_of(lm75));
  EXPECT_EQ(read_be16(chip, 2).value(), 0x1234);
  const auto tmp117 = find_driver("tmp117").value();
  board.attach(tmp117, options_of(tmp117));
  EXPECT_EQ(read_be16(chip, 0x0f).value(), 0x0117);
}

TEST_F(Simulated, ABusIsTheSameObjectUnderBothSpellings) {
  EXPECT_EQ(&board.i2c("i2c-1"), &board.i2c("/dev/i2c-1"));
  EXPECT_NE(&board.i2c("i2c-1"), &board.i2c("i2c-2"));
}

TEST_F(Simulated, ABme280HasNoResultBeforeItMeasuredAndAfterAReset) {
  const auto bme280 = find_driver("bme280").value();
  board.attach(bme280, options_of(bme280));
  const I2cDevice chip{&board.i2c("i2c-1"), 0x76};
  EXPECT_EQ(read_be16(chip, 0xfa).value(), 0x8000);
  ASSERT_TRUE(write_u8(chip, 0xf4, 0x25));
  EXPECT_NE(read_be16(chip, 0xfa).value(), 0x8000);
  EXPECT_EQ(read_be16(chip, 0xfd).value(), 0x8000);  // humidity was not switched on
  EXPECT_EQ(read_u8(chip, 0xf4).value(), 0x24);      // asleep again
  ASSERT_TRUE(write_u8(chip, 0xe0, 0xb6));
  EXPECT_EQ(read_be16(chip, 0xfa).value(), 0x8000);
}

}  // namespace
}  // namespace b2m

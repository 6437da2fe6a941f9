#include "daemon/flow/computed_device.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

constexpr ChannelSpec twice_spec[] = {{"twice", Quantity::temperature, {-100, 100}}};
constexpr InputSpec inputs[] = {{"input", Quantity::voltage}, {"other_input", Quantity::voltage}};

/// Twice its input, and its other input, when it has one, added.
class Twice final : public ComputedSensor {
 public:
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(twice_spec); }
  void compute(Inputs values, Samples& samples) const override {
    samples.set(0, 2 * *values[0] + values[1].value_or(0));
  }
};
constexpr DriverInfo twice_driver{.name = "twice",
                                  .summary = "of a test",
                                  .datasheet = "none",
                                  .channels = twice_spec,
                                  .inputs = inputs,
                                  .example = ""};

struct ComputedDeviceTest : ::testing::Test {
  ComputedDeviceTest() {
    config.id = "computed";
    config.driver = {&twice_driver, 0};
    config.source = {"adc", {"ain1", ""}};
    sink.measured = [this](const SensorConfig&, std::span<const Channel>, const Measurement& m) { told.push_back(m); };
    sink.availability = [this](const SensorConfig&, bool online) { availability.push_back(online); };
  }
  void feed(ComputedDevice& device, std::vector<Result<double>> values) {
    device.on_source({channels, std::span<const Result<double>>(values), moment, false});
  }
  [[nodiscard]] const Result<double>& last() const { return told.back().readings.at(0).value; }

  const std::vector<Channel> channels{{"ain0", Quantity::voltage, {0, 5}},
                                      {"ain1", Quantity::voltage, {0, 5}},
                                      {"warmth", Quantity::temperature, {0, 50}}};
  const Moment moment{WallTime(std::chrono::seconds(1700000000)), SteadyTime(std::chrono::seconds(5)), true};
  SensorConfig config;
  SensorSink sink;
  std::vector<Measurement> told;
  std::vector<bool> availability;
};

TEST_F(ComputedDeviceTest, IsComputedFromTheChannelItNames) {
  ComputedDevice device(config, std::make_unique<Twice>(), sink);
  feed(device, {1.0, 2.0, 20.0});
  EXPECT_EQ(last(), 4.0);
  EXPECT_EQ(device.state(), DeviceState::ready);
  EXPECT_EQ(device.counters().good, 1U);
}

TEST_F(ComputedDeviceTest, ASecondInputComesFromTheSameReading) {
  config.source.channels = {"ain1", "ain0"};
  ComputedDevice device(config, std::make_unique<Twice>(), sink);
  feed(device, {1.0, 2.0, 20.0});
  EXPECT_EQ(last(), 5.0);
}

TEST_F(ComputedDeviceTest, TheTimeIsThatOfTheSource) {
  ComputedDevice device(config, std::make_unique<Twice>(), sink);
  feed(device, {1.0, 2.0, 20.0});
  EXPECT_EQ(told.back().moment.wall, moment.wall);
  EXPECT_EQ(told.back().moment.monotonic, moment.monotonic);
}

TEST_F(ComputedDeviceTest, AFailedInputIsAFailedValueForTheSameReason) {
  ComputedDevice device(config, std::make_unique<Twice>(), sink);
  feed(device, {1.0, fail(Errc::checksum, "word 2"), 20.0});
  EXPECT_EQ(last().error(), (Error{Errc::checksum, "word 2"}));
  EXPECT_EQ(device.counters().failed, 1U);
  feed(device, {fail(Errc::checksum), 2.0, 20.0});
  EXPECT_EQ(last(), 4.0) << "another channel of the source does not matter";
}

TEST_F(ComputedDeviceTest, ASourceThatCannotBeReadIsAFaultForTheSameReason) {
  ComputedDevice device(config, std::make_unique<Twice>(), sink);
  device.on_source({channels, fail(Errc::no_ack, "0x48"), moment, false});
  EXPECT_EQ(last().error(), (Error{Errc::no_ack, "0x48"}));
  EXPECT_EQ(told.back().readings.at(0).quality, Quality::fault);
}

TEST_F(ComputedDeviceTest, AValueBeyondItsChannelIsRefused) {
  ComputedDevice device(config, std::make_unique<Twice>(), sink);
  feed(device, {1.0, 51.0, 20.0});
  EXPECT_EQ(last().error().code, Errc::out_of_range);
}

TEST_F(ComputedDeviceTest, AChannelThatTheSourceTurnsOutNotToHaveIsNamed) {
  config.source.channels[0] = "ain9";
  ComputedDevice device(config, std::make_unique<Twice>(), sink);
  feed(device, {1.0, 2.0, 20.0});
  EXPECT_EQ(last().error(), (Error{Errc::unsupported, "adc has no channel ain9; it has: ain0, ain1, warmth"}));
}

TEST_F(ComputedDeviceTest, AChannelThatMeasuresSomethingElseIsNoInput) {
  config.source.channels[0] = "warmth";
  ComputedDevice device(config, std::make_unique<Twice>(), sink);
  feed(device, {1.0, 2.0, 20.0});
  EXPECT_EQ(last().error().detail, "adc.warmth is a temperature; a voltage is needed");
}

TEST_F(ComputedDeviceTest, IsThereWhenItsSourceIs) {
  ComputedDevice device(config, std::make_unique<Twice>(), sink);
  device.on_source_availability(true);
  device.on_source_availability(true);
  device.on_source_availability(false);
  EXPECT_EQ(availability, (std::vector{true, false}));
  EXPECT_EQ(device.state(), DeviceState::absent);
}

TEST_F(ComputedDeviceTest, ItsOwnFiltersAreApplied) {
  config.filters = {{.kind = FilterKind::offset, .numbers = {0.5}}};
  ComputedDevice device(config, std::make_unique<Twice>(), sink);
  feed(device, {1.0, 2.0, 20.0});
  EXPECT_EQ(last(), 4.5);
}

TEST_F(ComputedDeviceTest, AValueMadeUpFromAMadeUpSourceSaysSo) {
  ComputedDevice device(config, std::make_unique<Twice>(), sink);
  const std::vector<Result<double>> values{1.0, 2.0, 20.0};
  device.on_source({channels, std::span(values), moment, true});
  EXPECT_TRUE(told.back().simulated);
}

}  // namespace
}  // namespace b2m

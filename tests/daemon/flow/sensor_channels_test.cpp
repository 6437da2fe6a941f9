#include "daemon/flow/sensor_channels.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/flow/flow_fakes.hpp"

namespace b2m {
namespace {

struct SensorChannelsTest : ::testing::Test {
  SensorChannelsTest() {
    config.id = "climate";
    config.driver = {&test::two_channel_driver, 0};
    config.derive = {Derivation::dew_point, Derivation::heat_index};
  }
  const Moment moment{};
  SensorConfig config;
};

TEST_F(SensorChannelsTest, DerivedChannelsFollowTheDevicesOwn) {
  SensorChannels channels(config);
  ASSERT_EQ(channels.channels().size(), 4U);
  EXPECT_EQ(channels.own_channels().size(), 2U);
  EXPECT_EQ(channels.channels()[2].key, "dew_point");
  const auto measurement = channels.measure({20.0, 50.0}, moment);
  ASSERT_EQ(measurement.readings.size(), 4U);
  EXPECT_NEAR(measurement.readings[2].value.value(), 9.3, 0.05);
}

TEST_F(SensorChannelsTest, WhatIsDerivedFromAFailedChannelFailsForItsReason) {
  SensorChannels channels(config);
  const auto measurement = channels.measure({20.0, fail(Errc::checksum, "humidity")}, moment);
  EXPECT_EQ(measurement.readings[0].value, 20.0);
  EXPECT_EQ(measurement.readings[2].value.error(), (Error{Errc::checksum, "humidity"}));
}

TEST_F(SensorChannelsTest, DerivedChannelsComeFromValuesBeforeTheirFilters) {
  config.channels = {{.key = "temperature", .filters = {{.kind = FilterKind::offset, .numbers = {5}}}}};
  SensorChannels channels(config);
  const auto measurement = channels.measure({20.0, 50.0}, moment);
  EXPECT_EQ(measurement.readings[0].value, 25.0);
  EXPECT_NEAR(measurement.readings[2].value.value(), 9.3, 0.05);
}

TEST_F(SensorChannelsTest, ADisabledChannelIsStillDerivedFrom) {
  config.channels = {{.key = "humidity", .disabled = true}, {.key = "heat_index", .disabled = true}};
  SensorChannels channels(config);
  const auto measurement = channels.measure({20.0, 50.0}, moment);
  ASSERT_EQ(measurement.readings.size(), 2U);
  EXPECT_EQ(measurement.readings[1].channel, 2U);
}

TEST_F(SensorChannelsTest, ADeviceThatTurnsOutToLackAChannelCannotDerive) {
  SensorChannels channels(config);
  channels.assign({{"temperature", Quantity::temperature, {-40, 85}}});
  const auto measurement = channels.measure({20.0}, moment);
  EXPECT_EQ(measurement.readings.at(1).value.error(),
            (Error{Errc::unsupported, "the device has no relative_humidity"}));
}

TEST_F(SensorChannelsTest, AFaultIsToldForEveryChannel) {
  SensorChannels channels(config);
  EXPECT_EQ(channels.fault({Errc::no_ack}, moment).readings.size(), 4U);
}

TEST_F(SensorChannelsTest, TheFiltersOfAChannelThatStaysKeepTheirState) {
  config.derive.clear();
  config.filters = {{.kind = FilterKind::delta, .numbers = {1}}};
  SensorChannels channels(config);
  EXPECT_EQ(channels.measure({20.0, 50.0}, moment).readings.size(), 2U);
  channels.assign({{"temperature", Quantity::temperature, {-40, 85}}, {"second", Quantity::temperature, {-40, 85}}});
  const auto measurement = channels.measure({20.1, 30.0}, moment);
  ASSERT_EQ(measurement.readings.size(), 1U) << "the temperature has not moved enough to be told";
  EXPECT_EQ(measurement.readings[0].channel, 1U);
}

}  // namespace
}  // namespace b2m

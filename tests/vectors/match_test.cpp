#include "tests/vectors/match.hpp"

#include <gtest/gtest.h>

namespace b2m::vectors {
namespace {

constexpr Range anything{-1e9, 1e9};

constexpr Model models[] = {{.name = "ads1015"}, {.name = "pzem004t"}};
constexpr DriverInfo adc{.name = "adc", .summary = "", .datasheet = "", .models = models, .example = ""};
constexpr DriverInfo hwmon{.name = "hwmon", .summary = "", .datasheet = "", .example = ""};

std::optional<DriverRef> find(std::string_view name) {
  if (name == "ads1015") return DriverRef{&adc, 0};
  if (name == "pzem004t") return DriverRef{&adc, 1};
  if (name == "hwmon") return DriverRef{&hwmon, 0};
  return std::nullopt;
}

std::optional<std::size_t> channel_for(std::string_view quantity, std::string key) {
  const std::vector<Channel> channels{{"other", Quantity::count, anything},
                                      {std::move(key), Quantity::count, anything}};
  return match_channel(channels, quantity);
}

TEST(Match, ADriverIsFoundByTheNameOfTheChipOrAnAlias) {
  CaseBoard board;
  EXPECT_EQ(match_driver({"PZEM-004T", {}, {}}, board, find)->name(), "pzem004t");
  EXPECT_EQ(match_driver({"ADS1115", {"ADS1015 (12 bit, left aligned)", "ADS1x15"}, {}}, board, find)->name(),
            "ads1015");
  EXPECT_FALSE(match_driver({"BMP999", {"GY-1"}, {}}, board, find));
}

TEST(Match, TheClassOfAKernelDeviceNamesItsDriver) {
  CaseBoard board;
  board.cls = "hwmon";
  EXPECT_EQ(match_driver({"linux hwmon/thermal", {}, {}}, board, find)->name(), "hwmon");
  board.cls = "iio";
  EXPECT_FALSE(match_driver({"linux IIO", {}, {}}, board, find));
}

TEST(Match, AChannelIsFoundByTheNameOfTheQuantity) {
  EXPECT_EQ(channel_for("AIN0", "ain0"), 1U);
  EXPECT_EQ(channel_for("in_voltage1", "in_voltage1"), 1U);
  EXPECT_EQ(channel_for("pm1_0", "pm1"), 1U);
  EXPECT_EQ(channel_for("eco2", "co2"), 1U);
  EXPECT_EQ(channel_for("temperature", "humidity"), std::nullopt);
  EXPECT_EQ(channel_for("", ""), 1U);
}

TEST(Match, NumbersAreComparedInTheUnitOfTheFile) {
  EXPECT_DOUBLE_EQ(si_per("%", Quantity::relative_humidity).value(), 1);
  EXPECT_DOUBLE_EQ(si_per("%", Quantity::moisture).value(), 0.01);
  EXPECT_DOUBLE_EQ(si_per("g", Quantity::mass).value(), 1e-3);
  EXPECT_DOUBLE_EQ(si_per("g", Quantity::acceleration).value(), 9.80665);
  EXPECT_DOUBLE_EQ(si_per("RPM", Quantity::rotation_speed).value() * 1098, 18.3);
  EXPECT_FALSE(si_per("parsec", Quantity::distance));
}

}  // namespace
}  // namespace b2m::vectors

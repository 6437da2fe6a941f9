#include <fmt/format.h>

#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

/// The transfers of one conversion: started, found finished, fetched.
void add_conversion(I2cScript& script, std::uint16_t config, std::uint16_t word) {
  const auto high = [](std::uint16_t v) { return static_cast<std::uint8_t>(v >> 8); };
  const auto low = [](std::uint16_t v) { return static_cast<std::uint8_t>(v & 0xff); };
  script.push_back(i2c::write({0x01, high(config), low(config)}));
  script.push_back(i2c::write_read({0x01}, {high(config), low(config)}));
  script.push_back(i2c::write_read({0x00}, {high(word), low(word)}));
}

const I2cStep present = i2c::write_read({0x01}, {0x85, 0x83});

Result<Poll> poll(std::string_view model, I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x48, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus, options));
}

/// AIN0 alone, with a word in the result register, at ±2.048 V.
Result<double> ain0(std::uint16_t word) {
  I2cScript script{present};
  add_conversion(script, 0xc583, word);
  const auto values = poll("ads1115", script, {{"inputs", "ain0"}});
  if (!values) return tl::unexpected(values.error());
  return (*values)["ain0"];
}

// kvasir_devices power_io_test.cpp ads1115(): codes 1000 to 4000 at ±2.048 V
I2cScript sweep() {
  I2cScript script{present};
  add_conversion(script, 0xc583, 1000);
  add_conversion(script, 0xd583, 2000);
  add_conversion(script, 0xe583, 3000);
  add_conversion(script, 0xf583, 4000);
  return script;
}

TEST(Ads1115, ConvertsItsFourInputsOneAfterTheOther) {
  const auto values = poll("ads1115", sweep());
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 4u);
  EXPECT_DOUBLE_EQ((*values)["ain0"].value(), 0.0625);
  EXPECT_DOUBLE_EQ((*values)["ain1"].value(), 0.125);
  EXPECT_DOUBLE_EQ((*values)["ain2"].value(), 0.1875);
  EXPECT_DOUBLE_EQ((*values)["ain3"].value(), 0.25);
}

TEST(Ads1115, ANegativeCodeKeepsItsSign) {
  EXPECT_DOUBLE_EQ(ain0(0xffff).value(), -6.25e-05);  // gobot ads1x15_driver_1115_test.go
  EXPECT_DOUBLE_EQ(ain0(0x8001).value(), -2.048 * 32767 / 32768);
}

TEST(Ads1115, BothEndsOfTheScaleAreClipped) {
  EXPECT_EQ(ain0(0x7fff).error().code, Errc::out_of_range);
  EXPECT_EQ(ain0(0x8000).error().code, Errc::out_of_range);
  EXPECT_DOUBLE_EQ(ain0(0x7ffe).value(), 2.048 * 32766 / 32768);
}

TEST(Ads1115, AClippedInputDoesNotSpoilTheOthers) {
  I2cScript script{present};
  add_conversion(script, 0xc583, 0x7fff);
  add_conversion(script, 0xd583, 2000);
  ScriptedI2c bus(0x48, script);
  Options options = make_options(*find_driver("ads1115")->driver, {});
  options.set("address", std::int64_t{0x48});
  options.set("inputs", std::vector<std::string>{"ain0", "ain1"});
  const auto values = poll_once(*find_driver("ads1115")->driver->make_sensor({.options = options, .i2c = &bus}));
  ASSERT_TRUE(values);
  EXPECT_FALSE((*values)["ain0"]);
  EXPECT_DOUBLE_EQ((*values)["ain1"].value(), 0.125);
}

// SBAS473E table 1: 12 bits, left aligned; rate 1600 is code 4 there, 128 is code 0.
TEST(Ads1115, TheTwelveBitPartScalesAndClipsAtItsOwnEnds) {
  for (const auto& [word, volt] : {std::pair{0x0010, 0.001}, {0xfff0, -0.001}, {0x7fe0, 2.046}, {0x8010, -2.047}}) {
    I2cScript script{present};
    add_conversion(script, 0xc503, static_cast<std::uint16_t>(word));
    EXPECT_NEAR((*poll("ads1015", script, {{"inputs", "ain0"}}))["ain0"].value(), volt, 1e-12);
  }
  I2cScript script{present};
  add_conversion(script, 0xc503, 0x7ff0);
  EXPECT_EQ((*poll("ads1015", script, {{"inputs", "ain0"}}))["ain0"].error().code, Errc::out_of_range);
}

TEST(Ads1115, ADifferenceHasItsOwnChannel) {
  for (const auto& [input, key, config] : {std::tuple{"ain0-ain1", "ain0_ain1", 0x8583},
                                           {"ain0-ain3", "ain0_ain3", 0x9583},
                                           {"ain1-ain3", "ain1_ain3", 0xa583},
                                           {"ain2-ain3", "ain2_ain3", 0xb583}}) {
    I2cScript script{present};
    add_conversion(script, static_cast<std::uint16_t>(config), 0xfc18);
    EXPECT_DOUBLE_EQ((*poll("ads1115", script, {{"inputs", input}}))[key].value(), -0.0625);
  }
}

TEST(Ads1115, RangesAndRatesReachTheChip) {
  int gain = 0;
  for (const auto& [range, volt] : {std::pair{"6.144V", 6.144},
                                    {"4.096V", 4.096},
                                    {"2.048V", 2.048},
                                    {"1.024V", 1.024},
                                    {"0.512V", 0.512},
                                    {"0.256V", 0.256}}) {
    I2cScript script{present};
    add_conversion(script, static_cast<std::uint16_t>(0xc1e3 | gain++ << 9), 16384);
    EXPECT_DOUBLE_EQ(
        (*poll("ads1115", script, {{"inputs", "ain0"}, {"range", range}, {"data_rate", "3300"}}))["ain0"].value(),
        volt / 2);
  }
}

TEST(Ads1115, EachTransferFailingGivesAnErrorAndNoValue) { expect_each_failure_is_reported("ads1115", 0x48, sweep()); }

TEST(Ads1115, WaitsWhileAConversionRuns) {
  I2cScript script{present};
  add_conversion(script, 0xc583, 1000);
  script.insert(script.begin() + 2, i2c::write_read({0x01}, {0x45, 0x83}));
  EXPECT_TRUE(poll("ads1115", script, {{"inputs", "ain0"}}));
}

TEST(Ads1115, AConversionThatDoesNotEndIsATimeout) {
  I2cScript script{present, i2c::write({0x01, 0xc5, 0x83})};
  script.resize(22, i2c::write_read({0x01}, {0x45, 0x83}));
  const auto values = poll("ads1115", script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::timeout);
}

TEST(Ads1115, AChipThatWasResetMeanwhileGivesNoValue) {
  const auto values = poll("ads1115", {present, i2c::write({0x01, 0xc5, 0x83}), present});
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::io);
}

TEST(Ads1115, AnErrorHalfwayIsForgottenByTheNextReading) {
  const auto whole = sweep();
  I2cScript script(whole.begin(), whole.begin() + 5);
  script.back() = i2c::failing(script.back(), Errc::timeout);
  script.insert(script.end(), whole.begin() + 1, whole.end());
  ScriptedI2c bus(0x48, script);
  const auto sensor = make_i2c_sensor("ads1115", bus);
  EXPECT_FALSE(poll_once(*sensor));
  const auto values = poll_again(*sensor);
  ASSERT_TRUE(values);
  EXPECT_DOUBLE_EQ((*values)["ain3"].value(), 0.25);
}

TEST(Ads1115, AnUnknownInputIsRefused) {
  ScriptedI2c bus(0x48, {});
  EXPECT_THROW(make_i2c_sensor("ads1115", bus, {{"inputs", "ain4"}}), std::invalid_argument);
  Options options = make_options(*find_driver("ads1115")->driver, {});
  options.set("address", std::int64_t{0x48});
  for (const auto& list : {std::vector<std::string>{"ain4"}, {"ain0", "ain0"}, {}}) {
    options.set("inputs", list);
    const auto sensor = find_driver("ads1115")->driver->make_sensor({.options = options, .i2c = &bus});
    const auto started = sensor->init();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::unsupported);
  }
}

}  // namespace
}  // namespace b2m

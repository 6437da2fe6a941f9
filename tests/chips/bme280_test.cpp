#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

// periph/devices bmxx80/bmx280_test.go TestI2CSenseBME280_success: 23.72 °C, 100942.695 Pa, 65.3056 %
const Bytes periph_tp{0x10, 0x6e, 0x6c, 0x66, 0x32, 0x00, 0x5d, 0x95, 0xb8, 0xd5, 0xd0, 0x0b,
                      0x77, 0x1e, 0x9d, 0xff, 0xf9, 0xff, 0xac, 0x26, 0x0a, 0xd8, 0xbd, 0x10};
const Bytes periph_h{0x6e, 0x01, 0x00, 0x13, 0x05, 0x00, 0x1e};
const Bytes periph_data{0x4a, 0x52, 0xc0, 0x80, 0x96, 0xc0, 0x7a, 0x76};

// BST-BMP280-DS001 §3.12, via dotnet/iot Bmp280Tests.cs: 25.08 °C, 100653.27 Pa
const Bytes bosch_tp{0x70, 0x6b, 0x43, 0x67, 0x18, 0xfc, 0x7d, 0x8e, 0x43, 0xd6, 0xd0, 0x0b,
                     0x27, 0x0b, 0x8c, 0x00, 0xf9, 0xff, 0x8c, 0x3c, 0xf8, 0xc6, 0x70, 0x17};
const Bytes bosch_data{0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00};

I2cScript bme280_script(Bytes tp, std::uint8_t h1, Bytes h, Bytes data) {
  return {i2c::write_read({0xd0}, {0x60}),
          i2c::write({0xe0, 0xb6}),
          i2c::write_read({0xf3}, {0x00}),
          i2c::write_read({0x88}, std::move(tp)),
          i2c::write_read({0xa1}, {h1}),
          i2c::write_read({0xe1}, std::move(h)),
          i2c::write({0xf5, 0x00}),
          i2c::write({0xf2, 0x01}),
          i2c::write({0xf4, 0x25}),
          i2c::write_read({0xf3}, {0x00}),
          i2c::write_read({0xf7}, std::move(data))};
}

I2cScript bmp280_script(std::uint8_t id, Bytes tp, Bytes data) {
  return {i2c::write_read({0xd0}, {id}),   i2c::write({0xe0, 0xb6}),
          i2c::write_read({0xf3}, {0x00}), i2c::write_read({0x88}, std::move(tp)),
          i2c::write({0xf5, 0x00}),        i2c::write({0xf4, 0x25}),
          i2c::write_read({0xf3}, {0x00}), i2c::write_read({0xf7}, std::move(data))};
}

const I2cScript periph_script = bme280_script(periph_tp, 0x4b, periph_h, periph_data);

Result<Poll> poll(std::string_view model, std::uint8_t address, I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(address, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus, options));
}

TEST(Bme280, ReadsWhatPeriphMeasured) {
  const auto values = poll("bme280", 0x76, periph_script);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 23.72, 0.005);
  EXPECT_NEAR((*values)["humidity"].value(), 65.3056, 0.05);
  EXPECT_NEAR((*values)["pressure"].value(), 100942.695, 0.5);
}

// hybridgroup/gobot bme280_driver_test.go TestBME280Measurements: 51.20179 %
TEST(Bme280, ReadsWhatGobotMeasured) {
  const Bytes tp{0x7e, 0x6d, 0xd6, 0x66, 0x32, 0x00, 0x36, 0x95, 0xdc, 0xd5, 0xd0, 0x0b,
                 0x40, 0x1e, 0xa6, 0xff, 0xf9, 0xff, 0xac, 0x26, 0x0a, 0xd8, 0xbd, 0x10};
  const Bytes h{0x70, 0x01, 0x00, 0x13, 0x01, 0x00, 0x1e};
  const auto values = poll("bme280", 0x77, bme280_script(tp, 0x4b, h, {0x4d, 0x17, 0x30, 0x81, 0x00, 0x00, 0x6f, 0x53}),
                           {{"address", "0x77"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["humidity"].value(), 51.20179, 0.01);
}

TEST(Bme280, AgreesWithTheWorkedExampleOfTheBmp280Datasheet) {
  const auto values = poll("bmp280", 0x76, bmp280_script(0x58, bosch_tp, bosch_data));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 25.08, 0.005);
  EXPECT_NEAR((*values)["pressure"].value(), 100653.27, 0.01);
}

TEST(Bme280, ABmp280SoldAsBme280WorksWithoutHumidity) {
  for (const std::uint8_t id : Bytes{0x58, 0x56, 0x57}) {
    const auto values = poll("bme280", 0x76, bmp280_script(id, bosch_tp, bosch_data));
    ASSERT_TRUE(values);
    EXPECT_EQ(values->channels.size(), 2u);
    EXPECT_FALSE(values->has("humidity"));
  }
}

TEST(Bme280, ABme280CalledBmp280ShowsWhatABmp280Has) {
  const auto values = poll("bmp280", 0x76, bmp280_script(0x60, bosch_tp, bosch_data));
  ASSERT_TRUE(values);
  EXPECT_FALSE(values->has("humidity"));
}

TEST(Bme280, AnyOtherIdIsTheWrongChip) {
  for (const std::uint8_t id : Bytes{0xff, 0x00, 0x61, 0x55}) {
    const auto values = poll("bme280", 0x76, {i2c::write_read({0xd0}, {id})});
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().code, Errc::wrong_chip);
  }
}

// gobot TestBME280HumidityNotEnabled
TEST(Bme280, ASkippedHumidityIsAnErrorOfItsChannelAlone) {
  const auto values =
      poll("bme280", 0x76, bme280_script(periph_tp, 0x4b, periph_h, {0x4a, 0x52, 0xc0, 0x80, 0x96, 0xc0, 0x80, 0x00}));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["humidity"].error().code, Errc::not_ready);
  EXPECT_TRUE((*values)["temperature"]);
  EXPECT_TRUE((*values)["pressure"]);
}

TEST(Bme280, ASkippedPressureIsAnErrorOfItsChannelAlone) {
  const auto values =
      poll("bme280", 0x76, bme280_script(periph_tp, 0x4b, periph_h, {0x80, 0x00, 0x00, 0x80, 0x96, 0xc0, 0x7a, 0x76}));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["pressure"].error().code, Errc::not_ready);
  EXPECT_TRUE((*values)["humidity"]);
}

TEST(Bme280, WithoutATemperatureNothingIsKnown) {
  const auto values =
      poll("bme280", 0x76, bme280_script(periph_tp, 0x4b, periph_h, {0x4a, 0x52, 0xc0, 0x80, 0x00, 0x00, 0x7a, 0x76}));
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::not_ready);
}

TEST(Bme280, ATemperatureBelowZeroKeepsItsSign) {
  // 0x50000 with the calibration of periph: x = 20 - 27.515625, x·26220 + x²/64·50 = -197015 = -38.479 °C · 5120
  const auto values =
      poll("bme280", 0x76, bme280_script(periph_tp, 0x4b, periph_h, {0x4a, 0x52, 0xc0, 0x50, 0x00, 0x00, 0x7a, 0x76}));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), -38.4795, 0.001);
}

// H4 = 0xfff, H5 = 0x800 (12 bits each, sharing 0xe5): -1 and -2048. With x = t_fine - 76800 the offset is -64 -
// 2048/16384·x.
TEST(Bme280, TheTwelveBitHumidityTrimsAreSigned) {
  const auto values =
      poll("bme280", 0x76, bme280_script(periph_tp, 0x00, {0x80, 0x00, 0x00, 0xff, 0x0f, 0x80, 0x00}, periph_data));
  ASSERT_TRUE(values);
  const double t_fine = (*values)["temperature"].value() * 5120;
  EXPECT_NEAR((*values)["humidity"].value(), (0x7a76 + 64 + (t_fine - 76800) / 8) * 128 / 65536, 1e-6);
}

TEST(Bme280, HumidityStaysWithinZeroAndHundred) {
  const auto wet =
      poll("bme280", 0x76, bme280_script(periph_tp, 0x00, periph_h, {0x4a, 0x52, 0xc0, 0x80, 0x96, 0xc0, 0xff, 0xff}));
  ASSERT_TRUE(wet);
  EXPECT_EQ((*wet)["humidity"].value(), 100);
  const auto dry =
      poll("bme280", 0x76, bme280_script(periph_tp, 0x4b, periph_h, {0x4a, 0x52, 0xc0, 0x80, 0x96, 0xc0, 0x00, 0x01}));
  ASSERT_TRUE(dry);
  EXPECT_EQ((*dry)["humidity"].value(), 0);
}

TEST(Bme280, AnEmptyCalibrationIsRefused) {
  auto script = bmp280_script(0x58, Bytes(24, 0), bosch_data);
  script.resize(4);
  const auto values = poll("bmp280", 0x76, script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::not_ready);
}

// T1 = 49152, T2 = 32765, T3 = -11012, P2 = 16384 and a raw temperature of 0 make the divisor of the pressure formula
// exactly 0: fine temperature -1969152, so x = -2^20 and 1 + x·P2/524288/32768 = 1 - 1.
TEST(Bme280, APressureThatWouldDivideByZeroIsAnError) {
  Bytes tp{0x00, 0xc0, 0xfd, 0x7f, 0xfc, 0xd4, 0x01, 0x00, 0x00, 0x40};
  tp.resize(24);
  const auto values = poll("bmp280", 0x76, bmp280_script(0x58, tp, {0x65, 0x5a, 0xc0, 0x00, 0x00, 0x00}));
  ASSERT_TRUE(values);
  ASSERT_FALSE((*values)["pressure"]);
  EXPECT_EQ((*values)["pressure"].error().code, Errc::out_of_range);
  EXPECT_EQ((*values)["pressure"].error().detail, "the calibration of the chip makes no sense");
}

TEST(Bme280, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("bme280", 0x76, periph_script);
}

TEST(Bme280, AResetThatDoesNotEndIsATimeout) {
  I2cScript script{i2c::write_read({0xd0}, {0x60}), i2c::write({0xe0, 0xb6})};
  script.resize(12, i2c::write_read({0xf3}, {0x01}));
  const auto values = poll("bme280", 0x76, script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::timeout);
}

TEST(Bme280, AMeasurementThatDoesNotEndIsATimeout) {
  I2cScript script(periph_script.begin(), periph_script.begin() + 9);
  script.resize(29, i2c::write_read({0xf3}, {0x08}));
  const auto values = poll("bme280", 0x76, script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::timeout);
}

TEST(Bme280, StartsFromTheBeginningAfterAnError) {
  I2cScript script(periph_script.begin(), periph_script.begin() + 4);
  script.back() = i2c::failing(script.back(), Errc::no_ack);
  script.insert(script.end(), periph_script.begin(), periph_script.end());
  ScriptedI2c bus(0x76, script);
  const auto sensor = make_i2c_sensor("bme280", bus);
  EXPECT_FALSE(poll_once(*sensor));
  EXPECT_TRUE(poll_once(*sensor));
}

TEST(Bme280, OversamplingAndFilterReachTheChipAndLengthenTheWait) {
  auto script = periph_script;
  script[6] = i2c::write({0xf5, 0x10});  // filter 16 is code 4
  script[7] = i2c::write({0xf2, 0x05});  // ×16 is code 5
  script[8] = i2c::write({0xf4, 0xb5});
  const auto values = poll("bme280", 0x76, script, {{"oversampling", "x16"}, {"filter", "16"}});
  ASSERT_TRUE(values);
  EXPECT_GE(values->waited, std::chrono::microseconds(112800));  // §9.1: 1.25 + 3 · 16 · 2.3 + 2 · 0.575 ms
}

}  // namespace
}  // namespace b2m

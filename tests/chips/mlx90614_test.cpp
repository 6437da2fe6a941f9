#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

// eldruin/mlx9061x-rs tests read_ta1, read_object1_temp
const Bytes ambient{0xe1, 0x39, 0xe9};
const Bytes object{0x26, 0x3a, 0x70};

I2cScript script_with(Bytes of_object, Bytes of_ambient) {
  return {i2c::write_read({0x07}, std::move(of_object)), i2c::write_read({0x06}, std::move(of_ambient))};
}

Result<Poll> poll(I2cScript script) {
  ScriptedI2c bus(0x5a, std::move(script));
  return poll_once(*make_i2c_sensor("mlx90614", bus));
}

TEST(Mlx90614, ReadsWhatEldruinExpects) {
  const auto values = poll(script_with(object, ambient));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["object_temperature"].value(), 24.57, 0.001);
  EXPECT_NEAR((*values)["temperature"].value(), 23.19, 0.001);
}

// MLX90614 datasheet, figure of the read word: 0x3ad2 with PEC 0x30 at 0x5a.
TEST(Mlx90614, AgreesWithTheExampleOfTheDatasheet) {
  const auto values = poll(script_with({0xd2, 0x3a, 0x30}, ambient));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["object_temperature"].value(), 0x3ad2 * 0.02 - 273.15, 1e-9);
}

TEST(Mlx90614, AWrongPacketErrorCodeGivesNoValue) {
  EXPECT_EQ(poll(script_with(object, {0xe1, 0x39, 0xea})).error().code, Errc::checksum);
  EXPECT_EQ(poll({i2c::write_read({0x07}, {0x26, 0x3a, 0x71})}).error().code, Errc::checksum);
}

// 0x27ad is -70.01 °C, the lowest; 0x8000 is the error flag. The codes are computed with the polynomial 0x07.
TEST(Mlx90614, ATemperatureBelowZeroKeepsItsSignAndTheErrorFlagIsNoTemperature) {
  const auto pec = [](std::uint8_t low, std::uint8_t high) {
    unsigned crc = 0;
    for (const unsigned byte : {0xb4u, 0x07u, 0xb5u, unsigned{low}, unsigned{high}})
      for (unsigned bit = 0x80; bit != 0; bit >>= 1) {
        const bool top = ((crc & 0x80) != 0) != ((byte & bit) != 0);
        crc = (crc << 1 ^ (top ? 0x07u : 0u)) & 0xff;
      }
    return static_cast<std::uint8_t>(crc);
  };
  const auto cold = poll(script_with({0xad, 0x27, pec(0xad, 0x27)}, ambient));
  ASSERT_TRUE(cold);
  EXPECT_NEAR((*cold)["object_temperature"].value(), -70.01, 1e-9);
  const auto flagged = poll(script_with({0x26, 0xba, pec(0x26, 0xba)}, ambient));
  ASSERT_TRUE(flagged);
  EXPECT_EQ((*flagged)["object_temperature"].error().code, Errc::out_of_range);
  EXPECT_TRUE((*flagged)["temperature"]);
}

TEST(Mlx90614, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("mlx90614", 0x5a, script_with(object, ambient));
}

TEST(Mlx90614, AnMlx90615HasItsWordsElsewhere) {
  ScriptedI2c bus(0x5b, {i2c::write_read({0x27}, {0, 0, 1})});
  EXPECT_EQ(poll_once(*make_i2c_sensor("mlx90615", bus)).error().code, Errc::checksum);
}

}  // namespace
}  // namespace b2m

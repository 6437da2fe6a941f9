#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"
#include "tests/fakes/scripted_spi.hpp"

namespace b2m {
namespace {

Result<Poll> poll(std::uint32_t word, std::optional<Error> error = {}) {
  std::vector<std::uint8_t> bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes.push_back(static_cast<std::uint8_t>(word >> shift & 0xff));
  ScriptedSpi bus({{{0, 0, 0, 0}, bytes, std::move(error)}});
  return poll_once(*make_spi_sensor("max31855", bus));
}

// Scarlet MAX31855Tests; MAX31855 19-5793 rev. 5, tables 4 and 5
TEST(Max31855, ReadsBothEndsOfTheThermocouple) {
  const auto values = poll(0x01a81770);
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["temperature"], 26.5);
  EXPECT_EQ((*values)["internal_temperature"], 23.4375);
}

TEST(Max31855, TemperaturesBelowZeroKeepTheirSign) {
  const auto values = poll(0xf060c900);
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["temperature"], -250.0);
  EXPECT_EQ((*values)["internal_temperature"], -55.0);
}

TEST(Max31855, AFaultRefusesTheThermocoupleAlone) {
  for (const auto& [bits, words] : {std::pair{1U, "not connected"}, {2U, "ground"}, {4U, "supply"}}) {
    const auto values = poll(0x00011900 | bits);
    ASSERT_TRUE(values);
    EXPECT_EQ((*values)["temperature"].error().code, Errc::out_of_range);
    EXPECT_NE((*values)["temperature"].error().detail.find(words), std::string::npos) << bits;
    EXPECT_EQ((*values)["internal_temperature"], 25.0);
  }
}

TEST(Max31855, ALineThatNobodyDrivesIsNoMeasurement) {
  EXPECT_EQ(poll(0).error().code, Errc::no_ack);
  EXPECT_EQ(poll(0xffffffff).error().code, Errc::no_ack);
}

TEST(Max31855, AFailedTransferGivesItsError) {
  EXPECT_EQ(poll(0, Error{Errc::gone, "injected"}).error().code, Errc::gone);
}

}  // namespace
}  // namespace b2m

#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

// The example of either datasheet; the checksums of the memory are ours, after AN520.
const Bytes prom_ms5611{0x00, 0x00, 0x9c, 0xbf, 0x90, 0x3c, 0x5b, 0x15, 0x5a, 0xf2, 0x82, 0xb8, 0x6e, 0x98, 0x00, 0x00};
const Bytes prom_ms5607{0x00, 0x00, 0xb5, 0x24, 0xab, 0xcd, 0x71, 0x83, 0x6c, 0xc2, 0x7b, 0x41, 0x6e, 0x05, 0x00, 0x08};

I2cScript start_with(const Bytes& prom) {
  I2cScript script{i2c::write({0x1e})};
  for (std::size_t i = 0; i < prom.size(); i += 2)
    script.push_back(i2c::write_read({static_cast<std::uint8_t>(0xa0 + i)}, {prom[i], prom[i + 1]}));
  return script;
}

I2cScript script_with(const Bytes& prom, Bytes d1, Bytes d2) {
  auto script = start_with(prom);
  script.push_back(i2c::write({0x48}));
  script.push_back(i2c::write_read({0x00}, std::move(d1)));
  script.push_back(i2c::write({0x58}));
  script.push_back(i2c::write_read({0x00}, std::move(d2)));
  return script;
}
const I2cScript datasheet = script_with(prom_ms5611, {0x8a, 0xa2, 0x1a}, {0x82, 0xc1, 0x3e});

Result<Poll> poll(I2cScript script, std::string_view model = "ms5611", const OptionTexts& options = {}) {
  ScriptedI2c bus(0x76, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus, options));
}

TEST(Ms5611, AgreesWithTheExamplesOfTheDatasheets) {
  const auto ms5611 = poll(datasheet);
  ASSERT_TRUE(ms5611);
  EXPECT_NEAR((*ms5611)["temperature"].value(), 20.075, 0.005);  // 20.07, cut off there
  EXPECT_NEAR((*ms5611)["pressure"].value(), 100009.5, 0.5);     // 100009
  const auto ms5607 = poll(script_with(prom_ms5607, {0x62, 0xa7, 0xa4}, {0x7b, 0x41, 0x44}), "ms5607");
  ASSERT_TRUE(ms5607);
  EXPECT_NEAR((*ms5607)["temperature"].value(), 20.005, 0.005);
  EXPECT_NEAR((*ms5607)["pressure"].value(), 110002.5, 0.5);
}

// The second order of the datasheet, worked out separately: first order -17.70 °C
TEST(Ms5611, BelowTwentyDegreesTheSecondOrderCounts) {
  const auto values = poll(script_with(prom_ms5611, {0x7a, 0x12, 0x00}, {0x71, 0xad, 0x90}));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), -23.4998, 0.0001);
  EXPECT_NEAR((*values)["pressure"].value(), 72567.428, 0.001);
}

TEST(Ms5611, AWrongChecksumInAnyWordOfTheMemoryIsRefused) {
  for (std::size_t wrong = 0; wrong < prom_ms5611.size(); ++wrong) {
    auto prom = prom_ms5611;
    prom[wrong] ^= 0x01;
    EXPECT_EQ(poll(start_with(prom)).error().code, Errc::checksum) << wrong;
  }
}

TEST(Ms5611, AnEmptyMemoryIsRefused) { EXPECT_EQ(poll(start_with(Bytes(16, 0))).error().code, Errc::checksum); }

TEST(Ms5611, AResultOfZeroIsNoMeasurement) {
  auto pressure = script_with(prom_ms5611, {0, 0, 0}, {});
  pressure.resize(11);
  EXPECT_EQ(poll(pressure).error().code, Errc::not_ready);
  EXPECT_EQ(poll(script_with(prom_ms5611, {0x8a, 0xa2, 0x1a}, {0, 0, 0})).error().code, Errc::not_ready);
}

TEST(Ms5611, OversamplingChoosesTheCommands) {
  auto script = datasheet;
  script[9] = i2c::write({0x42});
  script[11] = i2c::write({0x52});
  EXPECT_TRUE(poll(script, "ms5611", {{"oversampling", "512"}}));
}

TEST(Ms5611, EachTransferFailingGivesAnErrorAndNoValue) { expect_each_failure_is_reported("ms5611", 0x76, datasheet); }

}  // namespace
}  // namespace b2m

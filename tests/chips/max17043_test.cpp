#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes voltage, Bytes charge) {
  return {i2c::write_read({0x02}, std::move(voltage)), i2c::write_read({0x04}, std::move(charge))};
}

Result<Poll> poll(std::string_view model, I2cScript script) {
  ScriptedI2c bus(0x36, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus));
}

// 19-4811, VCELL: 1.25 mV above four unused bits; SOC: 1 % and 1/256 %
TEST(Max17043, ReadsVoltageAndCharge) {
  const auto values = poll("max17043", script_with({0xb9, 0xa0}, {0x4b, 0x80}));  // 2970 steps
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["voltage"].value(), 3.7125, 1e-9);
  EXPECT_NEAR((*values)["charge"].value(), 0.755, 1e-9);
}

TEST(Max17043, TwoCellsHaveTwiceTheStep) {
  EXPECT_NEAR((*poll("max17044", script_with({0xb9, 0xa0}, {0, 0})))["voltage"].value(), 7.425, 1e-9);
}

// 19-6171, VCELL: 78.125 µV, all sixteen bits
TEST(Max17043, TheNewerGaugesAreFiner) {
  for (const auto& [model, volt] : {std::pair{"max17048", 78.125e-6 * 47521}, {"max17049", 156.25e-6 * 47521}}) {
    auto script = script_with({0xb9, 0xa1}, {0x64, 0x00});
    script.insert(script.begin(), i2c::write_read({0x08}, {0x00, 0x12}));
    const auto values = poll(model, script);
    ASSERT_TRUE(values);
    EXPECT_NEAR((*values)["voltage"].value(), volt, 1e-9);
    EXPECT_NEAR((*values)["charge"].value(), 1, 1e-9);
  }
}

TEST(Max17043, NoVoltageBeforeTheFirstConversion) {
  EXPECT_EQ((*poll("max17043", script_with({0, 0}, {0, 0})))["voltage"].error().code, Errc::not_ready);
}

TEST(Max17043, AnotherVersionIsTheWrongChip) {
  EXPECT_EQ(poll("max17048", {i2c::write_read({0x08}, {0x00, 0x03})}).error().code, Errc::wrong_chip);
}

TEST(Max17043, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("max17043", 0x36, script_with({0xb9, 0xa0}, {0x4b, 0x80}));
}

}  // namespace
}  // namespace b2m

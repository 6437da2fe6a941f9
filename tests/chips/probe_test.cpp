// Probes look by reads alone, or by commands that change nothing, in the order shown here.
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/scripted_i2c.hpp"

namespace b2m {
namespace {

Result<std::string_view> probe(std::string_view driver, I2cScript script) {
  ScriptedI2c bus(0x42, std::move(script));
  return driver_named(driver).driver->probe({&bus, 0x42});
}

struct Identity {
  std::string_view driver;
  I2cScript script;
  std::string_view model;
};

const I2cScript sht3x_script{i2c::write({0xf3, 0x2d}), i2c::read({0x80, 0x10, 0xe1}), i2c::write({0x37, 0x81}),
                             i2c::failing(i2c::read({0, 0, 0}), Errc::no_ack)};
const I2cScript hdc302x_script{i2c::write({0xf3, 0x2d}), i2c::read({0x80, 0x10, 0xe1}), i2c::write({0x37, 0x81}),
                               i2c::read({0x30, 0x00, 0x33})};

const std::vector<Identity> identities{
    {"bme280", {i2c::write_read({0xd0}, {0x60})}, "bme280"},
    {"bme280", {i2c::write_read({0xd0}, {0x58})}, "bmp280"},
    {"bme680", {i2c::write_read({0xd0}, {0x61}), i2c::write_read({0xf0}, {0x00})}, "bme680"},
    {"bme680", {i2c::write_read({0xd0}, {0x61}), i2c::write_read({0xf0}, {0x01})}, "bme688"},
    {"bmp180", {i2c::write_read({0xd0}, {0x55})}, "bmp180"},
    {"bmp388", {i2c::write_read({0x00}, {0x50})}, "bmp388"},
    {"bmp388", {i2c::write_read({0x00}, {0x60})}, "bmp390"},
    {"bmp581", {i2c::write_read({0x01}, {0x50})}, "bmp581"},
    {"bmp581", {i2c::write_read({0x01}, {0x51}), i2c::write_read({0x01}, {0x51})}, "bmp585"},
    {"dps310", {i2c::write_read({0x0d}, {0x10})}, "dps310"},
    {"hdc1080", {i2c::write_read({0xfe}, {0x54, 0x49}), i2c::write_read({0xff}, {0x10, 0x50})}, "hdc1080"},
    {"hdc1080", {i2c::write_read({0xfe}, {0x54, 0x49}), i2c::write_read({0xff}, {0x10, 0x00})}, "hdc1000"},
    {"hdc302x", hdc302x_script, "hdc302x"},
    {"lm75", {i2c::write_read({0x0f}, {0x21, 0x17})}, "tmp117"},
    {"lps22hb", {i2c::write_read({0x0f}, {0xb1})}, "lps22hb"},
    {"mcp9808", {i2c::write_read({0x06}, {0x00, 0x54}), i2c::write_read({0x07}, {0x04, 0x01})}, "mcp9808"},
    {"mpl3115a2", {i2c::write_read({0x0c}, {0xc4})}, "mpl3115a2"},
    {"vl53l0x", {i2c::write_read({0xc0}, {0xee, 0xaa})}, "vl53l0x"},
    {"sht3x", sht3x_script, "sht3x"},
    {"sht4x", {i2c::write({0x89}), i2c::read({0xbe, 0xef, 0x92, 0xbe, 0xef, 0x92})}, "sht4x"},
};

TEST(Probe, TellsTheModelByItsIdentity) {
  for (const auto& [driver, script, model] : identities) EXPECT_EQ(probe(driver, script), model) << driver;
}

TEST(Probe, AFailingBusIsItsOwnError) {
  for (const auto& [driver, script, model] : identities) {
    const auto found = probe(driver, {i2c::failing(script.front(), Errc::timeout)});
    ASSERT_FALSE(found) << driver;
    EXPECT_EQ(found.error().code, Errc::timeout) << driver;
  }
}

TEST(Probe, AnotherAnswerIsAnotherChip) {
  for (const auto& [driver, script] :
       {std::pair{"bme280", I2cScript{i2c::write_read({0xd0}, {0x61})}},
        {"bme680", {i2c::write_read({0xd0}, {0x60})}},
        {"bmp180", {i2c::write_read({0xd0}, {0x58})}},
        {"bmp388", {i2c::write_read({0x00}, {0x00})}},
        {"bmp581", {i2c::write_read({0x01}, {0xff}), i2c::write_read({0x01}, {0xff})}},
        {"dps310", {i2c::write_read({0x0d}, {0x00})}},
        {"hdc1080", {i2c::write_read({0xfe}, {0x54, 0x49}), i2c::write_read({0xff}, {0x22, 0x60})}},
        {"hdc302x", {i2c::write({0xf3, 0x2d}), i2c::read({0xff, 0xff, 0xff})}},
        {"lm75", {i2c::write_read({0x0f}, {0x50, 0x00})}},
        {"sht3x", hdc302x_script},
        {"sht4x", {i2c::write({0x89}), i2c::read({0, 0, 0, 0, 0, 0})}}}) {
    const auto found = probe(driver, script);
    ASSERT_FALSE(found) << driver;
    EXPECT_EQ(found.error().code, Errc::wrong_chip) << driver;
  }
}

TEST(Probe, ASerialNumberThatIsNotThereYetIsAskedForAgain) {
  const I2cStep early = i2c::failing(i2c::read(i2c::Bytes(6)), Errc::no_ack);
  EXPECT_EQ(probe("sht4x", {i2c::write({0x89}), early, early, i2c::read({0xbe, 0xef, 0x92, 0xbe, 0xef, 0x92})}),
            "sht4x");
  I2cScript never{i2c::write({0x89})};
  never.resize(11, early);
  EXPECT_EQ(probe("sht4x", never).error().code, Errc::wrong_chip);
}

// Its bytes would be a register and a value to most other parts of these addresses.
TEST(Probe, TheSecondCommandIsNotSentWhereTheFirstIsNotAnswered) {
  for (const std::string_view driver : {"sht3x", "hdc302x"}) {
    const auto found = probe(driver, {i2c::failing(i2c::write({0xf3, 0x2d}), Errc::no_ack)});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::wrong_chip);
  }
}

}  // namespace
}  // namespace b2m

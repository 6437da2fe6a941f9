// Registers: Microchip DS20001952D, table 3-1 (MCP23017, IOCON.BANK = 0), DS20001919F, table 1-3 (MCP23008).
#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/scripted_i2c.hpp"

namespace b2m {
namespace {

using i2c::failing;
using i2c::write;
using i2c::write_read;

constexpr std::uint8_t address = 0x20;

std::unique_ptr<Expander> make(std::string_view name, I2cBus& bus) {
  const auto ref = driver_named(name);
  return ref.driver->make_expander({&bus, address}, ref.driver->models[ref.model].expander);
}

// Outputs 0 (high) and 15 (low), inputs 5 with pull-up and 8.
constexpr ExpanderLines lines{.outputs = 0x8001, .levels = 0x0001, .inputs = 0x0120, .pull_ups = 0x0020};

const std::vector<std::uint8_t> as_set_up = {0xfe, 0x7f, 0x00, 0x00, 0x20, 0x01, 0x00, 0x00, 0x00, 0x00, 0x44,
                                             0x44, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x21, 0x01, 0xff, 0x7f};

I2cScript set_up_script() {
  return {write({0x05, 0x00}),        // IOCON when other software left BANK = 1
          write({0x0a, 0x44, 0x44}),  // IOCON: MIRROR, ODR
          write({0x14, 0xff, 0x7f}),  // OLAT, before IODIR
          write({0x02, 0, 0, 0x20, 0x01, 0, 0, 0, 0, 0x44, 0x44, 0x20, 0x00}), write({0x00, 0xfe, 0x7f})};
}

TEST(Mcp23017, LatchesEachLevelBeforeItsLineIsDriven) {
  ScriptedI2c bus(address, set_up_script());
  EXPECT_TRUE(make("mcp23017", bus)->set_up(lines));
}

TEST(Mcp23017, ReadsTheWholeChipInOneTransfer) {
  ScriptedI2c bus(address, {write_read({0x00}, as_set_up)});
  EXPECT_EQ(make("mcp23017", bus)->read(lines).value(), 0x0121);
}

TEST(Mcp23017, DrivesAllLevelsInOneTransferAndLooksWhetherTheyAreDriven) {
  ScriptedI2c bus(address, {write({0x14, 0xff, 0x7f}), write_read({0x00}, as_set_up)});
  EXPECT_TRUE(make("mcp23017", bus)->drive(lines));
}

TEST(Mcp23017, NoticesThatTheChipWasReset) {
  std::vector<std::uint8_t> reset(22, 0x00);
  reset[0] = reset[1] = 0xff;  // IODIR after power-on
  ScriptedI2c bus(address, {write_read({0x00}, reset), write({0x14, 0xff, 0x7f}), write_read({0x00}, reset)});
  const auto chip = make("mcp23017", bus);
  const auto read = chip->read(lines);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::io);
  EXPECT_NE(read.error().detail.find("register 0x00 is 0xffff instead of 0x7ffe"), std::string::npos);
  EXPECT_EQ(chip->drive(lines).error().code, Errc::io);
}

TEST(Mcp23017, FindsWhatIsDriven) {
  ScriptedI2c bus(address, {write({0x05, 0x00}), write({0x0a, 0x44, 0x44}), write_read({0x00}, as_set_up)});
  const auto found = make("mcp23017", bus)->found().value();
  EXPECT_EQ(found.outputs, 0x8001);
  EXPECT_EQ(found.levels & found.outputs, 0x0001);
}

TEST(Mcp23008, HasOnePortAndOneRegisterEach) {
  constexpr ExpanderLines small{.outputs = 0x01, .levels = 0x01, .inputs = 0x20, .pull_ups = 0x20};
  ScriptedI2c bus(
      address, {write({0x05, 0x04}), write({0x0a, 0xff}), write({0x01, 0, 0x20, 0, 0, 0x04, 0x20}), write({0x00, 0xfe}),
                write_read({0x00}, {0xfe, 0, 0x20, 0, 0, 0x04, 0x20, 0, 0, 0xa1, 0xff})});
  const auto chip = make("mcp23008", bus);
  ASSERT_TRUE(chip->set_up(small));
  EXPECT_EQ(chip->read(small).value(), 0xa1);
}

TEST(Mcp23017, EachTransferThatFailsIsAnError) {
  const auto whole = set_up_script();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    I2cScript script(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    script.back() = failing(script.back(), Errc::no_ack);
    ScriptedI2c bus(address, script);
    EXPECT_EQ(make("mcp23017", bus)->set_up(lines).error().code, Errc::no_ack) << i;
  }
  ScriptedI2c bus(address, {failing(write_read({0x00}, as_set_up), Errc::timeout)});
  EXPECT_EQ(make("mcp23017", bus)->read(lines).error().code, Errc::timeout);
}

}  // namespace
}  // namespace b2m

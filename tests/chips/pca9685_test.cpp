// NXP PCA9685 rev. 4: registers table 4, prescale §7.3.5, restart §7.3.1.1.
#include <gtest/gtest.h>

#include "drivers/engine/pca9685.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/scripted_i2c.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using i2c::failing;
using i2c::write;
using i2c::write_read;

constexpr std::uint8_t address = 0x40;

class Pca9685Test : public testing::Test {
 protected:
  static std::unique_ptr<Actuator> make(I2cBus& bus, OptionTexts given = {}) {
    const auto& driver = *driver_named("pca9685").driver;
    given.push_back({"address", "0x40"});
    given.push_back({"channel", "3"});
    const Options options = make_options(driver, given);
    return driver.make_actuator({.options = options, .i2c = &bus});
  }
};

const I2cStep runs = write_read({0x00}, {0x20});

TEST_F(Pca9685Test, SetsTheFrequencyInSleepAndWaitsForTheOscillator) {
  ScriptedI2c bus(address, {write_read({0x00}, {0x11}), write_read({0xfe}, {0x1e}), write({0x01, 0x04}),
                            write({0x00, 0x30}), write({0xfe, 0x79}), write({0x00, 0x20})});
  const auto progress = make(bus, {{"frequency_hz", "50"}})->prepare();
  ASSERT_TRUE(progress);
  EXPECT_FALSE(progress->again());
  EXPECT_EQ(progress->pause(), 500us);
}

TEST_F(Pca9685Test, LeavesAChipThatRunsAtTheFrequencyRunning) {
  ScriptedI2c bus(address, {runs, write_read({0xfe}, {0x05}), write({0x01, 0x04}), write({0x00, 0x20})});
  EXPECT_EQ(make(bus)->prepare().value().pause(), 0us);
}

TEST_F(Pca9685Test, ChannelsThatRanRunAgain) {
  ScriptedI2c bus(address, {write_read({0x00}, {0xa0}), write({0x00, 0xa0}), write_read({0x12}, {0, 0, 0, 0x08})});
  EXPECT_EQ(make(bus)->init(std::nullopt), ActuatorState(50.0));
}

TEST_F(Pca9685Test, NothingAndAllAreBitsOfTheirOwn) {
  ScriptedI2c bus(address, {runs, runs, write({0x12, 0, 0, 0, 0x10}), runs, write({0x12, 0, 0x10, 0, 0}), runs,
                            write({0x12, 0, 0, 0x00, 0x08}), runs, write({0x12, 0, 0, 0x29, 0x00})});
  const auto lamp = make(bus);
  EXPECT_EQ(lamp->init(ActuatorState(false)), ActuatorState(0.0));
  EXPECT_EQ(lamp->apply(ActuatorState(true)), ActuatorState(100.0));
  EXPECT_EQ(lamp->apply(ActuatorState(50.0)), ActuatorState(50.0));
  EXPECT_EQ(lamp->apply(ActuatorState(1.0)), ActuatorState(1.0));
}

TEST_F(Pca9685Test, ActiveLowTurnsThePulseRound) {
  ScriptedI2c bus(address, {runs, write({0x12, 0, 0x10, 0, 0}), runs, write({0x12, 0, 0, 0x00, 0x0c})});
  const auto lamp = make(bus, {{"active_low", "true"}});
  EXPECT_TRUE(lamp->apply(ActuatorState(0.0)));
  EXPECT_TRUE(lamp->apply(ActuatorState(25.0)));
}

TEST_F(Pca9685Test, NoticesThatTheChipWasReset) {
  ScriptedI2c bus(address, {write_read({0x00}, {0x11})});
  EXPECT_EQ(make(bus)->apply(ActuatorState(40.0)).error().code, Errc::io);
}

TEST_F(Pca9685Test, RefusesWhatIsNoPercentage) {
  ScriptedI2c bus(address, {});
  const auto lamp = make(bus);
  EXPECT_EQ(lamp->apply(ActuatorState(100.5)).error().code, Errc::out_of_range);
  EXPECT_EQ(lamp->apply(ActuatorState(-0.1)).error().code, Errc::out_of_range);
  EXPECT_EQ(lamp->apply(ActuatorState(std::nan(""))).error().code, Errc::out_of_range);
  EXPECT_EQ(lamp->apply(ActuatorState(std::string("40"))).error().code, Errc::unsupported);
}

TEST_F(Pca9685Test, EachTransferThatFailsIsAnError) {
  const I2cScript whole{write_read({0x00}, {0x11}), write_read({0xfe}, {0x1e}), write({0x01, 0x04}),
                        write({0x00, 0x30}),        write({0xfe, 0x05}),        write({0x00, 0x20})};
  for (std::size_t i = 0; i < whole.size(); ++i) {
    I2cScript script(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    script.back() = failing(script.back(), Errc::no_ack);
    ScriptedI2c bus(address, script);
    EXPECT_EQ(make(bus)->prepare().error().code, Errc::no_ack) << i;
  }
}

TEST(Pca9685Pulses, AreReadBackAsTheyWereWritten) {
  for (unsigned steps = 0; steps <= 4096; ++steps)
    EXPECT_EQ(pca9685_fraction(pca9685_pulse(steps / 4096.0)), steps / 4096.0);
}

}  // namespace
}  // namespace b2m

// The simulated kernel has the rules of the real one (drivers/pwm/core.c and sysfs.c): without a period nothing is
// taken, no pulse is longer than it, the polarity changes in rest alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/sim/simulated_outputs.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/watched_files.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Pwm : public testing::Test {
 protected:
  Pwm() { add_pwm_chip(kernel, {}, "pwm@300a000"); }
  std::unique_ptr<Actuator> make(OptionTexts given = {}, const std::string& chip = "pwm@300a000") {
    given.push_back({"chip", chip});
    given.push_back({"channel", "1"});
    return make_file_actuator("pwm", files, given);
  }
  /// Prepared and driven to nothing, with the log empty.
  std::unique_ptr<Actuator> make_ready(const OptionTexts& given = {}) {
    auto lamp = make(given);
    EXPECT_TRUE(lamp->prepare());
    EXPECT_TRUE(lamp->init(ActuatorState(0.0)));
    files.log.clear();
    return lamp;
  }
  /// What somebody else has left: the channel taken, and running unless the period is empty.
  void leave(const std::string& period, const std::string& duty, const std::string& polarity = "normal") {
    ASSERT_TRUE(kernel.write("/sys/class/pwm/pwmchip0/export", "1"));
    for (const auto& [file, text] :
         {std::pair("period", period), {"duty_cycle", duty}, {"polarity", polarity}, {"enable", std::string("1")}})
      ASSERT_TRUE(kernel.write(channel + file, text)) << file;
  }
  std::string now(const std::string& file) { return kernel.read(channel + file).value_or("none"); }

  const std::string channel = "/sys/class/pwm/pwmchip0/pwm1/";
  SimulatedFiles kernel;
  WatchedFiles files{kernel};
};

TEST_F(Pwm, TakesTheChannelAndDrivesItWithoutAnImpossiblePulse) {
  const auto lamp = make();
  ASSERT_TRUE(lamp->prepare());
  EXPECT_EQ(lamp->init(ActuatorState(40.0)), ActuatorState(40.0));
  EXPECT_THAT(files.log,
              ElementsAre("export = 1", "period = 1000000", "polarity = normal", "duty_cycle = 400000", "enable = 1"));
}

TEST_F(Pwm, OffIsAPulseOfNoLengthSinceAChannelInRestLeavesItsPinToTheChip) {
  const auto lamp = make_ready();
  EXPECT_EQ(lamp->apply(ActuatorState(true)), ActuatorState(100.0));
  EXPECT_EQ(lamp->apply(ActuatorState(false)), ActuatorState(0.0));
  EXPECT_THAT(files.log, ElementsAre("duty_cycle = 1000000", "duty_cycle = 0"));
  EXPECT_EQ(now("enable"), "1");
}

TEST_F(Pwm, KeepsWhatItFindsAndDisturbsNothing) {
  leave("2000000", "250000");
  const auto lamp = make();
  ASSERT_TRUE(lamp->prepare());
  EXPECT_EQ(lamp->init(std::nullopt), ActuatorState(12.5));
  EXPECT_EQ(now("period"), "2000000");
  EXPECT_EQ(now("duty_cycle"), "250000");
}

TEST_F(Pwm, AChannelThatNobodyHasUsedIsKeptAtRest) {
  const auto lamp = make();
  ASSERT_TRUE(lamp->prepare());
  EXPECT_EQ(lamp->init(std::nullopt), ActuatorState(0.0));
  EXPECT_EQ(now("enable"), "0");
}

TEST_F(Pwm, ComesDownFromALongPeriodByItsPulseFirst) {
  leave("20000000", "19000000");
  const auto lamp = make();
  ASSERT_TRUE(lamp->prepare());
  EXPECT_EQ(lamp->init(ActuatorState(50.0)), ActuatorState(50.0));
  EXPECT_EQ(now("period"), "1000000");
  EXPECT_EQ(now("duty_cycle"), "500000");
}

TEST_F(Pwm, GoesUpToALongPeriodByThePeriodFirst) {
  leave("1000000", "400000");
  const auto lamp = make({{"frequency_hz", "50"}});
  ASSERT_TRUE(lamp->prepare());
  files.log.clear();
  EXPECT_EQ(lamp->init(ActuatorState(90.0)), ActuatorState(90.0));
  EXPECT_THAT(files.log, ElementsAre("period = 20000000", "duty_cycle = 18000000"));
}

TEST_F(Pwm, ActiveLowIsThePolarityOfAChipThatHasIt) {
  const auto lamp = make({{"active_low", "true"}});
  ASSERT_TRUE(lamp->prepare());
  EXPECT_EQ(lamp->init(ActuatorState(25.0)), ActuatorState(25.0));
  EXPECT_EQ(now("polarity"), "inversed");
  EXPECT_EQ(now("duty_cycle"), "250000");
}

TEST_F(Pwm, ActiveLowIsTheComplementWhereTheChipHasNoPolarity) {
  const auto lamp = make({{"active_low", "true"}});
  ASSERT_TRUE(lamp->prepare());
  files.refuse(channel + "polarity", Errc::io);
  EXPECT_EQ(lamp->init(ActuatorState(25.0)), ActuatorState(25.0));
  EXPECT_EQ(now("polarity"), "normal");
  EXPECT_EQ(now("duty_cycle"), "750000");
}

TEST_F(Pwm, TheNextProcessReadsTheComplementBackAndLeavesThePolarityOfWhatRuns) {
  leave("1000000", "750000");
  const auto lamp = make({{"active_low", "true"}});
  ASSERT_TRUE(lamp->prepare());
  EXPECT_EQ(lamp->init(std::nullopt), ActuatorState(25.0));
  EXPECT_EQ(lamp->apply(ActuatorState(10.0)), ActuatorState(10.0));
  EXPECT_EQ(now("polarity"), "normal");
  EXPECT_EQ(now("duty_cycle"), "900000");
}

TEST_F(Pwm, AnInversedChannelThatRunsIsTurnedRoundByArithmetic) {
  leave("1000000", "750000", "inversed");
  const auto lamp = make();
  ASSERT_TRUE(lamp->prepare());
  EXPECT_EQ(lamp->init(std::nullopt), ActuatorState(25.0));
  EXPECT_EQ(lamp->apply(ActuatorState(100.0)), ActuatorState(100.0));
  EXPECT_EQ(now("duty_cycle"), "0");
}

TEST_F(Pwm, WaitsForUdevToGiveTheFilesAway) {
  const auto lamp = make();
  files.refuse(channel + "period", Errc::io, 3);
  for (int i = 0; i < 3; ++i) {
    const auto progress = lamp->prepare();
    ASSERT_TRUE(progress);
    EXPECT_TRUE(progress->again());
    EXPECT_GT(progress->pause(), 0us);
  }
  EXPECT_FALSE(lamp->prepare().value().again());
}

TEST_F(Pwm, DoesNotWaitForUdevForEver) {
  const auto lamp = make();
  files.refuse(channel + "period", Errc::io, 1000);
  int steps = 1;
  auto progress = lamp->prepare();
  for (; progress && progress->again() && steps < 100; ++steps) progress = lamp->prepare();
  ASSERT_FALSE(progress);
  EXPECT_LT(steps, 100);
  EXPECT_THAT(progress.error().detail, HasSubstr("pwm1/period"));
}

TEST_F(Pwm, FilesThatWereThereBeforeAreNotWaitedFor) {
  leave("1000000", "0");
  files.refuse(channel + "period", Errc::io);
  EXPECT_EQ(make()->prepare().error().code, Errc::io);
}

TEST_F(Pwm, AChannelThatAKernelDriverHasIsNamedAsSuch) {
  files.refuse("/sys/class/pwm/pwmchip0/export", Errc::busy);
  const auto error = make()->prepare().error();
  EXPECT_EQ(error.code, Errc::busy);
  EXPECT_THAT(error.detail, HasSubstr("channel 1 of pwm@300a000 is used by a driver of the kernel"));
}

TEST_F(Pwm, TheChipIsFoundByItsNumberItsNodeOrItsDevice) {
  add_pwm_chip(kernel, {}, "pwmchip4");
  kernel.add("/sys/bus/i2c/devices/1-0040/pwm/pwmchip4/npwm", "16");
  for (const std::string name : {"pwmchip0", "pwmchip4", "pwm@300a000", "/soc/pwm@300a000", "1-0040"})
    EXPECT_TRUE(make({}, name)->prepare()) << name;
  EXPECT_TRUE(kernel.has_directory("/sys/class/pwm/pwmchip4/pwm1"));
}

TEST_F(Pwm, AMissingChipIsAnErrorThatNamesThoseThatAreThere) {
  const auto error = make({}, "pwmchip7")->prepare().error();
  EXPECT_EQ(error.code, Errc::gone);
  EXPECT_THAT(error.detail, HasSubstr("no PWM chip is called \"pwmchip7\"; there are: pwm@300a000 (pwmchip0)"));
  SimulatedFiles none;
  const auto without = make_file_actuator("pwm", none, {{"chip", "pwmchip0"}, {"channel", "0"}});
  EXPECT_EQ(without->prepare().error().code, Errc::gone);
  EXPECT_THAT(without->prepare().error().detail, HasSubstr("overlay"));
}

TEST_F(Pwm, AChannelThatTheChipDoesNotHaveIsAnError) {
  const auto lamp = make_file_actuator("pwm", files, {{"chip", "pwmchip0"}, {"channel", "16"}});
  const auto error = lamp->prepare().error();
  EXPECT_EQ(error.code, Errc::out_of_range);
  EXPECT_EQ(error.detail, "pwmchip0 has channels 0 to 15, not 16");
}

TEST_F(Pwm, AFrequencyThatTheChipRefusesIsSaidInHertz) {
  leave("20000000", "0");
  const auto lamp = make({{"frequency_hz", "25000"}});
  ASSERT_TRUE(lamp->prepare());
  files.refuse(channel + "period", Errc::busy);
  const auto error = lamp->init(ActuatorState(0.0)).error();
  EXPECT_EQ(error.code, Errc::busy);
  EXPECT_THAT(error.detail, HasSubstr("25000 Hz"));
}

TEST_F(Pwm, AFailedWriteIsAnErrorAndNotAState) {
  const auto lamp = make_ready();
  files.refuse(channel + "duty_cycle", Errc::gone);
  EXPECT_EQ(lamp->apply(ActuatorState(40.0)).error().code, Errc::gone);
}

TEST_F(Pwm, RefusesWhatIsNoPercentage) {
  const auto lamp = make_ready();
  EXPECT_EQ(lamp->apply(ActuatorState(100.5)).error().code, Errc::out_of_range);
  EXPECT_EQ(lamp->apply(ActuatorState(std::nan(""))).error().code, Errc::out_of_range);
  EXPECT_EQ(lamp->apply(ActuatorState(std::string("40"))).error().code, Errc::unsupported);
  EXPECT_THAT(files.log, IsEmpty());
}

}  // namespace
}  // namespace b2m

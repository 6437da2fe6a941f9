#include <gtest/gtest.h>

#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"

namespace b2m {
namespace {

const std::string base = "/sys/class/hwmon/hwmon0/";

// prometheus/node_exporter collector/fixtures/sys.ttar
FakeFiles nct6779() {
  return FakeFiles({{base + "name", "nct6779\n"},
                    {base + "in0_input", "792\n"},
                    {base + "in1_input", "1024\n"},
                    {base + "fan2_input", "1098\n"}});
}

Result<Poll> poll(FakeFiles& files, const std::string& device = "nct6779") {
  return poll_once(*make_file_sensor("hwmon", files, {{"device", device}}));
}

TEST(Hwmon, ReadsWhatNodeExporterReads) {
  auto files = nct6779();
  const auto values = poll(files);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["in0"].value(), 0.792, 1e-9);
  EXPECT_NEAR((*values)["in1"].value(), 1.024, 1e-9);
  EXPECT_NEAR((*values)["fan2"].value() * 60, 1098, 1e-9);  // revolutions per second inside
}

// linux Documentation/hwmon/sysfs-interface.rst
TEST(Hwmon, EveryKindIsConvertedToSi) {
  FakeFiles files({{base + "name", "x"},
                   {base + "temp1_input", "-5500"},
                   {base + "curr1_input", "-250"},
                   {base + "power1_input", "1500000"},
                   {base + "energy1_input", "3600000000"},
                   {base + "humidity1_input", "45500"},
                   {base + "freq1_input", "50"},
                   {base + "temp1_max", "90000"},
                   {base + "beep_input", "1"},
                   {base + "intrusion0_input", "1"}});
  const auto values = poll(files, "x");
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 6u);
  EXPECT_NEAR((*values)["temp1"].value(), -5.5, 1e-9);
  EXPECT_NEAR((*values)["curr1"].value(), -0.25, 1e-9);
  EXPECT_NEAR((*values)["power1"].value(), 1.5, 1e-9);
  EXPECT_NEAR((*values)["energy1"].value(), 3600, 1e-9);
  EXPECT_NEAR((*values)["humidity1"].value(), 45.5, 1e-9);
  EXPECT_NEAR((*values)["freq1"].value(), 50, 1e-9);
}

TEST(Hwmon, AFaultInvalidatesItsInputAlone) {
  auto files = nct6779();
  files.set(base + "fan2_fault", "1\n");
  files.set(base + "in0_fault", "0\n");
  const auto values = poll(files);
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["fan2"].error().code, Errc::out_of_range);
  EXPECT_TRUE((*values)["in0"]);
}

TEST(Hwmon, AnInputThatCannotBeReadFailsAlone) {
  for (const auto code : {Errc::not_ready, Errc::io, Errc::timeout}) {
    auto files = nct6779();
    files.set_error(base + "in0_input", code);
    const auto values = poll(files);
    ASSERT_TRUE(values);
    EXPECT_EQ((*values)["in0"].error().code, code);
    EXPECT_TRUE((*values)["in1"]);
  }
}

TEST(Hwmon, AFaultThatCannotBeReadGivesNoValue) {
  auto files = nct6779();
  files.set_error(base + "in0_fault", Errc::io);
  EXPECT_EQ((*poll(files))["in0"].error().code, Errc::io);
}

TEST(Hwmon, TextThatIsNoNumberGivesNoValue) {
  for (const auto* text : {"", "abc", "12 34", "1,5", "nan", "inf", "1e999"}) {
    auto files = nct6779();
    files.set(base + "in0_input", text);
    EXPECT_FALSE((*poll(files))["in0"]) << text;
  }
}

TEST(Hwmon, AVanishedDeviceIsGone) {
  auto files = nct6779();
  const auto sensor = make_file_sensor("hwmon", files, {{"device", "nct6779"}});
  ASSERT_TRUE(poll_once(*sensor));
  files.remove(base + "in1_input");
  EXPECT_EQ(poll_again(*sensor).error().code, Errc::gone);
}

TEST(Hwmon, AMissingDeviceIsGoneAndTheOthersAreNamed) {
  auto files = nct6779();
  const auto values = poll(files, "lm75");
  ASSERT_FALSE(values);
  EXPECT_EQ(to_string(values.error()), "gone: no hwmon device is called \"lm75\"; there are: nct6779 (hwmon0)");
  FakeFiles nothing;
  EXPECT_EQ(poll(nothing).error().code, Errc::gone);
}

TEST(Hwmon, ADeviceIsAlsoFoundByItsDirectory) {
  auto files = nct6779();
  EXPECT_TRUE(poll(files, "hwmon0"));
}

}  // namespace
}  // namespace b2m

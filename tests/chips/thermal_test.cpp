#include <gtest/gtest.h>

#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"

namespace b2m {
namespace {

const std::string base = "/sys/class/thermal/";

Result<double> celsius(FakeFiles& files, const std::string& zone) {
  const auto poll = poll_once(*make_file_sensor("thermal", files, {{"zone", zone}}));
  if (!poll) return tl::unexpected(poll.error());
  return (*poll)["temperature"];
}

// prometheus/node_exporter collector/fixtures/sys.ttar, and a second zone
FakeFiles zones() {
  return FakeFiles({{base + "thermal_zone0/type", "cpu-thermal\n"},
                    {base + "thermal_zone0/temp", "12376\n"},
                    {base + "thermal_zone1/type", "gpu-thermal\n"},
                    {base + "thermal_zone1/temp", "-1500\n"},
                    {base + "cooling_device0/type", "Processor\n"}});
}

TEST(Thermal, AZoneIsChosenByTypeOrByName) {
  auto files = zones();
  EXPECT_EQ(celsius(files, "cpu-thermal"), 12.376);
  EXPECT_EQ(celsius(files, "thermal_zone0"), 12.376);
  EXPECT_EQ(celsius(files, "gpu-thermal"), -1.5);
}

TEST(Thermal, AMissingZoneIsGoneAndTheOthersAreNamed) {
  auto files = zones();
  EXPECT_EQ(to_string(celsius(files, "Processor").error()),
            "gone: no thermal zone is called \"Processor\"; there are: cpu-thermal (thermal_zone0), gpu-thermal "
            "(thermal_zone1)");
}

TEST(Thermal, AZoneThatCannotBeReadGivesItsError) {
  auto files = zones();
  files.set_error(base + "thermal_zone0/temp", Errc::not_ready);
  EXPECT_EQ(celsius(files, "cpu-thermal").error().code, Errc::not_ready);
  files.set(base + "thermal_zone0/temp", "");
  EXPECT_EQ(celsius(files, "cpu-thermal").error().code, Errc::not_ready);
}

}  // namespace
}  // namespace b2m

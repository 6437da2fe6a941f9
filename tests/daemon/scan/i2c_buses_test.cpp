// Which buses are scanned. Titles of adapters as Linux drivers give them: drivers/i2c/busses/i2c-mv64xxx.c,
// i2c-bcm2835.c, i2c-tiny-usb.c; the directories of a multiplexer: Documentation/i2c/i2c-topology.rst and i2c-mux.c.
#include "daemon/scan/i2c_buses.hpp"

#include <gmock/gmock.h>

#include "daemon/sim/simulated_files.hpp"

namespace b2m {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

const BoardTable& walnutpi() { return *find_board("walnutpi-1b"); }
const BoardTable& raspberry() { return *find_board("raspberry-pi-4"); }
const BoardTable& generic() { return *find_board("generic"); }

const std::vector<I2cAdapter> walnutpi_adapters{{.name = "i2c-0", .title = "mv64xxx_i2c adapter"},
                                                {.name = "i2c-1", .title = "mv64xxx_i2c adapter"},
                                                {.name = "i2c-2", .title = "mv64xxx_i2c adapter"},
                                                {.name = "i2c-3", .title = "mv64xxx_i2c adapter"},
                                                {.name = "i2c-4", .title = "i2c-tiny-usb at bus 001 device 004"}};

std::vector<std::string> scanned(const Result<BusChoice>& choice) {
  std::vector<std::string> names;
  if (choice)
    for (const auto& bus : choice->scanned) names.push_back(bus.name);
  return names;
}

std::string why_left_out(const Result<BusChoice>& choice, std::string_view name) {
  if (choice)
    for (const auto& bus : choice->left_out)
      if (bus.name == name) return bus.why;
  return "not left out";
}

TEST(ChoosingBuses, those_of_the_header_are_scanned) {
  EXPECT_THAT(scanned(choose_buses(walnutpi_adapters, walnutpi(), {})), ElementsAre("i2c-1", "i2c-2"));
}

TEST(ChoosingBuses, the_board_s_own_chips_are_never_touched) {
  const auto choice = choose_buses(walnutpi_adapters, walnutpi(), {});
  EXPECT_THAT(why_left_out(choice, "i2c-0"), HasSubstr("0x36"));
  EXPECT_THAT(why_left_out(choice, "i2c-3"), HasSubstr("never scanned"));
  for (const auto* wanted : {"i2c-0", "/dev/i2c-3", "i2c-0/mux:0x70:1"}) {
    const auto refused = choose_buses(walnutpi_adapters, walnutpi(), {wanted});
    ASSERT_FALSE(refused) << wanted;
    EXPECT_EQ(refused.error().code, Errc::unsupported);
  }
}

TEST(ChoosingBuses, a_controller_that_cannot_be_compared_is_not_touched_either) {
  EXPECT_FALSE(choose_buses({{.name = "i2c-0", .title = "mv64xxx_i2c adapter"}}, walnutpi(), {"i2c-0"}));
}

TEST(ChoosingBuses, an_adapter_of_another_kind_is_scanned_when_it_is_named) {
  EXPECT_THAT(why_left_out(choose_buses(walnutpi_adapters, walnutpi(), {}), "i2c-4"), HasSubstr("--bus i2c-4"));
  EXPECT_THAT(scanned(choose_buses(walnutpi_adapters, walnutpi(), {"i2c-4"})), ElementsAre("i2c-4"));
}

TEST(ChoosingBuses, a_missing_bus_of_the_header_says_how_to_enable_it) {
  const auto choice = choose_buses({{.name = "i2c-2", .title = "mv64xxx_i2c adapter"}}, walnutpi(), {});
  EXPECT_THAT(scanned(choice), ElementsAre("i2c-2"));
  EXPECT_THAT(why_left_out(choice, "i2c-1"), HasSubstr("set-device enable i2c1"));
  EXPECT_THAT(why_left_out(choose_buses({}, raspberry(), {}), "i2c-1"), HasSubstr("raspi-config"));
  EXPECT_THAT(why_left_out(choose_buses({}, raspberry(), {"i2c-1"}), "i2c-1"), HasSubstr("raspi-config"));
}

TEST(ChoosingBuses, on_an_unknown_board_they_are_named_and_left_out) {
  const std::vector<I2cAdapter> adapters{{.name = "i2c-7", .title = "SMBus I801 adapter at efa0"}};
  const auto choice = choose_buses(adapters, generic(), {});
  EXPECT_THAT(scanned(choice), IsEmpty());
  EXPECT_THAT(why_left_out(choice, "i2c-7"), HasSubstr("--bus i2c-7"));
  EXPECT_THAT(why_left_out(choice, "i2c-7"), HasSubstr("SMBus I801"));
  EXPECT_THAT(scanned(choose_buses(adapters, generic(), {"/dev/i2c-7"})), ElementsAre("i2c-7"));
}

TEST(ChoosingBuses, a_bus_named_twice_is_scanned_once) {
  EXPECT_THAT(scanned(choose_buses(walnutpi_adapters, walnutpi(), {"i2c-1", "/dev/i2c-1"})), ElementsAre("i2c-1"));
}

TEST(ChoosingBuses, what_is_no_bus_is_refused) {
  for (const auto* wanted : {"", "1", "i2c", "i2c-", "i2c-x", "spidev0.0", "i2c-1x"}) {
    const auto refused = choose_buses(walnutpi_adapters, walnutpi(), {wanted});
    ASSERT_FALSE(refused) << wanted;
    EXPECT_EQ(refused.error().code, Errc::out_of_range) << wanted;
  }
}

class BehindAMultiplexer : public testing::Test {
 protected:
  BehindAMultiplexer() {
    const std::string root = "/sys/bus/i2c/devices";
    files_.add(root + "/i2c-1/name", "bcm2835 (i2c@7e804000)\n");
    files_.add(root + "/i2c-10/name", "i2c-1-mux (chan_id 0)\n");
    files_.add(root + "/i2c-11/name", "i2c-1-mux (chan_id 3)\n");
    files_.add(root + "/1-0070/name", "pca9548\n");
    files_.add(root + "/1-0070/channel-0/i2c-dev/i2c-10/name", "i2c-1-mux (chan_id 0)\n");
    files_.add(root + "/1-0070/channel-3/i2c-dev/i2c-11/name", "i2c-1-mux (chan_id 3)\n");
    files_.add(root + "/11-0049/name", "lm75\n");
  }
  SimulatedFiles files_;
};

TEST_F(BehindAMultiplexer, a_channel_has_the_name_that_stays) {
  const auto adapters = i2c_adapters(files_);
  ASSERT_EQ(adapters.size(), 3U);
  EXPECT_EQ(adapters[0].name, "i2c-1");
  EXPECT_EQ(adapters[0].title, "bcm2835 (i2c@7e804000)");
  EXPECT_EQ(adapters[0].alias, "");
  EXPECT_EQ(adapters[1].alias, "i2c-1/mux:0x70:0");
  EXPECT_EQ(adapters[2].alias, "i2c-1/mux:0x70:3");
  EXPECT_EQ(adapters[2].parent, "i2c-1");
}

TEST_F(BehindAMultiplexer, channels_on_the_header_are_scanned_after_their_bus) {
  const auto choice = choose_buses(i2c_adapters(files_), raspberry(), {});
  EXPECT_THAT(scanned(choice), ElementsAre("i2c-1", "i2c-1/mux:0x70:0", "i2c-1/mux:0x70:3"));
  EXPECT_THAT(choice->scanned, Contains(Field(&ScannedBus::device, "i2c-11")));
}

TEST_F(BehindAMultiplexer, a_channel_is_wanted_by_either_name) {
  for (const auto* wanted : {"i2c-11", "/dev/i2c-11", "i2c-1/mux:0x70:3"})
    EXPECT_THAT(scanned(choose_buses(i2c_adapters(files_), raspberry(), {wanted})), ElementsAre("i2c-1/mux:0x70:3"));
}

TEST_F(BehindAMultiplexer, a_channel_the_kernel_does_not_drive_is_asked_for_all_the_same) {
  EXPECT_THAT(scanned(choose_buses(i2c_adapters(files_), raspberry(), {"i2c-1/mux:0x71:0"})),
              ElementsAre("i2c-1/mux:0x71:0"));
}

}  // namespace
}  // namespace b2m

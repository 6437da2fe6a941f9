// From findings to a configuration that the loader takes.
#include "daemon/scan/proposal.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/config/load.hpp"
#include "daemon/scan/fragment.hpp"
#include "daemon/scan/scan_text.hpp"
#include "daemon/sim/simulated_board.hpp"
#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Directory {
 public:
  Directory() {
    std::string pattern = (fs::temp_directory_path() / "b2m-scan-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Directory() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  fs::path path;
};

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

LoadResult load_text(const fs::path& directory, const std::string& text) {
  const auto path = directory / "board2mqtt.json";
  std::ofstream(path) << text;
  return load(path, {.hostname = "lab", .machine_id = "0123456789ab", .device_tree_model = "walnutpi-1b"});
}

I2cFinding finding(std::uint8_t address, Certainty certainty, std::initializer_list<std::string_view> parts) {
  I2cFinding result{.address = address, .certainty = certainty};
  for (const auto part : parts) result.parts.push_back(*find_driver(part));
  return result;
}

/// A bus with one part of each certainty, a channel behind its multiplexer, and devices of the kernel.
ScanReport everything() {
  ScanReport report;
  auto& bus = report.buses.emplace_back(BusReport{.bus = {.name = "i2c-1", .device = "i2c-1"}});
  auto mux = finding(0x70, Certainty::possible, {"shtc3"});
  mux.maybe_mux = true;
  auto held = finding(0x49, Certainty::held, {});
  held.held_by = "i2c-1 0x49: held by the kernel driver lm75; read it with a sensor of the driver \"iio\"";
  bus.findings = {{finding(0x3c, Certainty::unknown, {})},
                  {finding(0x48, Certainty::possible, {"ads1115", "lm75"})},
                  {held, KernelDevice{.driver = "hwmon", .directory = "hwmon1", .name = "lm75", .option = "device"}},
                  {mux},
                  {finding(0x76, Certainty::identified, {"bme280"})}};
  report.buses.push_back({.bus = {.name = "i2c-1/mux:0x71:3", .parent = "i2c-1", .device = "i2c-9"}});
  report.kernel = {{.driver = "w1_therm", .directory = "28-00000a013d97", .name = "28-00000a013d97", .option = "id"},
                   {.driver = "hwmon", .directory = "hwmon1", .name = "lm75", .option = "device"},
                   {.driver = "iio", .directory = "iio:device0", .name = "Chip \"X\"", .option = "device"},
                   {.driver = "iio", .directory = "iio:device1", .name = "dac", .option = "device", .problem = "none"}};
  report.other_w1 = {"26-000001a2b3c4"};
  return report;
}

TEST(Proposing, the_snippet_is_a_configuration_of_what_was_identified) {
  const Directory directory;
  const auto result = load_text(directory.path, to_snippet(propose(everything(), nullptr)));
  ASSERT_TRUE(result.config) << to_text(result.diagnostics);
  std::vector<std::string> ids;
  for (const auto& sensor : result.config->sensors) ids.push_back(sensor.id);
  EXPECT_THAT(ids, testing::ElementsAre("bme280_76", "w1_28-00000a013d97", "hwmon_lm75", "iio_chip__x_"));
  EXPECT_EQ(result.config->sensors[0].options.integer("address"), 0x76);
  EXPECT_EQ(result.config->sensors[3].options.text("device"), "Chip \"X\"");
}

TEST(Proposing, a_possible_part_is_a_comment_that_two_slashes_less_make_an_entry) {
  const Directory directory;
  auto text = to_snippet(propose(everything(), nullptr));
  EXPECT_THAT(text, HasSubstr("// i2c-1 0x48: possibly ads1115 or lm75"));
  const auto at = text.find("// , \"ads1115_48\"");
  ASSERT_NE(at, std::string::npos) << text;
  const auto result = load_text(directory.path, text.erase(at, 2));
  ASSERT_TRUE(result.config) << to_text(result.diagnostics);
  EXPECT_THAT(result.config->sensors, SizeIs(5));
}

TEST(Proposing, possible_parts_alone_make_an_empty_section_and_can_be_made_active_too) {
  const Directory directory;
  ScanReport report;
  report.buses.push_back({.bus = {.name = "i2c-1"}, .findings = {{finding(0x23, Certainty::possible, {"bh1750"})}}});
  auto text = to_snippet(propose(report, nullptr));
  EXPECT_FALSE(has_active(propose(report, nullptr)));
  EXPECT_TRUE(load_text(directory.path, text).config);
  const auto at = text.find("// \"bh1750_23\"");
  ASSERT_NE(at, std::string::npos) << text;
  const auto result = load_text(directory.path, text.erase(at, 2));
  ASSERT_TRUE(result.config) << to_text(result.diagnostics);
  EXPECT_THAT(result.config->sensors, SizeIs(1));
}

TEST(Proposing, what_is_configured_is_marked_and_not_proposed_again) {
  const Directory directory;
  const auto loaded = load_text(directory.path, R"({"sensors": {
    "climate": {"driver": "bme280", "bus": "/dev/i2c-1", "address": "0x76"},
    "boiler": {"driver": "w1_therm", "id": "any"},
    "cpu": {"driver": "hwmon", "device": "hwmon1"}}})");
  ASSERT_TRUE(loaded.config) << to_text(loaded.diagnostics);
  const auto proposals = propose(everything(), &*loaded.config);
  const auto text = to_snippet(proposals);
  for (const auto* gone : {"bme280", "w1_therm", "hwmon"}) EXPECT_THAT(text, Not(HasSubstr(gone)));
  EXPECT_THAT(scan_text(everything(), proposals, *find_board("walnutpi-1b"), {}),
              AllOf(HasSubstr("configured as \"climate\""), HasSubstr("configured as \"boiler\""),
                    HasSubstr("configured as \"cpu\"")));
}

TEST(Proposing, an_id_that_is_taken_is_not_used_again) {
  const Directory directory;
  const auto loaded = load_text(directory.path, R"({
    "sensors": {"bme280_76": {"driver": "system"}},
    "actuators": {"hwmon_lm75": {"driver": "switch", "line": "PC8"}}})");
  ASSERT_TRUE(loaded.config) << to_text(loaded.diagnostics);
  const auto text = to_snippet(propose(everything(), &*loaded.config));
  EXPECT_THAT(text, AllOf(HasSubstr("\"bme280_76_2\""), HasSubstr("\"hwmon_lm75_2\"")));
}

TEST(Proposing, two_of_a_kind_on_two_buses_have_two_ids) {
  ScanReport report;
  for (const auto* bus : {"i2c-1", "i2c-2"})
    report.buses.push_back({.bus = {.name = bus}, .findings = {{finding(0x76, Certainty::identified, {"bme280"})}}});
  const auto proposals = propose(report, nullptr);
  ASSERT_THAT(proposals, SizeIs(2));
  EXPECT_NE(proposals[0].id, proposals[1].id);
}

TEST(TellingAScan, every_line_is_a_comment_whatever_the_kernel_calls_its_devices) {
  auto report = everything();
  report.kernel[2].name = "evil\n\"sensors\": {}";
  const auto proposals = propose(report, nullptr);
  const auto text = scan_text(report, proposals, *find_board("walnutpi-1b"), {});
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_EQ(line.substr(0, 2), "//") << line;
  const Directory directory;
  EXPECT_TRUE(load_text(directory.path, text + to_snippet(proposals)).config);
}

TEST(TellingAScan, a_held_address_names_the_line_to_write_instead) {
  const auto report = everything();
  EXPECT_THAT(scan_text(report, propose(report, nullptr), *find_board("walnutpi-1b"), {}),
              HasSubstr(R"(held by the kernel driver lm75: {"driver":"hwmon","device":"lm75"})"));
}

TEST(TellingAScan, a_multiplexer_names_the_way_to_its_channels) {
  const auto report = everything();
  EXPECT_THAT(scan_text(report, propose(report, nullptr), *find_board("walnutpi-1b"), {}),
              HasSubstr("--bus i2c-1/mux:0x70:0"));
}

TEST(TellingAScan, an_empty_bus_names_the_pins_to_look_at) {
  const auto report = everything();
  EXPECT_THAT(scan_text(report, propose(report, nullptr), *find_board("walnutpi-1b"), {}),
              HasSubstr("nothing answers; are power and ground connected, and SDA on pin 3 and SCL on pin 5?"));
}

TEST(TellingAScan, a_machine_without_a_bus_says_how_to_get_one) {
  EXPECT_THAT(scan_text({}, {}, *find_board("generic"), {}), HasSubstr("no I2C bus is there; enable bus 1"));
}

TEST(TellingAScan, a_bus_that_failed_says_why) {
  ScanReport report;
  report.buses.push_back({.bus = {.name = "i2c-2"}, .error = Error{Errc::timeout, "i2c-2 0x08: timed out"}});
  EXPECT_THAT(scan_text(report, {}, *find_board("walnutpi-1b"), {}),
              AllOf(HasSubstr("timeout: i2c-2 0x08"), HasSubstr("SDA on pin 27"), HasSubstr("pull-ups")));
}

TEST(WritingAFragment, it_appears_whole_and_never_over_another_file) {
  const Directory directory;
  const auto conf_d = directory.path / "conf.d";
  const auto first = write_fragment(conf_d, "{}\n");
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_EQ(first->filename(), "scan.json");
  EXPECT_EQ(content(*first), "{}\n");
  std::ofstream(*first) << "the user's";
  const auto second = write_fragment(conf_d, "{ }\n");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->filename(), "scan-2.json");
  EXPECT_EQ(content(*first), "the user's");
  EXPECT_EQ(std::distance(fs::directory_iterator(conf_d), fs::directory_iterator()), 2) << "a temporary file is left";
}

TEST(WritingAFragment, what_cannot_be_written_says_where) {
  const auto result = write_fragment("/proc/self/nowhere", "{}");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().detail, HasSubstr("/proc/self/nowhere"));
}

TEST(Scanning, the_kernel_s_devices_are_found_and_those_that_cannot_be_read_are_told) {
  SimulatedBoard board;
  auto& files = board.simulated_files();
  files.add("/sys/bus/iio/devices/iio:device7/name", "useless\n");
  files.add("/sys/bus/w1/devices/w1_bus_master1/name", "w1_bus_master1\n");
  files.add("/sys/bus/w1/devices/26-000001a2b3c4/rw", "");
  const auto report = scan(board, {}, true, {});
  EXPECT_THAT(report.other_w1, testing::ElementsAre("26-000001a2b3c4"));
  const auto snippet = to_snippet(propose(report, nullptr));
  EXPECT_THAT(snippet, AllOf(HasSubstr("28-00000a013d97"), HasSubstr("\"iio\", \"device\": \"simulated-adc\""),
                             HasSubstr("\"hwmon\", \"device\": \"simulated\""), Not(HasSubstr("useless"))));
}

TEST(Scanning, a_thermometer_that_is_a_hwmon_device_too_is_found_once) {
  SimulatedBoard board;
  auto& files = board.simulated_files();
  files.add("/sys/class/hwmon/hwmon7/name", "w1_slave_temp\n");
  files.add("/sys/class/hwmon/hwmon7/temp1_input", "25500\n");
  files.add("/sys/bus/w1/devices/28-00000a013d97/hwmon/hwmon7/name", "w1_slave_temp\n");
  const auto report = scan(board, {}, true, {});
  for (const auto& device : report.kernel) EXPECT_NE(device.name, "w1_slave_temp");
}

TEST(Scanning, a_part_before_the_multiplexer_is_not_found_behind_it_again) {
  SimulatedBoard board;
  for (const auto* bus : {"i2c-1", "i2c-1/mux:0x70:0", "i2c-1/mux:0x70:1"}) {
    Options options;
    options.set("bus", std::string(bus));
    options.set("address", std::int64_t{0x76});
    board.attach(*find_driver("bme280"), options);
  }
  const BusChoice choice{.scanned = {{.name = "i2c-1"},
                                     {.name = "i2c-1/mux:0x70:0", .parent = "i2c-1"},
                                     {.name = "i2c-1/mux:0x70:1", .parent = "i2c-1"}}};
  const auto report = scan(board, choice, false, {});
  ASSERT_THAT(report.buses, SizeIs(3));
  EXPECT_THAT(report.buses[0].findings, SizeIs(1));
  EXPECT_THAT(report.buses[1].findings, IsEmpty());
  EXPECT_THAT(report.buses[2].findings, IsEmpty());
}

TEST(Scanning, the_kernel_device_of_a_held_address_is_named) {
  SimulatedBoard board;
  auto& files = board.simulated_files();
  files.add("/sys/class/hwmon/hwmon7/name", "lm75\n");
  files.add("/sys/class/hwmon/hwmon7/temp1_input", "25500\n");
  files.add("/sys/bus/i2c/devices/1-0049/hwmon/hwmon7/name", "lm75\n");
  files.add("/sys/bus/iio/devices/iio:device7/name", "bme280\n");
  files.add("/sys/bus/iio/devices/iio:device7/in_temp_input", "25500\n");
  files.add("/sys/bus/i2c/devices/1-0076/iio:device7/name", "bme280\n");
  const auto hwmon = kernel_device_at(files, "i2c-1", 0x49);
  ASSERT_TRUE(hwmon);
  EXPECT_EQ(hwmon->driver, "hwmon");
  EXPECT_EQ(hwmon->name, "lm75");
  const auto iio = kernel_device_at(files, "i2c-1", 0x76);
  ASSERT_TRUE(iio);
  EXPECT_EQ(iio->driver, "iio");
  EXPECT_FALSE(kernel_device_at(files, "i2c-2", 0x49));
}

}  // namespace
}  // namespace b2m

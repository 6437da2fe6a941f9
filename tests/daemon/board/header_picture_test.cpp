// The picture of a header, character by character against golden files, and pin by pin against the makers' tables.
// B2M_UPDATE_GOLDEN=1 in the environment writes the files anew.
#include "daemon/board/header_picture.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "daemon/board/board_table.hpp"
#include "daemon/sim/simulated_inspector.hpp"

namespace b2m {
namespace {

using testing::HasSubstr;
using testing::Not;

const IsLed is_led = [](const std::string& name) { return name == simulated_led; };

std::string picture(const BoardTable& board, bool colour = false) {
  return header_picture(board, SimulatedInspector(board).look(), is_led, colour);
}

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void expect_golden(const std::string& name) {
  const auto path = std::string(B2M_SOURCE_DIR "/tests/golden/pins/") + name + ".txt";
  const auto seen = picture(*find_board(name));
  if (std::getenv("B2M_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << seen;
  EXPECT_EQ(seen, read(path)) << path;
}

TEST(HeaderPicture, is_the_golden_one) {
  expect_golden("walnutpi-1b");
  expect_golden("raspberry-pi-5");
  expect_golden("walnutpi-2b");
  expect_golden("raspberry-pi-1-rev1");
}

struct Drawn {
  std::string pad;
  std::string line;
};

/// What the picture shows beside each pin number: the words next to it, outwards.
std::map<std::string, Drawn> pins_of(const std::string& text) {
  std::map<std::string, Drawn> pins;
  std::istringstream rows(text);
  for (std::string row; std::getline(rows, row);) {
    const auto middle = row.find("  |  ");
    if (middle == std::string::npos || row.find("held by") != std::string::npos) continue;
    std::istringstream left(row.substr(0, middle));
    std::vector<std::string> words{std::istream_iterator<std::string>(left), {}};
    std::reverse(words.begin(), words.end());
    std::istringstream right(row.substr(middle + 5));
    const std::vector<std::string> others{std::istream_iterator<std::string>(right), {}};
    for (const auto& side : {words, others}) {
      auto pin = side.at(0);
      std::erase(pin, '*');
      pins[pin] = {side.at(1), side.size() > 2 ? side.at(2) : ""};
    }
  }
  return pins;
}

// The maker's documentation of the WalnutPi 1B's 40-pin header: pin, pad, line of the main controller.
const std::map<std::string, Drawn> walnutpi_header{
    {"3", {"PI8", "264"}},   {"5", {"PI7", "263"}},   {"7", {"PC8", "72"}},    {"8", {"PI5", "261"}},
    {"10", {"PI6", "262"}},  {"11", {"PC9", "73"}},   {"12", {"PC10", "74"}},  {"13", {"PC11", "75"}},
    {"15", {"PI11", "267"}}, {"16", {"PI12", "268"}}, {"18", {"PC14", "78"}},  {"19", {"PH7", "231"}},
    {"21", {"PH8", "232"}},  {"22", {"PC15", "79"}},  {"23", {"PH6", "230"}},  {"24", {"PH5", "229"}},
    {"26", {"PH9", "233"}},  {"27", {"PI10", "266"}}, {"28", {"PI9", "265"}},  {"29", {"PI0", "256"}},
    {"31", {"PI1", "257"}},  {"32", {"PI16", "272"}}, {"33", {"PI2", "258"}},  {"35", {"PI3", "259"}},
    {"36", {"PI15", "271"}}, {"37", {"PI4", "260"}},  {"38", {"PI13", "269"}}, {"40", {"PI14", "270"}}};

// The Raspberry Pi's documentation of its 40-pin header: the number of the GPIO is the line of RP1.
const std::map<std::string, int> raspberry_header{
    {"3", 2},   {"5", 3},   {"7", 4},   {"8", 14},  {"10", 15}, {"11", 17}, {"12", 18},
    {"13", 27}, {"15", 22}, {"16", 23}, {"18", 24}, {"19", 10}, {"21", 9},  {"22", 25},
    {"23", 11}, {"24", 8},  {"26", 7},  {"27", 0},  {"28", 1},  {"29", 5},  {"31", 6},
    {"32", 12}, {"33", 13}, {"35", 19}, {"36", 16}, {"37", 26}, {"38", 20}, {"40", 21}};

// Power and ground are the same on both.
const std::map<std::string, std::string> power{{"1", "3.3V"}, {"2", "5V"},   {"4", "5V"},    {"6", "GND"},
                                               {"9", "GND"},  {"14", "GND"}, {"17", "3.3V"}, {"20", "GND"},
                                               {"25", "GND"}, {"30", "GND"}, {"34", "GND"},  {"39", "GND"}};

void expect_power(const std::map<std::string, Drawn>& pins) {
  EXPECT_EQ(pins.size(), 40U);
  for (const auto& [pin, pad] : power) {
    EXPECT_EQ(pins.at(pin).pad, pad) << pin;
    EXPECT_EQ(pins.at(pin).line, "") << pin;
  }
}

TEST(HeaderPicture, of_the_walnutpi_shows_every_pin_of_its_documentation) {
  const auto text = picture(*find_board("walnutpi-1b"));
  const auto pins = pins_of(text);
  expect_power(pins);
  for (const auto& [pin, drawn] : walnutpi_header) {
    EXPECT_EQ(pins.at(pin).pad, drawn.pad) << pin;
    EXPECT_EQ(pins.at(pin).line, drawn.line) << pin;
  }
  EXPECT_THAT(text, testing::ContainsRegex("KEY\\* PC12 +76\n"));
  EXPECT_THAT(text, testing::ContainsRegex("LED\\* PC13 +77 "));
}

TEST(HeaderPicture, of_the_raspberry_pi_5_shows_every_pin_of_its_documentation) {
  const auto pins = pins_of(picture(*find_board("raspberry-pi-5")));
  expect_power(pins);
  for (const auto& [pin, gpio] : raspberry_header) {
    EXPECT_EQ(pins.at(pin).pad, "GPIO" + std::to_string(gpio)) << pin;
    EXPECT_EQ(pins.at(pin).line, std::to_string(gpio)) << pin;
  }
}

TEST(HeaderPicture, has_at_most_a_hundred_columns_with_the_longest_names) {
  for (const auto& board : all_boards()) {
    auto view = SimulatedInspector(board).look();
    for (auto& chip : view.chips)
      for (auto& line : chip.lines) line = {.used = true, .holder = std::string(31, 'w')};
    std::istringstream lines(header_picture(board, view, is_led, false));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << board.name << ": " << line;
  }
}

TEST(HeaderPicture, a_held_led_names_the_way_to_drive_it) {
  const auto text = picture(*find_board("walnutpi-1b"));
  EXPECT_THAT(text, HasSubstr("/sys/class/leds/green:status"));
  EXPECT_THAT(text, HasSubstr(R"({"driver": "led", "led": "green:status"})"));
}

TEST(HeaderPicture, says_why_holders_are_not_known) {
  const auto& board = *find_board("walnutpi-1b");
  EXPECT_THAT(header_picture(board, {}, is_led, false), HasSubstr("no GPIO chip labelled 300b000.pinctrl"));
  const GpioView denied{.denied = Error{Errc::io, "/dev/gpiochip0: Permission denied"}};
  EXPECT_THAT(header_picture(board, denied, is_led, false), HasSubstr("/dev/gpiochip0: Permission denied"));
}

TEST(HeaderPicture, what_the_board_needs_for_itself_is_remarked) {
  EXPECT_THAT(picture(*find_board("walnutpi-1b-emmc")), HasSubstr("7  needed by the eMMC"));
}

TEST(HeaderPicture, of_an_unknown_header_is_a_list_of_chips) {
  const auto text = picture(*find_board("walnutpi-zerow"));
  EXPECT_THAT(text, HasSubstr("is not known"));
  EXPECT_THAT(text, HasSubstr("gpiochip0 [300b000.pinctrl]"));
}

TEST(HeaderPicture, is_coloured_only_when_asked_and_says_the_same) {
  const auto& board = *find_board("walnutpi-1b");
  const auto plain = picture(board);
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
  auto coloured = picture(board, true);
  EXPECT_THAT(coloured, HasSubstr("\x1b["));
  for (auto at = coloured.find('\x1b'); at != std::string::npos; at = coloured.find('\x1b'))
    coloured.erase(at, coloured.find('m', at) - at + 1);
  EXPECT_EQ(coloured, plain);
}

TEST(LineHolder, is_told_with_the_way_for_a_led) {
  EXPECT_EQ(explain_holder("", false), "in use");
  EXPECT_EQ(explain_holder("spi0 CS0", false), "held by \"spi0 CS0\"");
  EXPECT_THAT(explain_holder("green:status", true), HasSubstr(R"("led": "green:status")"));
}

TEST(LineHolder, is_nobody_when_the_line_is_free_ours_or_unknown) {
  const GpioView view{.chips = {{.name = "gpiochip0",
                                 .label = "300b000.pinctrl",
                                 .lines = {{.name = "a"},
                                           {.name = "b", .used = true, .holder = "board2mqtt"},
                                           {.name = "c", .used = true, .holder = "spi0 CS0"},
                                           {.name = "c"}}}}};
  const auto holder = [&](const LineId& line) { return held_by_another(view, line, is_led).value_or("nobody"); };
  EXPECT_EQ(holder({.chip = "300b000.pinctrl", .offset = 0}), "nobody");
  EXPECT_EQ(holder({.chip = "gpiochip0", .offset = 1}), "nobody");
  EXPECT_EQ(holder({.chip = "/dev/gpiochip0", .offset = 2}), "held by \"spi0 CS0\"");
  EXPECT_EQ(holder({.chip = "gpiochip0", .offset = 9}), "nobody");
  EXPECT_EQ(holder({.chip = "other", .offset = 2}), "nobody");
  EXPECT_EQ(holder({.name = "c"}), "nobody");
  EXPECT_EQ(holder({.name = "b"}), "nobody");
}

}  // namespace
}  // namespace b2m

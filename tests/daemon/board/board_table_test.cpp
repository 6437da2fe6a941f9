// The tables against the makers' header drawings and the kernel's pin controllers: Allwinner H616 lines are bank × 32 +
// number (Linux drivers/pinctrl/sunxi/pinctrl-sun50i-h616.c), Raspberry Pi lines are the GPIO numbers.
#include "daemon/board/board_table.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <tuple>

namespace b2m {
namespace {

using testing::HasSubstr;

const BoardTable& walnutpi() { return *find_board("walnutpi-1b"); }

struct Pin {
  const char* pin;
  const char* pad;
  unsigned line;
};

// WalnutPi 1B, the maker's documentation of the 40-pin header.
constexpr Pin walnutpi_header[] = {
    {"3", "PI8", 264},  {"5", "PI7", 263},   {"7", "PC8", 72},    {"8", "PI5", 261},   {"10", "PI6", 262},
    {"11", "PC9", 73},  {"12", "PC10", 74},  {"13", "PC11", 75},  {"15", "PI11", 267}, {"16", "PI12", 268},
    {"18", "PC14", 78}, {"19", "PH7", 231},  {"21", "PH8", 232},  {"22", "PC15", 79},  {"23", "PH6", 230},
    {"24", "PH5", 229}, {"26", "PH9", 233},  {"27", "PI10", 266}, {"28", "PI9", 265},  {"29", "PI0", 256},
    {"31", "PI1", 257}, {"32", "PI16", 272}, {"33", "PI2", 258},  {"35", "PI3", 259},  {"36", "PI15", 271},
    {"37", "PI4", 260}, {"38", "PI13", 269}, {"40", "PI14", 270}, {"KEY", "PC12", 76}, {"LED", "PC13", 77},
};

// The Raspberry Pi's documentation of its 40-pin header.
constexpr Pin raspberry_header[] = {
    {"3", "GPIO2", 2},    {"5", "GPIO3", 3},    {"7", "GPIO4", 4},    {"8", "GPIO14", 14},  {"10", "GPIO15", 15},
    {"11", "GPIO17", 17}, {"12", "GPIO18", 18}, {"13", "GPIO27", 27}, {"15", "GPIO22", 22}, {"16", "GPIO23", 23},
    {"18", "GPIO24", 24}, {"19", "GPIO10", 10}, {"21", "GPIO9", 9},   {"22", "GPIO25", 25}, {"23", "GPIO11", 11},
    {"24", "GPIO8", 8},   {"26", "GPIO7", 7},   {"27", "GPIO0", 0},   {"28", "GPIO1", 1},   {"29", "GPIO5", 5},
    {"31", "GPIO6", 6},   {"32", "GPIO12", 12}, {"33", "GPIO13", 13}, {"35", "GPIO19", 19}, {"36", "GPIO16", 16},
    {"37", "GPIO26", 26}, {"38", "GPIO20", 20}, {"40", "GPIO21", 21},
};

void expect_header(const BoardTable& board, const char* chip, std::span<const Pin> pins) {
  std::size_t lines = 0;
  for (const auto& pin : board.header) lines += pin.line ? 1U : 0U;
  EXPECT_EQ(lines, pins.size()) << board.name << " has other pins than the drawing";
  for (const auto& pin : pins) {
    const LineId expected{.chip = chip, .offset = pin.line};
    EXPECT_EQ(resolve_line(board, std::string("header:") + pin.pin), expected) << board.name << " pin " << pin.pin;
    EXPECT_EQ(resolve_line(board, pin.pad), expected) << board.name << " " << pin.pad;
    const auto* found = find_pin(board, expected);
    ASSERT_NE(found, nullptr) << board.name << " " << pin.pad;
    EXPECT_EQ(found->pin, pin.pin);
    EXPECT_EQ(found->pad, pin.pad);
  }
}

TEST(Boards, EveryPinOfTheWalnutPiIsTheLineOfItsDrawing) {
  expect_header(walnutpi(), "300b000.pinctrl", walnutpi_header);
  std::vector<Pin> emmc(std::begin(walnutpi_header), std::end(walnutpi_header));
  emmc.back() = {"LED", "PC7", 71};  // the maker's tool: gpioc, board-walnutpi1b-emmc.c
  expect_header(*find_board("walnutpi-1b-emmc"), "300b000.pinctrl", emmc);
}

TEST(Boards, EveryPinOfARaspberryPiIsTheLineOfItsDrawing) {
  expect_header(*find_board("raspberry-pi-3"), "pinctrl-bcm2835", raspberry_header);
  expect_header(*find_board("raspberry-pi-4"), "pinctrl-bcm2711", raspberry_header);
  expect_header(*find_board("raspberry-pi-5"), "pinctrl-rp1", raspberry_header);
}

// The maker's tool (gpioc, board-walnutpi2b.c) and Blinka's walnutpi2b.py; lines: bank × 32 + number, PL from 0 on.
TEST(Boards, EveryPinOfTheWalnutPi2bIsTheLineOfItsMakersTable) {
  const auto& board = *find_board("walnutpi-2b");
  const std::map<std::string, std::string> pads{
      {"3", "PB5"},   {"5", "PB4"},   {"7", "PB6"},   {"8", "PB0"},   {"10", "PB1"},  {"11", "PB13"},
      {"12", "PB14"}, {"13", "PI12"}, {"15", "PI11"}, {"16", "PI10"}, {"18", "PI9"},  {"19", "PI4"},
      {"21", "PI5"},  {"22", "PI7"},  {"23", "PI3"},  {"24", "PI2"},  {"26", "PI6"},  {"27", "PI16"},
      {"28", "PI15"}, {"29", "PL6"},  {"31", "PL5"},  {"32", "PI14"}, {"33", "PL4"},  {"35", "PL2"},
      {"36", "PI13"}, {"37", "PL3"},  {"38", "PI0"},  {"40", "PI1"},  {"KEY", "PB7"}, {"LED", "PB8"}};
  std::size_t lines = 0;
  for (const auto& pin : board.header) lines += pin.line ? 1U : 0U;
  EXPECT_EQ(lines, pads.size());
  for (const auto& [pin, pad] : pads) {
    const bool second = pad[1] == 'L';
    const auto number = static_cast<unsigned>(std::stoi(pad.substr(2)));
    const unsigned first = second ? 0U : static_cast<unsigned>(pad[1] - 'A') * 32;
    const LineId expected{.chip = second ? "7022000.pinctrl" : "2000000.pinctrl", .offset = first + number};
    EXPECT_EQ(resolve_line(board, "header:" + pin), expected) << pin;
    EXPECT_EQ(resolve_line(board, pad), expected) << pad;
  }
}

// Raspberry Pi documentation, "GPIO pinout of the 26-pin header": revision 1 has other lines on three pins.
TEST(Boards, TheEarlyRaspberryPisHaveTheirOwnHeaders) {
  const auto line = [](const char* board, const char* pin) {
    return resolve_line(*find_board(board), std::string("header:") + pin).value_or(LineId{}).offset;
  };
  for (const auto& [board, three, five, thirteen] :
       {std::tuple{"raspberry-pi-1-rev1", 0U, 1U, 21U}, std::tuple{"raspberry-pi-1", 2U, 3U, 27U}}) {
    EXPECT_EQ(line(board, "3"), three) << board;
    EXPECT_EQ(line(board, "5"), five) << board;
    EXPECT_EQ(line(board, "13"), thirteen) << board;
    EXPECT_EQ(line(board, "26"), 7U) << board;
    EXPECT_EQ(find_board(board)->header.size(), 26U) << board;
    EXPECT_FALSE(resolve_line(*find_board(board), "header:27")) << board;
  }
  EXPECT_THAT(find_board("raspberry-pi-1-rev1")->i2c_buses, testing::ElementsAre("i2c-0"));
}

TEST(Boards, APadThatIsNotOnTheHeaderHasALineToo) {
  EXPECT_EQ(resolve_line(walnutpi(), "PG19"), (LineId{.chip = "300b000.pinctrl", .offset = 211}));
  EXPECT_EQ(resolve_line(walnutpi(), "PL1"), (LineId{.chip = "7022000.pinctrl", .offset = 1}));
  EXPECT_EQ(resolve_line(*find_board("raspberry-pi-4"), "GPIO42"), (LineId{.chip = "pinctrl-bcm2711", .offset = 42}));
}

TEST(Boards, AHeaderHasItsPinsInTheirOrderAndThenTheNamedOnes) {
  for (const auto& board : all_boards()) {
    if (board.name == "generic" || board.name == "walnutpi-zerow") continue;  // no source gives their pins
    const std::size_t pins = board.name.starts_with("raspberry-pi-1") && !board.name.ends_with("plus") ? 26 : 40;
    ASSERT_GE(board.header.size(), pins) << board.name;
    for (std::size_t i = 0; i < pins; ++i) EXPECT_EQ(board.header[i].pin, std::to_string(i + 1)) << board.name;
  }
  EXPECT_TRUE(find_board("walnutpi-zerow")->header.empty());
  EXPECT_EQ(walnutpi().header[40].pin, "KEY");
}

TEST(Boards, NoLineStandsOnTwoPins) {
  for (const auto& board : all_boards()) {
    std::set<std::pair<std::string, unsigned>> seen;
    for (const auto& pin : board.header) {
      if (!pin.line) continue;
      EXPECT_TRUE(seen.emplace(pin.line->chip, pin.line->offset).second) << board.name << " " << pin.pin;
    }
  }
}

TEST(Boards, APinSaysWhatElseItCanBe) {
  EXPECT_THAT(find_pin(walnutpi(), *resolve_line(walnutpi(), "PI8"))->functions, testing::ElementsAre("SDA1"));
  EXPECT_THAT(find_pin(walnutpi(), *resolve_line(walnutpi(), "PI13"))->functions, testing::ElementsAre("TX4", "PWM3"));
}

TEST(Boards, TheEmmcTakesPinsThatAreFreeOnThePlainBoard) {
  const auto& emmc = *find_board("walnutpi-1b-emmc");
  for (const auto* pad : {"PC8", "PC9", "PC10", "PC11", "PC14", "PC15"}) {
    EXPECT_EQ(find_pin(emmc, *resolve_line(emmc, pad))->reserved, "the eMMC") << pad;
    EXPECT_EQ(find_pin(walnutpi(), *resolve_line(walnutpi(), pad))->reserved, "") << pad;
  }
  EXPECT_EQ(find_pin(emmc, *resolve_line(emmc, "PC12"))->reserved, "");
  EXPECT_THAT(find_pin(emmc, *resolve_line(emmc, "PC7"))->reserved, HasSubstr("LED driver"));
}

TEST(Recognising, ABoardIsKnownByItsDeviceTree) {
  using namespace std::string_view_literals;
  EXPECT_EQ(recognise("walnutpi-1b\0"sv).name, "walnutpi-1b");
  EXPECT_EQ(recognise("walnutpi-1b-emmc").name, "walnutpi-1b-emmc");
  EXPECT_EQ(recognise("Raspberry Pi 3 Model B Plus Rev 1.3").name, "raspberry-pi-3");
  EXPECT_EQ(recognise("Raspberry Pi Zero 2 W Rev 1.0").name, "raspberry-pi-zero");
  EXPECT_EQ(recognise("Raspberry Pi Zero W Rev 1.1").name, "raspberry-pi-zero");
  EXPECT_EQ(recognise("Raspberry Pi Model B Rev 1").name, "raspberry-pi-1-rev1");
  EXPECT_EQ(recognise("Raspberry Pi Model B Rev 2").name, "raspberry-pi-1");
  EXPECT_EQ(recognise("Raspberry Pi Model A Rev 2").name, "raspberry-pi-1");
  EXPECT_EQ(recognise("Raspberry Pi Model B Plus Rev 1.2").name, "raspberry-pi-1-plus");
  EXPECT_EQ(recognise("Raspberry Pi 2 Model B Rev 1.1").name, "raspberry-pi-2");
  EXPECT_EQ(recognise("walnutpi-2b").name, "walnutpi-2b");
  EXPECT_EQ(recognise("Raspberry Pi 4 Model B Rev 1.4").name, "raspberry-pi-4");
  EXPECT_EQ(recognise("Raspberry Pi 400 Rev 1.0").name, "raspberry-pi-4");
  EXPECT_EQ(recognise("Raspberry Pi 5 Model B Rev 1.0").name, "raspberry-pi-5");
}

TEST(Recognising, AnUnknownBoardIsGeneric) {
  EXPECT_EQ(recognise("").name, "generic");
  EXPECT_EQ(recognise("walnutpi-1bx").name, "generic");
  EXPECT_EQ(recognise("walnutpi-2bx").name, "generic");
  EXPECT_EQ(recognise("QEMU Virtual Machine").name, "generic");
  EXPECT_EQ(find_board("nonsense"), nullptr);
}

TEST(ResolvingALine, AChipAndANumberAreTakenAsWritten) {
  EXPECT_EQ(resolve_line(walnutpi(), "gpiochip0:73"), (LineId{.chip = "gpiochip0", .offset = 73}));
  EXPECT_EQ(resolve_line(walnutpi(), "300b000.pinctrl:73"), (LineId{.chip = "300b000.pinctrl", .offset = 73}));
  EXPECT_EQ(resolve_line(walnutpi(), "/dev/gpiochip1:0"), (LineId{.chip = "/dev/gpiochip1", .offset = 0}));
}

TEST(ResolvingALine, AnotherWordIsTheNameOfALine) {
  EXPECT_EQ(resolve_line(walnutpi(), "relay"), (LineId{.name = "relay"}));
  EXPECT_EQ(resolve_line(walnutpi(), "PCIE_RST"), (LineId{.name = "PCIE_RST"}));
  EXPECT_EQ(resolve_line(*find_board("generic"), "PC8"), (LineId{.name = "PC8"}));
  EXPECT_EQ(resolve_line(walnutpi(), "GPIO17"), (LineId{.name = "GPIO17"}));
}

TEST(ResolvingALine, ANameThatLooksLikeAPadOrANumberIsDoubted) {
  using testing::ElementsAre;
  using testing::IsEmpty;
  const auto& raspberry = *find_board("raspberry-pi-4");
  EXPECT_THAT(likely_spellings(walnutpi(), "pc8"), ElementsAre("PC8"));
  EXPECT_THAT(likely_spellings(walnutpi(), "PC_8"), ElementsAre("PC8"));
  EXPECT_THAT(likely_spellings(raspberry, "gpio 17"), ElementsAre("GPIO17"));
  EXPECT_THAT(likely_spellings(raspberry, "11"), ElementsAre("GPIO11", "header:11"));
  EXPECT_THAT(likely_spellings(walnutpi(), "11"), ElementsAre("header:11"));
  EXPECT_THAT(likely_spellings(walnutpi(), "17"), ElementsAre("gpiochip0:17")) << "pin 17 is 3.3 V";
  EXPECT_THAT(likely_spellings(*find_board("generic"), "17"), ElementsAre("gpiochip0:17"));
  EXPECT_THAT(likely_spellings(walnutpi(), "relay"), IsEmpty());
  EXPECT_THAT(likely_spellings(walnutpi(), "pcie-rst"), IsEmpty());
  EXPECT_THAT(likely_spellings(walnutpi(), "GPIO17"), IsEmpty());
}

TEST(ResolvingALine, WhatTheBoardHasNotIsAnErrorThatSaysWhatItHas) {
  const auto message = [](std::string_view board, std::string_view spelling) {
    const auto line = resolve_line(*find_board(board), spelling);
    EXPECT_FALSE(line.has_value()) << spelling;
    if (line) return std::string();
    EXPECT_EQ(line.error().code, Errc::out_of_range);
    return line.error().detail;
  };
  EXPECT_THAT(message("walnutpi-1b", "PC17"), HasSubstr("the last is PC16"));
  EXPECT_THAT(message("raspberry-pi-5", "GPIO99"), HasSubstr("the last is GPIO53"));
  EXPECT_THAT(message("walnutpi-1b", "header:41"), HasSubstr("no pin \"41\""));
  EXPECT_THAT(message("walnutpi-1b", "header:6"), HasSubstr("pin 6 is GND"));
  EXPECT_THAT(message("generic", "header:11"), HasSubstr("not known"));
  EXPECT_THAT(message("walnutpi-1b", "gpiochip0:"), HasSubstr("the number of its line"));
  EXPECT_THAT(message("walnutpi-1b", "gpiochip0:-1"), HasSubstr("the number of its line"));
  EXPECT_THAT(message("walnutpi-1b", "gpiochip0:99999999999"), HasSubstr("the number of its line"));
  EXPECT_THAT(message("walnutpi-1b", ":7"), HasSubstr("the number of its line"));
  message("walnutpi-1b", "");
}

TEST(DescribingALine, TheEchoNamesPadPinChipAndNumber) {
  const auto echo = [](std::string_view spelling) { return describe(walnutpi(), *resolve_line(walnutpi(), spelling)); };
  EXPECT_EQ(echo("PC8"), "PC8 (header:7, 300b000.pinctrl line 72)");
  EXPECT_EQ(echo("header:KEY"), "PC12 (header:KEY, 300b000.pinctrl line 76)");
  EXPECT_EQ(echo("300b000.pinctrl:192"), "PG0 (300b000.pinctrl line 192)");
  EXPECT_EQ(echo("gpiochip7:3"), "gpiochip7 line 3");
  EXPECT_EQ(echo("relay"), "the line named \"relay\"");
}

TEST(Boards, TheHintForAMissingBusHasItsNumber) {
  EXPECT_THAT(i2c_hint(walnutpi(), "i2c-2"), HasSubstr("set-device enable i2c2"));
  EXPECT_THAT(i2c_hint(*find_board("generic"), "i2c-11"), HasSubstr("bus 11"));
}

TEST(Boards, TheChipLabelsAreListedOnce) {
  EXPECT_THAT(chip_labels(walnutpi()), testing::ElementsAre("300b000.pinctrl", "7022000.pinctrl"));
}

TEST(ParsingBoards, ATableThatIsWrongNamesItself) {
  const std::string_view texts[] = {
      R"({"name": "x", "title": "", "models": [], "banks": [], "i2c_buses": [], "enable_i2c": "",
                                        "header": {"1": {"pad": "PX1"}}})"};
  const auto boards = parse_boards(texts);
  ASSERT_FALSE(boards.has_value());
  EXPECT_THAT(boards.error().detail, HasSubstr("board x"));
  EXPECT_THAT(boards.error().detail, HasSubstr("PX1"));
  const std::string_view dangling[] = {R"({"name": "y", "extends": "nobody"})"};
  EXPECT_FALSE(parse_boards(dangling).has_value());
}

}  // namespace
}  // namespace b2m

// What the GPIO port, the line finder and the inspector promise, on lines of the kernel's gpio-sim: the same suite for
// every generation of libgpiod. guest_gpio makes the chips and runs it in a virtual machine: gpio_contract
// FOLDER_OF_THE_CHIP_IN_SYS
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "daemon/io/linux_gpio.hpp"

namespace b2m {
namespace {

std::string chip_folder;

// Of the chip "board-gpio" line 1 is named "button", 3 "relay" and 5 "lamp". "left-gpio" and "right-gpio" have both a
// line "twin", and the kernel itself holds line 1 of both.
const LineId button{.chip = "board-gpio", .offset = 1};
const LineId relay{.chip = "board-gpio", .offset = 3};
const LineId lamp{.chip = "board-gpio", .offset = 5};
const LineId held_by_a_hog{.chip = "left-gpio", .offset = 1};

void pull(const LineId& line, bool up) {
  std::ofstream(chip_folder + "/sim_gpio" + std::to_string(line.offset) + "/pull") << (up ? "pull-up" : "pull-down");
}

/// The level in volts, as the world outside sees it.
bool level(const LineId& line) {
  int value = -1;
  std::ifstream(chip_folder + "/sim_gpio" + std::to_string(line.offset) + "/value") >> value;
  return value == 1;
}

/// Keeps duplicates as the service manager does.
class Shelf final : public LineKeeper {
 public:
  FileDescriptor take(const std::string& place) override {
    return left.contains(place) ? FileDescriptor(::dup(left.at(place).get())) : FileDescriptor();
  }
  void keep(const std::string& place, int fd) override { left.insert_or_assign(place, FileDescriptor(::dup(fd))); }
  void forget(const std::string& place) override { left.erase(place); }
  void forget_but(const std::vector<std::string>& places) override {
    std::erase_if(left, [&](const auto& entry) { return std::ranges::find(places, entry.first) == places.end(); });
  }
  std::map<std::string, FileDescriptor> left;
};

std::optional<LineEvent> wait_for_event(InputLine& line) {
  pollfd fd{line.fd(), POLLIN, 0};
  if (::poll(&fd, 1, 10'000) != 1) return std::nullopt;
  return line.next_event().value();
}

class GpioContract : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& line : {button, relay, lamp}) pull(line, false);
  }
  std::shared_ptr<Shelf> shelf = std::make_shared<Shelf>();
  std::unique_ptr<GpioPort> gpio = make_gpio_port(shelf);
};

TEST_F(GpioContract, ALineIsFoundByTheLabelTheNameAndThePathOfItsChipAndByItsOwnName) {
  const auto view = make_gpio_inspector()->look();
  const auto chip = std::ranges::find(view.chips, "board-gpio", &GpioChipInfo::label);
  ASSERT_NE(chip, view.chips.end());
  const LineId ways[] = {{.chip = "board-gpio", .offset = 1},
                         {.chip = chip->name, .offset = 1},
                         {.chip = "/dev/" + chip->name, .offset = 1},
                         {.name = "button"},
                         {.chip = "board-gpio", .name = "button"}};
  pull(button, true);
  for (const auto& way : ways) EXPECT_TRUE(gpio->request_input(way, {}).value()->active().value()) << way.chip;
}

TEST_F(GpioContract, WhatIsNotThereIsToldApart) {
  EXPECT_EQ(gpio->request_input({.chip = "no-gpio"}, {}).error().code, Errc::gone);
  EXPECT_EQ(gpio->request_input({.name = "no line"}, {}).error().code, Errc::gone);
  EXPECT_EQ(gpio->request_input({.chip = "/dev/null"}, {}).has_value(), false);
  const auto error = gpio->request_output({.chip = "board-gpio", .offset = 8}, {}).error();
  EXPECT_EQ(error.code, Errc::out_of_range);
  EXPECT_EQ(error.detail, "board-gpio has lines 0 to 7, not 8");
}

TEST_F(GpioContract, ANameThatTwoLinesHaveIsRefusedUnlessTheChipIsSaid) {
  const auto error = gpio->request_input({.name = "twin"}, {}).error();
  EXPECT_EQ(error.code, Errc::out_of_range);
  EXPECT_NE(error.detail.find("is the name of two lines"), std::string::npos) << error.detail;
  EXPECT_TRUE(gpio->request_input({.chip = "right-gpio", .name = "twin"}, {}));
}

TEST_F(GpioContract, AHeldLineIsBusyAndItsHolderIsNamed) {
  const auto error = gpio->request_output(held_by_a_hog, {}).error();
  EXPECT_EQ(error.code, Errc::busy);
  EXPECT_NE(error.detail.find("line 1"), std::string::npos) << error.detail;
  EXPECT_NE(error.detail.find("held by \"hog\""), std::string::npos) << error.detail;
}

TEST_F(GpioContract, ALineIsBusyUntilItIsLetGoOf) {
  auto first = gpio->request_input(button, {}).value();
  EXPECT_EQ(gpio->request_input(button, {}).error().code, Errc::busy);
  first.reset();
  EXPECT_TRUE(gpio->request_input(button, {}));
}

TEST_F(GpioContract, AnInputFollowsItsLevelAndActiveLowTurnsIt) {
  for (const bool edges : {false, true}) {
    for (const bool active_low : {false, true}) {
      const auto input = gpio->request_input(button, {.active_low = active_low, .edges = edges}).value();
      pull(button, true);
      EXPECT_EQ(input->active().value(), !active_low);
      pull(button, false);
      EXPECT_EQ(input->active().value(), active_low);
    }
  }
}

TEST_F(GpioContract, ABiasPullsAnOpenLine) {
  EXPECT_TRUE(gpio->request_input(button, {.bias = Bias::pull_up, .edges = false}).value()->active().value());
  EXPECT_FALSE(gpio->request_input(button, {.bias = Bias::pull_down, .edges = false}).value()->active().value());
}

TEST_F(GpioContract, EveryEdgeIsToldInOrderWithTheKernelsTime) {
  const auto input = gpio->request_input(button, {}).value();
  const auto before = std::chrono::steady_clock::now();
  pull(button, true);
  const auto rising = wait_for_event(*input);
  pull(button, false);
  const auto falling = wait_for_event(*input);
  ASSERT_TRUE(rising && falling);
  EXPECT_TRUE(rising->active);
  EXPECT_FALSE(falling->active);
  EXPECT_EQ(rising->lost_before + falling->lost_before, 0U);
  EXPECT_LE(before, rising->time);
  EXPECT_LE(rising->time, falling->time);
  EXPECT_LE(falling->time, std::chrono::steady_clock::now());
  EXPECT_FALSE(input->next_event().value());
}

TEST_F(GpioContract, OnlyTheAskedEdgesAreTold) {
  const auto input = gpio->request_input(button, {.told = Edges::to_inactive}).value();
  pull(button, true);
  pull(button, false);
  const auto event = wait_for_event(*input);
  ASSERT_TRUE(event);
  EXPECT_FALSE(event->active);
  EXPECT_FALSE(input->next_event().value());
}

TEST_F(GpioContract, ALineReadForItsLevelAloneHasNothingToWaitFor) {
  const auto input = gpio->request_input(button, {.edges = false}).value();
  pull(button, true);
  EXPECT_EQ(input->fd(), -1);
  EXPECT_FALSE(input->next_event().value());
}

TEST_F(GpioContract, AnOutputIsDrivenTogetherWithItsRequestAndByEachCommand) {
  for (const bool active_low : {false, true}) {
    const auto output = gpio->request_output(relay, {.active_low = active_low, .initial = true}).value();
    EXPECT_EQ(level(relay), !active_low);
    ASSERT_TRUE(output->set(false));
    EXPECT_EQ(level(relay), active_low);
    EXPECT_FALSE(output->active().value());
    ASSERT_TRUE(output->set(true));
    EXPECT_EQ(level(relay), !active_low);
    gpio->forget_outputs_but({});
  }
}

TEST_F(GpioContract, AnOutputWithoutAnInitialLevelKeepsTheOneItHas) {
  pull(relay, true);
  const auto output = gpio->request_output(relay, {.initial = std::nullopt}).value();
  EXPECT_TRUE(output->active().value());
  EXPECT_TRUE(level(relay));
}

TEST_F(GpioContract, ALeftOutputIsAdoptedWithItsLevelWhateverIsAskedFor) {
  gpio->request_output(lamp, {.initial = true}).value().reset();
  EXPECT_TRUE(level(lamp)) << "it stays requested, and so driven";
  EXPECT_EQ(gpio->request_input(lamp, {}).error().code, Errc::busy);
  const auto turned = gpio->request_output(lamp, {.active_low = true, .initial = true}).value();
  EXPECT_TRUE(level(lamp)) << "the voltage stays, what it means is turned";
  EXPECT_FALSE(turned->active().value());
}

TEST_F(GpioContract, AnOutputThatIsNoLongerWantedIsLetGoOf) {
  gpio->request_output(lamp, {.initial = true}).value().reset();
  gpio->request_output(relay, {.initial = true}).value().reset();
  gpio->forget_outputs_but({relay});
  EXPECT_FALSE(level(lamp)) << "back to its pull";
  EXPECT_TRUE(level(relay));
}

TEST_F(GpioContract, AFoundLineIsOutputThenInputWithoutBeingLookedUpAgain) {
  const auto found = make_line_finder()->find(relay).value();
  found->request_output({.initial = true}).value().reset();
  EXPECT_FALSE(level(relay)) << "nobody keeps it";
  const auto input = found->request_input({}).value();
  pull(relay, true);
  const auto event = wait_for_event(*input);
  ASSERT_TRUE(event);
  EXPECT_TRUE(event->active);
}

TEST_F(GpioContract, TheInspectorShowsNamesHoldersAndDirections) {
  const auto output = gpio->request_output(relay, {}).value();
  const auto view = make_gpio_inspector()->look();
  EXPECT_FALSE(view.denied);
  const auto chip = std::ranges::find(view.chips, "board-gpio", &GpioChipInfo::label);
  ASSERT_NE(chip, view.chips.end());
  ASSERT_EQ(chip->lines.size(), 8U);
  EXPECT_EQ(chip->lines[0].name, "");
  EXPECT_FALSE(chip->lines[0].used);
  EXPECT_EQ(chip->lines[1].name, "button");
  EXPECT_FALSE(chip->lines[1].output);
  EXPECT_EQ(chip->lines[3].name, "relay");
  EXPECT_EQ(chip->lines[3].holder, "board2mqtt");
  EXPECT_TRUE(chip->lines[3].used);
  EXPECT_TRUE(chip->lines[3].output);
  const auto left = std::ranges::find(view.chips, "left-gpio", &GpioChipInfo::label);
  ASSERT_NE(left, view.chips.end());
  ASSERT_EQ(left->lines.size(), 2U);
  EXPECT_EQ(left->lines[1].holder, "hog");
}

}  // namespace
}  // namespace b2m

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) return 2;
  b2m::chip_folder = argv[1];
  return RUN_ALL_TESTS();
}

#include "daemon/config/expander_lines.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/daemon/config/support.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::load_text;

LoadResult loaded(std::string_view sensors, std::string_view actuators = "") {
  return load_text(
      fmt::format(R"({{"board": "walnutpi-1b", "sensors": {{{}}}, "actuators": {{{}}}}})", sensors, actuators));
}

std::string first_problem(const LoadResult& result) {
  const auto& all = result.diagnostics.all();
  return all.empty() ? "" : fmt::format("{}: {}; {}", all.front().pointer, all.front().message, all.front().hint);
}

std::string problem_of_line(std::string_view line) {
  return first_problem(loaded(fmt::format(R"("a": {{"driver": "input", "line": "{}"}})", line)));
}

TEST(ExpanderLines, HaveOneNameHoweverTheyAreSpelled) {
  for (const auto* spelling : {"mcp23017@i2c-1:0x20/5", "mcp23017@/dev/i2c-1:0x20/5", "mcp23017@i2c-1:32/5"})
    EXPECT_EQ(parse_expander_line(spelling)->id(), (LineId{.chip = "mcp23017@i2c-1:0x20", .offset = 5})) << spelling;
  EXPECT_EQ(parse_expander_line("pcf8574a@i2c-1/mux:0x70:3:0x3f/0")->chip(), "pcf8574a@i2c-1/mux:0x70:3:0x3f");
}

TEST(ExpanderLines, WhatIsWrongIsSaidWithAWayOut) {
  EXPECT_EQ(
      problem_of_line("mcp23018@i2c-1:0x20/5"),
      "/sensors/a/line: \"mcp23018\" is not a GPIO expander; there are mcp23017, mcp23008, pcf8574, pcf8574a, pcf8575");
  EXPECT_EQ(problem_of_line("bme280@i2c-1:0x76/5").substr(0, 53),
            "/sensors/a/line: \"bme280\" is not a GPIO expander; the");
  EXPECT_EQ(problem_of_line("pcf8574@i2c-1:0x38/5"),
            "/sensors/a/line: 0x38 is not an address a pcf8574 can have (0x20 to 0x27); ");
  EXPECT_EQ(problem_of_line("mcp23008@i2c-1:0x20/8"), "/sensors/a/line: a mcp23008 has no line \"8\": it has 0 to 7; ");
  EXPECT_EQ(problem_of_line("mcp23017@1:0x20/8"), "/sensors/a/line: \"1\" is not an I2C bus; write \"i2c-1\"");
  for (const auto* spelling : {"@", "mcp23017@", "mcp23017@i2c-1", "mcp23017@i2c-1/5", "mcp23017@:/", "/:@", "a/0:1@",
                               "mcp23017@i2c-1:0x20/", "mcp23017@i2c-1:0x20/-1", "mcp23017@i2c-1:/1"})
    EXPECT_FALSE(parse_expander_line(spelling)) << spelling;
}

TEST(ExpanderLines, AreGatheredByChip) {
  const auto result = loaded(
      R"("a": {"driver": "input", "line": "mcp23017@i2c-1:0x20/5", "pull": "up", "interrupt_line": "PC9"},
         "b": {"driver": "input", "line": "mcp23017@i2c-1:0x20/8", "interrupt_line": "PC9", "poll": "2s"},
         "c": {"driver": "input", "line": "pcf8574@i2c-1:0x21/0"}, "d": {"driver": "input", "line": "pcf8574@i2c-1:0x22/0", "interrupt_line": "PC9"})",
      R"("r": {"driver": "switch", "line": "mcp23017@i2c-1:0x20/0"})");
  ASSERT_TRUE(result.config) << to_text(result.diagnostics);
  const auto& expanders = result.config->expanders;
  ASSERT_EQ(expanders.size(), 3U);
  EXPECT_EQ(expanders[0].chip, "mcp23017@i2c-1:0x20");
  EXPECT_EQ(expanders[0].outputs, 0x0001);
  EXPECT_EQ(expanders[0].inputs, 0x0120);
  EXPECT_EQ(expanders[0].pull_ups, 0x0020);
  EXPECT_EQ(expanders[0].poll, 2s);
  EXPECT_EQ(expanders[0].interrupt_line->offset, 73U);
  EXPECT_EQ(expanders[1].poll, 50ms);
  EXPECT_FALSE(expanders[1].interrupt_line);
  EXPECT_EQ(expanders[2].poll, 10s);
  EXPECT_EQ(result.config->actuators.at(0).lines.at("line"), (LineId{.chip = "mcp23017@i2c-1:0x20", .offset = 0}));
}

TEST(ExpanderLines, ClashWithWhatElseIsThere) {
  const std::string a = R"("a": {"driver": "input", "line": "mcp23017@i2c-1:0x20/5"},)";
  EXPECT_EQ(first_problem(loaded(a + R"("b": {"driver": "input", "line": "mcp23017@/dev/i2c-1:0x20/5"})")),
            "/sensors/b/line: /sensors/a has this line already; ");
  EXPECT_EQ(first_problem(loaded(a + R"("b": {"driver": "input", "line": "pcf8574@i2c-1:0x20/6"})")),
            "/sensors/b/line: /sensors/a has 0x20 on i2c-1 already; ");
  EXPECT_EQ(first_problem(loaded(R"("a": {"driver": "input", "line": "pcf8574a@i2c-1:0x38/0"},
                                    "b": {"driver": "veml6075", "bus": "i2c-1"})"))
                .substr(0, 22),
            "/sensors/b/driver: the");
  EXPECT_EQ(first_problem(loaded(R"("a": {"driver": "aht20", "bus": "i2c-1", "address": "0x38"},
                                    "b": {"driver": "input", "line": "pcf8574a@i2c-1:0x38/0"})")),
            "/sensors/b/line: /sensors/a has 0x38 on i2c-1 already; ");
  EXPECT_EQ(first_problem(loaded(R"("a": {"driver": "input", "line": "PC9"},
                                    "b": {"driver": "input", "line": "pcf8574@i2c-1:0x20/0", "interrupt_line": "PC9"})")),
            "/sensors/b/interrupt_line: /sensors/a has this line already; ");
}

TEST(ExpanderLines, AreRefusedWhereTheyCannotDo) {
  EXPECT_EQ(first_problem(loaded(R"("a": {"driver": "dht22", "line": "mcp23017@i2c-1:0x20/5"})")),
            "/sensors/a/line: a dht22 cannot be on a GPIO expander: its edges cannot be timed over a bus; use a line "
            "of the board");
  EXPECT_EQ(first_problem(loaded(R"("a": {"driver": "input", "line": "mcp23017@i2c-1:0x20/5", "pull": "down"})")),
            "/sensors/a/line: a mcp23017 has no pull-down; use a resistor to ground");
  EXPECT_EQ(
      first_problem(loaded("", R"("a": {"driver": "switch", "line": "mcp23017@i2c-1:0x20/5", "open_drain": true})")),
      "/actuators/a/line: a mcp23017 drives both levels, not only to ground; leave \"open_drain\" out, or use a "
      "pcf8574");
  EXPECT_EQ(first_problem(loaded(R"("a": {"driver": "input", "line": "PC8", "interrupt_line": "PC9"})")),
            "/sensors/a/interrupt_line: \"PC8\" is no line of a GPIO expander; the kernel tells its changes by itself; "
            "leave the key out");
  EXPECT_EQ(
      first_problem(loaded(R"("a": {"driver": "mcp23017", "bus": "i2c-1"})")),
      R"(/sensors/a/driver: mcp23017 is a GPIO expander, whose lines are used by an input or a switch; write {"driver": "input", "line": "mcp23017@i2c-1:0x20/0"})");
}

TEST(ExpanderLines, ADoubtfulInputIsWarnedOf) {
  const auto result = loaded(R"("a": {"driver": "input", "line": "mcp23017@i2c-1:0x20/7"})",
                             R"("b": {"driver": "switch", "line": "mcp23017@i2c-1:0x20/15"})");
  EXPECT_TRUE(result.config);
  EXPECT_EQ(result.diagnostics.warnings(), 1U);
}

TEST(SharedChips, ShareTheirAddressAndMustAgree) {
  const auto two = [](std::string_view second) {
    return first_problem(loaded(
        "",
        fmt::format(
            R"("a": {{"driver": "pca9685", "bus": "i2c-1", "address": "0x40", "channel": 0}}, "b": {{"driver": "pca9685", "bus": "i2c-1", "address": "0x40", {}}})",
            second)));
  };
  EXPECT_EQ(two(R"("channel": 1)"), "");
  EXPECT_EQ(two(R"("channel": 0)"), "/actuators/b/channel: /actuators/a has channel 0 of 0x40 on i2c-1 already; ");
  EXPECT_EQ(two(R"("channel": 1, "frequency_hz": 50)"),
            "/actuators/b/frequency_hz: /actuators/a says otherwise for the same chip, 0x40 on i2c-1; write the same "
            "for both");
  EXPECT_EQ(first_problem(loaded(R"("a": {"driver": "ina219", "bus": "i2c-1", "address": "0x40"})",
                                 R"("b": {"driver": "pca9685", "bus": "i2c-1", "address": "0x40", "channel": 0})")),
            "/actuators/b/address: /sensors/a has 0x40 on i2c-1 already; ");
}

TEST(SharedChips, AreSharedByDriversOfTheirDifferentParts) {
  const auto with_servo = [](std::string_view servo) {
    return first_problem(loaded(
        "",
        fmt::format(
            R"("a": {{"driver": "pca9685", "bus": "i2c-1", "address": "0x40", "channel": 0, "frequency_hz": 50}}, "b": {{"driver": "pca9685_servo", "bus": "i2c-1", "address": "0x40", {}}})",
            servo)));
  };
  EXPECT_EQ(with_servo(R"("channel": 1)"), "");
  EXPECT_EQ(with_servo(R"("channel": 0)"),
            "/actuators/b/channel: /actuators/a has channel 0 of 0x40 on i2c-1 already; ");
  EXPECT_EQ(with_servo(R"("channel": 1, "frequency_hz": 100)"),
            "/actuators/b/frequency_hz: /actuators/a says otherwise for the same chip, 0x40 on i2c-1; write the same "
            "for both");
  const auto converter = R"("a": {"driver": "pcf8591", "bus": "i2c-1", "address": "0x48"})";
  const auto output = R"("b": {"driver": "pcf8591_dac", "bus": "i2c-1", "address": "0x48", "reference_v": 3.3})";
  EXPECT_EQ(first_problem(loaded(converter, output)), "");
  EXPECT_EQ(first_problem(loaded(fmt::format("{}, {}", converter, R"("c": {"driver": "pcf8591", "bus": "i2c-1"})"))),
            "/sensors/c/address: /sensors/a has the pcf8591 at 0x48 on i2c-1 already; ");
  EXPECT_EQ(first_problem(loaded(R"("a": {"driver": "lm75", "bus": "i2c-1", "address": "0x48"})", output)),
            "/actuators/b/address: /sensors/a has 0x48 on i2c-1 already; ");
}

TEST(KernelOutputs, BelongToOneActuatorWhateverItsDriver) {
  const auto two = [](std::string_view first, std::string_view second) {
    return first_problem(loaded("", fmt::format(R"("a": {}, "b": {})", first, second)));
  };
  constexpr auto dimmer = R"({"driver": "pwm", "chip": "pwmchip0", "channel": 1})";
  EXPECT_EQ(two(dimmer, R"({"driver": "servo", "chip": "pwmchip0", "channel": 2})"), "");
  EXPECT_EQ(two(dimmer, R"({"driver": "servo", "chip": "pwmchip1", "channel": 1})"), "");
  EXPECT_EQ(two(dimmer, R"({"driver": "servo", "chip": "pwmchip0", "channel": 1})"),
            "/actuators/b/channel: /actuators/a has chip pwmchip0, channel 1 already; ");
  constexpr auto led = R"({"driver": "led", "led": "green:status"})";
  EXPECT_EQ(two(led, R"({"driver": "led", "led": "red:status"})"), "");
  EXPECT_EQ(two(led, led), "/actuators/b/led: /actuators/a has led green:status already; ");
}

TEST(KernelOutputs, OptionsThatContradictEachOtherAreReported) {
  EXPECT_EQ(first_problem(loaded(
                "", R"("a": {"driver": "servo", "chip": "pwmchip0", "channel": 1, "min_angle": 0, "max_angle": 0})")),
            "/actuators/a/max_angle: 0° is not above min_angle, 0°; to turn the other way round, exchange min_pulse_us "
            "and max_pulse_us");
}

TEST(Multiplexers, TheSameAddressBehindDifferentChannelsIsFine) {
  const auto two = [](std::string_view first, std::string_view second) {
    return first_problem(loaded(fmt::format(
        R"("a": {{"driver": "bme280", "bus": "{}"}}, "b": {{"driver": "bme280", "bus": "{}"}})", first, second)));
  };
  EXPECT_EQ(two("i2c-1/mux:0x70:0", "/dev/i2c-1/mux:0x70:1"), "");
  EXPECT_EQ(two("i2c-1/mux:0x70:0", "i2c-2"), "");
  EXPECT_EQ(two("i2c-1/mux:0x70:0", "i2c-1/mux:0x70:0"),
            "/sensors/b/address: /sensors/a has 0x76 on i2c-1/mux:0x70:0 already; ");
  EXPECT_EQ(two("i2c-1", "i2c-1/mux:0x70:0"), "/sensors/b/address: /sensors/a has 0x76 on i2c-1 already; ");
  EXPECT_EQ(two("i2c-1/mux:0x70:0", "i2c-1/mux:0x76:1"),
            "/sensors/b/bus: /sensors/a has 0x76 on i2c-1/mux:0x70:0: there cannot be a multiplexer; ");
  EXPECT_EQ(two("i2c-1/mux:0x76:0", "i2c-1"),
            "/sensors/a/address: 0x76 on i2c-1 is the multiplexer that /sensors/a is behind; ");
}

TEST(Multiplexers, ABusThatCannotBeIsRefused) {
  const auto problem = [](std::string_view bus) {
    return first_problem(loaded(fmt::format(R"("a": {{"driver": "bme280", "bus": "{}"}})", bus)));
  };
  EXPECT_EQ(problem("i2c-1/mux:0x6f:0"),
            "/sensors/a/bus: \"i2c-1/mux:0x6f:0\" is not an I2C bus; a multiplexer has an address from 0x70 to 0x77, "
            "not 0x6f");
  EXPECT_EQ(problem("i2c-1/mux:0x70:8"),
            "/sensors/a/bus: \"i2c-1/mux:0x70:8\" is not an I2C bus; a multiplexer has the channels 0 to 7, not 8");
  EXPECT_EQ(problem("i2c-1/70:8"),
            "/sensors/a/bus: \"i2c-1/70:8\" is not an I2C bus; behind a multiplexer write \"i2c-1/mux:0x70:3\"");
}

}  // namespace
}  // namespace b2m

#include "tests/vectors/check.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace b2m::vectors {
namespace {

using Kind = Verdict::Kind;

constexpr std::string_view as_expected = R"({"values": {"temperature": {"value": 25, "unit": "°C", "tol": 0.01}}})";
constexpr std::string_view otherwise = R"({"values": {"temperature": {"value": 26, "unit": "°C", "tol": 0.01}}})";
// NXP LM75B rev. 6.1, table 10: 0x1900 is 25 °C.
constexpr std::string_view lm75 =
    R"({"kind": "i2c_regs", "addr": "0x48", "layout": "be16", "regs": {"0x00": "0x1900"}})";

Verdict check(std::string_view chip, std::string_view given, std::string_view expect, bool advisory = false) {
  const auto chips = parse_vectors(fmt::format(R"({{"format": "board2mqtt-vectors/1", "chips": [{{"chip": "{}", "cases":
                  [{{"id": "a", "given": {}, "expect": {}, "advisory": {}}}]}}]}})",
                                               chip, given, expect, advisory));
  EXPECT_TRUE(chips) << to_string(chips.error());
  return check_case(chips->at(0), chips->at(0).cases.at(0), find_driver);
}

TEST(Check, ACaseIsRunWithTheDriverOfTheBuild) {
  EXPECT_EQ(check("LM75", lm75, as_expected).kind, Kind::passed);
  const auto failed = check("LM75", lm75, otherwise);
  EXPECT_EQ(failed.kind, Kind::failed);
  EXPECT_EQ(failed.reasons.at(0), "temperature: expected 26 °C ± 0.01, got 25 °C");
}

TEST(Check, AnAdvisoryCaseNeverFails) {
  EXPECT_EQ(check("LM75", lm75, otherwise, true).kind, Kind::differs);
  EXPECT_EQ(check("LM75", lm75, as_expected, true).kind, Kind::passed);
}

TEST(Check, WhatTheBuildHasNotIsSkippedWithItsReason) {
  EXPECT_EQ(check("LM99999", lm75, as_expected).reasons.at(0), "no driver for LM99999");
  EXPECT_EQ(check("LM75", R"({"kind": "can", "stream": ""})", as_expected).reasons.at(0), "no port for can");
  EXPECT_EQ(check("LM75", lm75, R"({"action": "jump", "final_regs": {"0": "0"}})").kind, Kind::skipped);
}

TEST(Check, ADeviceThatCannotBeBuiltFailsTheCase) {
  for (const std::string_view given : {
           R"({"kind": "i2c_regs"})",
           R"({"kind": "i2c_regs", "addr": "0x80"})",
           R"({"kind": "i2c_regs", "addr": "0x48", "layout": "be16"})",
           R"({"kind": "i2c_regs", "addr": "0x48", "layout": "be16", "regs": {"0x100": "0x0000"}})",
           R"({"kind": "i2c_regs", "addr": "0x48", "layout": "be16", "regs": {"0x00": "0x10000"}})",
           R"({"kind": "i2c_regs", "addr": "0x48", "layout": "be16", "regs": {}, "config_ready_bit": "x"})",
           R"({"kind": "i2c_regs", "addr": "0x48", "layout": "be16", "regs": {}, "on_write": [{}]})",
           R"({"kind": "i2c_regs", "addr": "0x48", "layout": "u8", "blocks": [{"at": "0xff", "hex": "0102"}]})",
           R"({"kind": "i2c_regs", "addr": "0x48", "layout": "u8", "blocks": [7]})",
           R"({"kind": "i2c_cmd", "addr": "0x48"})",
           R"({"kind": "i2c_cmd", "addr": "0x48", "replies": [{"cmds": ["0"], "read": ""}]})",
           R"({"kind": "i2c_cmd", "addr": "0x48", "replies": [{"cmds": ["00"]}]})",
           R"({"kind": "i2c_cmd", "addr": "0x48", "replies": [], "prefix_cmds": {"0": "00"}})",
           R"({"kind": "i2c_stream", "addr": "0x48", "control_mask": "3", "channels": {"1": "ffff"}})",
           R"({"kind": "i2c_port", "addr": "0x48", "pins": 7})",
           R"({"kind": "uart"})",
           R"({"kind": "uart", "stream": "4"})",
           R"({"kind": "uart", "exchanges": [{"tx": "01"}]})",
           R"({"kind": "spi"})",
           R"({"kind": "spi", "regs": {"0x80": "0x00"}})",
           R"({"kind": "spi", "exchanges": [{"mosi": "0102", "miso": "01"}]})",
           R"({"kind": "gpio_frame", "protocol": "dht"})",
           R"({"kind": "gpio_pulse", "protocol": "hcsr04", "echo_us": -1})",
           R"({"kind": "gpio_clocked", "protocol": "hx711", "word": "ffff"})",
           R"({"kind": "sysfs", "cls": "w1", "dir": "28-1", "files": {"w1_slave": 7}})",
       }) {
    EXPECT_EQ(check("LM75", given, as_expected).kind, Kind::failed) << given;
  }
}

TEST(Check, EmptyAnswersDoNoHarm) {
  EXPECT_EQ(check("SHT3x", R"({"kind": "i2c_cmd", "addr": "0x44", "replies": [{"cmds": ["2400"], "reads": []}]})",
                  R"({"reject": ["temperature"]})")
                .kind,
            Kind::passed);
}

TEST(Check, AnAdcFollowsTheRangeThatTheDriverChose) {
  // 0x2000 is a quarter of the full scale.
  constexpr std::string_view given =
      R"({"kind": "i2c_regs", "addr": "0x48", "layout": "be16", "regs": {"0x01": "0x8583"},
      "settings": {"fs_volts": 3.3},
      "on_write": [{"reg": "0x01", "mask": "0x7000", "equals": "0x4000", "set": [{"reg": "0x00", "word": "0x2000"}]}]})";
  EXPECT_EQ(check("ADS1115", given, R"({"values": {"AIN0": {"value": 0.825, "unit": "V", "tol": 0.001}}})").kind,
            Kind::passed);
}

}  // namespace
}  // namespace b2m::vectors

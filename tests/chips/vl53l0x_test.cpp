#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

void append(I2cScript& script, std::initializer_list<Bytes> writes) {
  for (const auto& bytes : writes) script.push_back(i2c::write(bytes));
}

/// STMicroelectronics, STSW-IMG005, vl53l0x_tuning.h of 02/11/2015 v36, in its order.
const Bytes tuning{0xff, 0x01, 0x00, 0x00, 0xff, 0x00, 0x09, 0x00, 0x10, 0x00, 0x11, 0x00, 0x24, 0x01, 0x25, 0xff,
                   0x75, 0x00, 0xff, 0x01, 0x4e, 0x2c, 0x48, 0x00, 0x30, 0x20, 0xff, 0x00, 0x30, 0x09, 0x54, 0x00,
                   0x31, 0x04, 0x32, 0x03, 0x40, 0x83, 0x46, 0x25, 0x60, 0x00, 0x27, 0x00, 0x50, 0x06, 0x51, 0x00,
                   0x52, 0x96, 0x56, 0x08, 0x57, 0x30, 0x61, 0x00, 0x62, 0x00, 0x64, 0x00, 0x65, 0x00, 0x66, 0xa0,
                   0xff, 0x01, 0x22, 0x32, 0x47, 0x14, 0x49, 0xff, 0x4a, 0x00, 0xff, 0x00, 0x7a, 0x0a, 0x7b, 0x00,
                   0x78, 0x21, 0xff, 0x01, 0x23, 0x34, 0x42, 0x00, 0x44, 0xff, 0x45, 0x26, 0x46, 0x05, 0x40, 0x40,
                   0x0e, 0x06, 0x20, 0x1a, 0x43, 0x40, 0xff, 0x00, 0x34, 0x03, 0x35, 0x44, 0xff, 0x01, 0x31, 0x04,
                   0x4b, 0x09, 0x4c, 0x05, 0x4d, 0x04, 0xff, 0x00, 0x44, 0x00, 0x45, 0x20, 0x47, 0x08, 0x48, 0x28,
                   0x67, 0x00, 0x70, 0x04, 0x71, 0x01, 0x72, 0xfe, 0x76, 0x00, 0x77, 0x00, 0xff, 0x01, 0x0d, 0x01,
                   0xff, 0x00, 0x80, 0x01, 0x01, 0xf8, 0xff, 0x01, 0x8e, 0x01, 0x00, 0x01, 0xff, 0x00, 0x80, 0x00};

/// The chip's memory: how many spads of which kind, and the good ones.
struct Memory {
  Bytes choice{0x00, 0x00, 0x83, 0x00};  // three with an aperture
  Bytes good_first{0xff, 0x5f, 0xff, 0xff};
  Bytes good_last{0xff, 0x0f, 0x00, 0x00};
  Bytes chosen{0x00, 0x50, 0x01, 0x00, 0x00, 0x00};  // of the spads from the 12th on: 12, 14 and 16
};

void append_memory(I2cScript& script, const Memory& memory) {
  script.push_back(i2c::write_read({0x89}, {0x00}));
  append(script, {{0x89, 0x01}, {0x88, 0x00}, {0x80, 0x01}, {0xff, 0x01}, {0x00, 0x00}});
  script.push_back(i2c::write_read({0x91}, {0x3c}));
  append(script, {{0xff, 0x06}});
  script.push_back(i2c::write_read({0x83}, {0x01}));
  append(script, {{0x83, 0x05}, {0xff, 0x07}, {0x81, 0x01}, {0x80, 0x01}});
  const std::pair<std::uint8_t, Bytes> words[] = {
      {0x6b, memory.choice}, {0x24, memory.good_first}, {0x25, memory.good_last}};
  for (const auto& [word, bytes] : words) {
    append(script, {{0x94, word}, {0x83, 0x00}});
    script.push_back(i2c::write_read({0x83}, {0x10}));
    append(script, {{0x83, 0x01}});
    script.push_back(i2c::write_read({0x90}, bytes));
  }
  append(script, {{0x81, 0x00}, {0xff, 0x06}});
  script.push_back(i2c::write_read({0x83}, {0x05}));
  append(script, {{0x83, 0x01}, {0xff, 0x01}, {0x00, 0x01}, {0xff, 0x00}, {0x80, 0x00}});
}

void append_set_up(I2cScript& script, const Memory& memory) {
  append(script, {{0xff, 0x01}, {0x4f, 0x00}, {0x4e, 0x2c}, {0xff, 0x00}, {0xb6, 0xb4}});
  Bytes map{0xb0};
  map.insert(map.end(), memory.chosen.begin(), memory.chosen.end());
  append(script, {map});
  for (std::size_t i = 0; i < tuning.size(); i += 2) append(script, {{tuning[i], tuning[i + 1]}});
  append(script, {{0x0a, 0x04}});
  script.push_back(i2c::write_read({0x84}, {0x11}));
  append(script, {{0x84, 0x01}, {0x0b, 0x01}});
}

void append_calibrations(I2cScript& script) {
  append(script, {{0x01, 0x01}, {0x00, 0x41}});
  script.push_back(i2c::write_read({0x13}, {0x04}));
  append(script, {{0x0b, 0x01}, {0x00, 0x00}, {0x01, 0x02}, {0x00, 0x01}});
  script.push_back(i2c::write_read({0x13}, {0x04}));
  append(script, {{0x0b, 0x01}, {0x00, 0x00}, {0x01, 0xe8}});
}

I2cScript start_with(const Memory& memory = {}) {
  I2cScript script{i2c::write_read({0xc0}, {0xee, 0xaa})};
  append_memory(script, memory);
  append_set_up(script, memory);
  append_calibrations(script);
  return script;
}

void append_trigger(I2cScript& script) {
  append(
      script,
      {{0x80, 0x01}, {0xff, 0x01}, {0x00, 0x00}, {0x91, 0x3c}, {0x00, 0x01}, {0xff, 0x00}, {0x80, 0x00}, {0x00, 0x01}});
}

I2cScript script_with(std::uint8_t status, std::uint16_t mm) {
  auto script = start_with();
  append_trigger(script);
  script.push_back(i2c::write_read({0x13}, {0x04}));
  Bytes result(12, 0);
  result[0] = static_cast<std::uint8_t>(status << 3 | 1);
  result[10] = static_cast<std::uint8_t>(mm >> 8);
  result[11] = static_cast<std::uint8_t>(mm & 0xff);
  script.push_back(i2c::write_read({0x14}, result));
  append(script, {{0x0b, 0x01}});
  return script;
}

Result<Poll> poll(const I2cScript& script) {
  ScriptedI2c bus(0x29, script);
  return poll_once(*make_i2c_sensor("vl53l0x", bus));
}

TEST(Vl53l0x, ReadsMillimetres) {
  const auto values = poll(script_with(11, 1234));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["distance"].value(), 1.234, 1e-12);
}

// STSW-IMG005, VL53L0X_get_pal_range_status.
TEST(Vl53l0x, OnlyAValidRangeIsADistance) {
  for (unsigned status = 0; status < 16; ++status) {
    if (status == 11) continue;
    const auto values = poll(script_with(static_cast<std::uint8_t>(status), 1234));
    ASSERT_TRUE(values);
    const bool hardware = status >= 1 && status <= 3;
    EXPECT_EQ((*values)["distance"].error().code, hardware ? Errc::io : Errc::out_of_range) << status;
  }
}

TEST(Vl53l0x, TheDistanceThatMeansNoTargetIsNone) {
  for (const std::uint16_t mm : {std::uint16_t{8190}, std::uint16_t{8191}})
    EXPECT_EQ((*poll(script_with(11, mm)))["distance"].error().code, Errc::out_of_range);
}

TEST(Vl53l0x, SpadsWithoutApertureAreTheFirstTwelve) {
  Memory memory{.choice = {0x00, 0x00, 0x05, 0x00}, .chosen = {0x1f, 0x00, 0x00, 0x00, 0x00, 0x00}};
  auto script = start_with(memory);
  ScriptedI2c bus(0x29, script);
  EXPECT_TRUE(run_step(*make_i2c_sensor("vl53l0x", bus), &Sensor::init));
}

TEST(Vl53l0x, AMemoryWithoutEnoughGoodSpadsIsAnError) {
  const Memory memory{.good_first = {0, 0, 0, 0}, .good_last = {0, 0, 0, 0}};
  I2cScript script{i2c::write_read({0xc0}, {0xee, 0xaa})};
  append_memory(script, memory);
  EXPECT_EQ(poll(script).error().code, Errc::io);
}

TEST(Vl53l0x, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("vl53l0x", 0x29, script_with(11, 100));
}

TEST(Vl53l0x, AnotherModelIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0xc0}, {0xff, 0xff})}).error().code, Errc::wrong_chip);
}

TEST(Vl53l0x, AMemoryThatDoesNotAnswerIsATimeout) {
  I2cScript script{i2c::write_read({0xc0}, {0xee, 0xaa})};
  append_memory(script, {});
  const auto asked = std::find_if(script.begin(), script.end(), [](const I2cStep& step) {
    return step.write == Bytes{0x83, 0x00};
  });
  script.erase(asked + 1, script.end());
  for (int i = 0; i < 50; ++i) script.push_back(i2c::write_read({0x83}, {0x00}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

TEST(Vl53l0x, APartThatNeverGetsReadyIsATimeout) {
  auto script = start_with();
  append_trigger(script);
  for (int i = 0; i < 100; ++i) script.push_back(i2c::write_read({0x13}, {0x00}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

TEST(Vl53l0x, StartsFromTheFirstPageAfterAnError) {
  const auto whole = script_with(11, 100);
  I2cScript script(whole.begin(), whole.begin() + 6);
  script.back() = i2c::failing(script.back(), Errc::no_ack);
  append(script, {{0xff, 0x00}, {0x80, 0x00}, {0x00, 0x00}});
  script.insert(script.end(), whole.begin(), whole.end());
  ScriptedI2c bus(0x29, script);
  const auto sensor = make_i2c_sensor("vl53l0x", bus);
  EXPECT_FALSE(poll_once(*sensor));
  EXPECT_TRUE(poll_once(*sensor));
}

}  // namespace
}  // namespace b2m

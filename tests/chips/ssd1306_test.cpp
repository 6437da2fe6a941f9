// SSD1306: Solomon Systech, rev. 1.5, §8.1.5.2 control byte, §10.1 page addressing. SH1106: Sino Wealth, V2.3.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

/// The memory of a display, written by page addressing.
class FakeOled final : public I2cBus {
 public:
  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override {
    EXPECT_EQ(address, 0x3c);
    if (error) return tl::unexpected(*error);
    for (const auto& op : ops) {
      EXPECT_FALSE(op.is_read());
      longest = std::max(longest, op.write.size());
      const auto bytes = op.write.subspan(1);
      op.write[0] == 0x40 ? store(bytes) : command(bytes);
    }
    return {};
  }
  /// The dots of one letter, top row first, seven rows.
  [[nodiscard]] std::vector<std::string> letter(std::size_t line, std::size_t column, std::size_t first = 0) const {
    std::vector<std::string> rows;
    for (unsigned row = 0; row < 7; ++row) {
      std::string dots;
      for (std::size_t dot = 0; dot < 5; ++dot)
        dots += (memory.at(line).at(first + 1 + column * 6 + dot) >> row & 1) != 0 ? '#' : '.';
      rows.push_back(dots);
    }
    return rows;
  }

  std::array<std::array<std::uint8_t, 132>, 8> memory = filled();
  bool on = false;
  std::vector<std::uint8_t> setup;
  std::size_t sent = 0;
  std::size_t longest = 0;
  std::optional<Error> error;

 private:
  static std::array<std::array<std::uint8_t, 132>, 8> filled() {
    std::array<std::array<std::uint8_t, 132>, 8> memory{};
    for (auto& page : memory) page.fill(0xa5);  // what a memory holds after power-on is anybody's guess
    return memory;
  }
  void store(std::span<const std::uint8_t> bytes) {
    for (const auto byte : bytes) memory.at(page_).at(column_++) = byte;
    sent += bytes.size();
  }
  void command(std::span<const std::uint8_t> bytes) {
    if (bytes.size() > 3) return setup.assign(bytes.begin(), bytes.end());
    for (const auto byte : bytes) {
      if (byte >= 0xb0 && byte <= 0xb7) page_ = byte & 7U;
      if (byte < 0x10) column_ = (column_ & 0xf0U) | byte;
      if (byte >= 0x10 && byte < 0x20) column_ = (column_ & 0x0fU) | (byte & 0x0fU) << 4U;
      if (byte == 0xaf) on = true;
    }
  }
  std::size_t page_ = 0;
  std::size_t column_ = 0;
};

class Oled : public testing::Test {
 protected:
  void make(std::string_view name = "ssd1306", const OptionTexts& given = {}) {
    const auto ref = driver_named(name);
    Options options = make_options(*ref.driver, given);
    options.set("address", std::int64_t{0x3c});
    display_ = ref.driver->make_actuator({.options = options, .model = ref.model, .i2c = &oled_});
    ASSERT_TRUE(display_->prepare());
    ASSERT_TRUE(display_->init(std::nullopt));
    finish();
  }
  void finish() {
    for (int steps = 0; display_->advance().value().again(); ++steps) ASSERT_LT(steps, 1000);
  }
  void show(const std::string& text) {
    oled_.sent = 0;
    EXPECT_EQ(display_->apply(ActuatorState(text)), ActuatorState(text));
    finish();
  }
  FakeOled oled_;
  std::unique_ptr<Actuator> display_;
};

const std::vector<std::string> letter_t{"#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."};
const std::vector<std::string> degree{".##..", "#..#.", "#..#.", ".##..", ".....", ".....", "....."};
const std::vector<std::string> blank(7, ".....");

TEST_F(Oled, clears_its_memory_before_it_lights_up) {
  make();
  for (const auto& page : oled_.memory)
    EXPECT_TRUE(std::all_of(page.begin(), page.begin() + 128, [](auto byte) { return byte == 0; }));
  EXPECT_EQ(oled_.sent, 8 * 128U);
  EXPECT_TRUE(oled_.on);
}

TEST_F(Oled, shows_lines_of_text_and_signs_beyond_ascii) {
  make();
  show("T\n T°");
  EXPECT_EQ(oled_.letter(0, 0), letter_t);
  EXPECT_EQ(oled_.letter(1, 0), blank);
  EXPECT_EQ(oled_.letter(1, 1), letter_t);
  EXPECT_EQ(oled_.letter(1, 2), degree);
}

TEST_F(Oled, sends_only_what_has_changed) {
  make();
  show("21.5");
  show("21.5");
  EXPECT_EQ(oled_.sent, 0U);
  show("21.6");
  EXPECT_LE(oled_.sent, 5U);
  EXPECT_GT(oled_.sent, 0U);
}

TEST_F(Oled, sends_in_pieces_between_which_others_have_their_turn) {
  make();
  EXPECT_LE(oled_.longest, 33U);
  display_->apply(ActuatorState(std::string("Hello"))).value();
  const auto step = display_->advance();
  EXPECT_TRUE(step.value().again());
  EXPECT_GT(step->pause(), 0us);
}

TEST_F(Oled, an_empty_text_is_a_dark_display) {
  make();
  show("Hello");
  show("");
  EXPECT_EQ(oled_.letter(0, 0), blank);
}

TEST_F(Oled, a_flat_one_has_four_lines_and_other_pins) {
  make("ssd1306", {{"height", "32"}});
  EXPECT_EQ(oled_.sent, 4 * 128U);
  const std::vector<std::uint8_t> pins{0xda, 0x02};
  EXPECT_NE(std::search(oled_.setup.begin(), oled_.setup.end(), pins.begin(), pins.end()), oled_.setup.end());
  show("1\n2\n3\n4\n5");
}

TEST_F(Oled, an_sh1106_shows_the_columns_in_the_middle_of_its_memory) {
  make("sh1106");
  show("T");
  EXPECT_EQ(oled_.letter(0, 0, 2), letter_t);
}

TEST_F(Oled, a_failed_transfer_is_an_error_and_what_was_not_sent_is_sent_later) {
  make();
  display_->apply(ActuatorState(std::string("T"))).value();
  oled_.error = Error{Errc::no_ack, "injected"};
  EXPECT_EQ(display_->advance().error().code, Errc::no_ack);
  EXPECT_EQ(display_->prepare().error().code, Errc::no_ack);
  oled_.error.reset();
  ASSERT_TRUE(display_->prepare());
  ASSERT_TRUE(display_->init(ActuatorState(std::string("T"))));
  finish();
  EXPECT_EQ(oled_.letter(0, 0), letter_t);
}

TEST_F(Oled, takes_text_alone) {
  make();
  EXPECT_EQ(display_->apply(ActuatorState(1.0)).error().code, Errc::unsupported);
}

TEST_F(Oled, has_one_of_two_heights) {
  const auto& driver = *driver_named("ssd1306").driver;
  EXPECT_FALSE(driver.check_options(make_options(driver, {{"height", "32"}})));
  EXPECT_EQ(driver.check_options(make_options(driver, {{"height", "48"}}))->key, "height");
}

}  // namespace
}  // namespace b2m

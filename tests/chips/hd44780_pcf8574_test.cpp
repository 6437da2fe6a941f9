// Hitachi, HD44780U ADE-207-272: figure 24 (4-bit initialisation), table 6 (instructions), figure 11 (addresses).
#include <gtest/gtest.h>

#include "tests/fakes/lcd_controller.hpp"
#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

class FakeLcd final : public I2cBus, public LcdController {
 public:
  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override {
    EXPECT_EQ(address, 0x27);
    if (error) return tl::unexpected(*error);
    for (const auto& op : ops) {
      EXPECT_FALSE(op.is_read());
      sent += op.write.size();
      for (const auto pins : op.write) take(pins);
    }
    return {};
  }

  std::size_t sent = 0;
  std::optional<Error> error;
};

class Lcd : public testing::Test {
 protected:
  void make(std::string_view name = "lcd1602", const OptionTexts& given = {}) {
    const auto ref = driver_named(name);
    Options options = make_options(*ref.driver, given);
    options.set("address", std::int64_t{0x27});
    display_ = ref.driver->make_actuator({.options = options, .model = ref.model, .i2c = &lcd_});
    start();
  }
  void start() {
    auto progress = display_->prepare();
    for (int steps = 0; progress && progress->again(); progress = display_->prepare()) ASSERT_LT(++steps, 100);
    ASSERT_TRUE(progress);
    ASSERT_TRUE(display_->init(std::nullopt));
    finish();
  }
  void finish() {
    for (int steps = 0; display_->advance().value().again(); ++steps) ASSERT_LT(steps, 1000);
  }
  void show(const std::string& text) {
    lcd_.sent = 0;
    EXPECT_EQ(display_->apply(ActuatorState(text)), ActuatorState(text));
    finish();
  }
  FakeLcd lcd_;
  std::unique_ptr<Actuator> display_;
};

TEST_F(Lcd, is_on_and_empty_after_the_start) {
  make();
  EXPECT_TRUE(lcd_.on);
  EXPECT_TRUE(lcd_.light);
  EXPECT_EQ(lcd_.line(0x00, 16), std::string(16, ' '));
}

TEST_F(Lcd, starts_from_any_state_of_the_part) {
  make();
  lcd_.error = Error{Errc::no_ack, "injected"};
  EXPECT_EQ(display_->apply(ActuatorState(std::string("x"))), ActuatorState(std::string("x")));
  EXPECT_EQ(display_->advance().error().code, Errc::no_ack);
  lcd_.error.reset();
  start();  // from four bits
  show("again");
  EXPECT_EQ(lcd_.line(0x00, 5), "again");
}

TEST_F(Lcd, waits_as_long_as_the_datasheet_asks_for) {
  make();
  const std::vector<Progress::Duration> least{40ms, 4100us, 100us, 37us, 37us, 1520us};
  for (const auto pause : least) EXPECT_GE(display_->prepare().value().pause(), pause);
}

TEST_F(Lcd, shows_two_lines_and_cuts_what_is_too_long) {
  make();
  show("T 21.5 and more than fits\nsecond\nthird");
  EXPECT_EQ(lcd_.line(0x00, 16), "T 21.5 and more ");
  EXPECT_EQ(lcd_.line(0x40, 16), "second          ");
}

TEST_F(Lcd, the_third_and_fourth_line_go_on_where_the_first_and_second_end) {
  make("lcd2004");
  show("one\ntwo\nthree\nfour");
  EXPECT_EQ(lcd_.line(0x00, 20), "one                 ");
  EXPECT_EQ(lcd_.line(0x40, 20), "two                 ");
  EXPECT_EQ(lcd_.line(0x14, 20), "three               ");
  EXPECT_EQ(lcd_.line(0x54, 20), "four                ");
}

TEST_F(Lcd, what_the_character_sets_do_not_agree_on_are_glyphs_of_its_own) {
  make();
  show("21\u00b0 5\u00b5 5\u03bc \\~ \u20ac");
  EXPECT_EQ(lcd_.line(0x00, 14), std::string("21\0 5\1 5\1 \2\3 ?", 14));
  EXPECT_EQ(lcd_.glyphs[0], 0b01100) << "the top of the degree sign";
  EXPECT_EQ(lcd_.glyphs[8 + 7], 0b10000) << "the foot of the micro sign";
}

TEST_F(Lcd, sends_only_what_has_changed) {
  make();
  show("21.5");
  show("21.5");
  EXPECT_EQ(lcd_.sent, 0U);
  show("21.6");
  EXPECT_EQ(lcd_.sent, 12U) << "the address and one character, of six bytes each";
}

TEST_F(Lcd, is_dark_where_no_light_is_wanted) {
  make("lcd1602", {{"backlight", "false"}});
  show("Hello");
  EXPECT_FALSE(lcd_.light);
}

TEST_F(Lcd, takes_text_alone) {
  make();
  EXPECT_EQ(display_->apply(ActuatorState(true)).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace b2m

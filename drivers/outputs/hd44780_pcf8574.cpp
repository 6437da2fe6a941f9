// Character displays with an HD44780 (Hitachi, ADE-207-272 rev. 0.0) or its many likenesses behind a PCF8574 (NXP,
// rev. 5) on the usual backpack: P0 RS, P1 R/W, P2 E, P3 backlight, P4 to P7 DB4 to DB7.
// Supported: 16x2 and 20x4, the backlight on or off. The letters that differ between the parts' character sets, and the
// degree and micro signs, are the gateway's own. Not supported: other backpacks, the cursor; a display that lost its
// supply for a moment shows nothing until it is started anew, since nothing is read from it.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "drivers/api/driver.hpp"
#include "drivers/engine/font_5x8.hpp"
#include "drivers/engine/text_grid.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

// PCF8574 and PCF8574A; all address jumpers of a backpack are open as it comes.
constexpr std::uint8_t addresses[] = {0x27, 0x3f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25,
                                      0x26, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e};

struct Panel {
  std::size_t columns;
  std::size_t rows;
};
constexpr Model models[] = {{.name = "lcd1602", .summary = "2 lines of 16 characters"},
                            {.name = "lcd2004", .summary = "4 lines of 20 characters"}};
constexpr Panel panels[] = {{16, 2}, {20, 4}};

constexpr OptionSpec options[] = {
    {.key = "backlight", .type = OptionType::boolean, .summary = "light behind the letters", .fallback = "true"},
};

// Pins of the backpack.
constexpr std::uint8_t rs_data = 0x01;
constexpr std::uint8_t enable = 0x04;
constexpr std::uint8_t light = 0x08;

// Instructions (table 6).
constexpr std::uint8_t clear = 0x01;
constexpr std::uint8_t entry_to_the_right = 0x06;
constexpr std::uint8_t display_off = 0x08;
constexpr std::uint8_t display_on = 0x0c;
constexpr std::uint8_t four_bits_two_lines = 0x28;
constexpr std::uint8_t set_glyph_address = 0x40;
constexpr std::uint8_t set_address = 0x80;

/// Characters that the parts have elsewhere, or not at all: the places 0, 1 … of the memory for own ones.
constexpr std::array own_characters{U'\u00b0', U'\u00b5', U'\\', U'~'};
constexpr std::size_t rows_of_a_glyph = 8;

// Three bytes of the bus for each half: 27 µs at 1 MHz, 68 µs at 400 kHz; 37 µs lie between two characters (table 6).
constexpr std::size_t most_at_once = 4;
constexpr Progress::Duration turn_of_others = 1ms;

std::uint8_t code_of(char32_t character) {
  if (character == U'\u03bc') character = U'\u00b5';
  const auto own = std::find(own_characters.begin(), own_characters.end(), character);
  if (own != own_characters.end()) return static_cast<std::uint8_t>(own - own_characters.begin());
  return static_cast<std::uint8_t>(character);
}

/// Worker only.
class CharacterDisplay final : public Actuator {
 public:
  CharacterDisplay(I2cDevice device, Panel panel, bool backlight)
      : device_(device),
        panel_(panel),
        light_(backlight ? light : std::uint8_t{0}),
        wanted_(panel.columns * panel.rows, ' '),
        shown_(wanted_) {}

  Result<Progress> prepare() override;
  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override;
  Result<ActuatorState> apply(const ActuatorState& target) override;
  Result<Progress> advance() override;

 private:
  Result<Progress> prepare_step();
  Result<> write_half(std::uint8_t high_bits);
  Result<> write(std::initializer_list<std::uint8_t> instructions, std::span<const std::uint8_t> characters = {});
  Result<> write_glyph(std::size_t place);
  void append(std::vector<std::uint8_t>& bytes, std::uint8_t value, std::uint8_t rs) const;
  [[nodiscard]] std::uint8_t address_of(std::size_t cell) const;

  I2cDevice device_;
  Panel panel_;
  std::uint8_t light_;
  std::vector<std::uint8_t> wanted_;  ///< codes, row by row
  std::vector<std::uint8_t> shown_;
  std::size_t step_ = 0;  ///< of the preparation
};

Result<Progress> CharacterDisplay::prepare() {
  auto progress = prepare_step();
  step_ = progress && progress->again() ? step_ + 1 : 0;
  return progress;
}

/// Figure 24: from whatever state to four bits, which takes 8-bit instructions of which only the upper half is wired.
Result<Progress> CharacterDisplay::prepare_step() {
  constexpr std::size_t first_glyph = 6;
  switch (step_) {
    case 0: B2M_TRY(device_.write({light_})); return Progress::again_after(50ms);  // 40 ms after power-on at 2.7 V
    case 1: B2M_TRY(write_half(0x30)); return Progress::again_after(5ms);          // 4.1 ms
    case 2:                                                                        // 100 µs
    case 3: B2M_TRY(write_half(0x30)); return Progress::again_after(1ms);
    case 4: B2M_TRY(write_half(0x20)); return Progress::again_after(1ms);
    case 5:
      B2M_TRY(write({four_bits_two_lines, display_off, clear}));
      std::fill(shown_.begin(), shown_.end(), std::uint8_t{' '});
      return Progress::again_after(3ms);  // 1.52 ms, more with a slower oscillator
    default: break;
  }
  if (const auto glyph = step_ - first_glyph; glyph < 2 * own_characters.size()) {
    B2M_TRY(write_glyph(glyph));
    return Progress::again_after(turn_of_others);
  }
  B2M_TRY(write({entry_to_the_right, display_on}));
  return Progress::done_after(turn_of_others);
}

/// One half of a glyph, counted from the first glyph's upper one.
Result<> CharacterDisplay::write_glyph(std::size_t place) {
  constexpr std::size_t rows = rows_of_a_glyph / 2;
  const auto& glyph = *find_glyph(own_characters.at(place / 2));
  return write({static_cast<std::uint8_t>(set_glyph_address | place * rows)},
               std::span(glyph).subspan(place % 2 * rows, rows));
}

Result<ActuatorState> CharacterDisplay::init(const std::optional<ActuatorState>& initial) {
  return apply(initial.value_or(std::string()));
}

Result<ActuatorState> CharacterDisplay::apply(const ActuatorState& target) {
  const auto* text = std::get_if<std::string>(&target);
  if (text == nullptr) return fail(Errc::unsupported, "a display shows text");
  const auto grid = lay_out(*text, panel_.columns, panel_.rows);
  std::transform(grid.cells.begin(), grid.cells.end(), wanted_.begin(), code_of);
  return target;
}

Result<Progress> CharacterDisplay::advance() {
  const auto [wanted, shown] = std::mismatch(wanted_.begin(), wanted_.end(), shown_.begin());
  if (wanted == wanted_.end()) return Progress::done();
  const auto from = static_cast<std::size_t>(wanted - wanted_.begin());
  const auto end_of_row = (from / panel_.columns + 1) * panel_.columns;
  auto count = std::min(most_at_once, end_of_row - from);
  while (wanted_[from + count - 1] == shown_[from + count - 1]) --count;
  B2M_TRY(write({static_cast<std::uint8_t>(set_address | address_of(from))}, std::span(wanted_).subspan(from, count)));
  std::copy_n(wanted, count, shown);
  return Progress::again_after(turn_of_others);
}

/// The third and fourth line go on where the first and second end; the second begins at 0x40.
std::uint8_t CharacterDisplay::address_of(std::size_t cell) const {
  const auto row = cell / panel_.columns;
  const auto column = cell % panel_.columns;
  return static_cast<std::uint8_t>(row % 2 * 0x40 + row / 2 * panel_.columns + column);
}

Result<> CharacterDisplay::write_half(std::uint8_t high_bits) {
  const auto pins = static_cast<std::uint8_t>(high_bits | light_);
  return device_.write({pins, static_cast<std::uint8_t>(pins | enable), pins});
}

/// In one transfer, so that nobody comes between the halves.
Result<> CharacterDisplay::write(std::initializer_list<std::uint8_t> instructions,
                                 std::span<const std::uint8_t> characters) {
  std::vector<std::uint8_t> bytes;
  for (const auto instruction : instructions) append(bytes, instruction, 0);
  for (const auto character : characters) append(bytes, character, rs_data);
  return device_.write(bytes);
}

/// RS stands before E rises; the part takes each half when E falls.
void CharacterDisplay::append(std::vector<std::uint8_t>& bytes, std::uint8_t value, std::uint8_t rs) const {
  for (const unsigned half : {value & 0xf0U, (value & 0x0fU) << 4U}) {
    const auto pins = static_cast<std::uint8_t>(half | light_ | rs);
    bytes.insert(bytes.end(), {pins, static_cast<std::uint8_t>(pins | enable), pins});
  }
}

std::unique_ptr<Actuator> make(const DriverContext& context) {
  return std::make_unique<CharacterDisplay>(i2c_device(context), panels[context.model],
                                            context.options.flag("backlight"));
}

}  // namespace

B2M_DRIVER(hd44780_pcf8574) = {
    .name = "hd44780_pcf8574",
    .summary = "character display of 16x2 or 20x4 with an I2C backpack",
    .datasheet = "Hitachi, HD44780U ADE-207-272 rev. 0.0; NXP, PCF8574 rev. 5",
    .wiring =
        "VCC 5 V. The backpack pulls SDA and SCL up to 5 V: remove its pull-ups or use a level shifter. The "
        "potentiometer sets the contrast; a row of boxes means that nothing was sent yet",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .options = options,
    .make_actuator = make,
    .output = {.kind = ActuatorKind::text},
    .example = R"({"driver": "lcd1602", "bus": "i2c-1", "address": "0x27"})",
};

}  // namespace b2m

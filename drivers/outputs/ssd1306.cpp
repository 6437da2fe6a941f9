// Displays of 128 by 64 or 128 by 32 dots. SSD1306: Solomon Systech, rev. 1.5. SH1106: Sino Wealth, V2.3.
// Supported: text in letters of 5 by 8 dots, 21 to a line, 8 or 4 lines; contrast; upside down. Only what has changed
// is sent, in pieces, by page addressing, which is all that an SH1106 has. Not supported: graphics, scrolling, the
// displays' SPI mode; a display that lost its supply for a moment stays dark until it is started anew.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "drivers/api/driver.hpp"
#include "drivers/engine/font_5x8.hpp"
#include "drivers/engine/text_grid.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x3c, 0x3d};

constexpr Model models[] = {{.name = "ssd1306", .summary = "0.91 and 0.96 inch"},
                            {.name = "sh1106", .summary = "1.3 inch"}};
constexpr std::size_t sh1106 = 1;

constexpr OptionSpec options[] = {
    {.key = "height",
     .type = OptionType::integer,
     .summary = "rows of dots, 64 or 32",
     .fallback = "64",
     .min = 32,
     .max = 64},
    {.key = "contrast",
     .type = OptionType::integer,
     .summary = "brightness of the dots",
     .fallback = "127",
     .min = 0,
     .max = 255},
    {.key = "upside_down", .type = OptionType::boolean, .summary = "turned by half a turn", .fallback = "false"},
};

std::optional<OptionProblem> check(const Options& given) {
  const auto height = given.integer("height");
  if (height == 32 || height == 64) return std::nullopt;
  return OptionProblem{"height", "such a display has 64 or 32 rows of dots"};
}

constexpr std::size_t width = 128;
constexpr std::size_t rows_of_a_page = 8;
constexpr std::size_t pitch = glyph_width + 1;
constexpr std::size_t columns_of_text = width / pitch;
constexpr std::size_t left_margin = 1;

// The byte before commands, and before data for the memory (SSD1306 §8.1.5.2).
constexpr std::uint8_t commands = 0x00;
constexpr std::uint8_t data = 0x40;

// Some 4 ms of a bus at 100 kHz; after it others have their turn.
constexpr std::size_t most_at_once = 32;
constexpr Progress::Duration turn_of_others = 1ms;

constexpr std::uint8_t display_off = 0xae;
constexpr std::uint8_t display_on = 0xaf;

/// What the part is told before its first picture.
std::vector<std::uint8_t> setup_of(std::size_t model, std::size_t height, std::uint8_t contrast, bool upside_down) {
  const auto last_row = static_cast<std::uint8_t>(height - 1);
  const std::uint8_t com_pins = height == 64 ? 0x12 : 0x02;  // alternating, or in sequence
  std::vector<std::uint8_t> setup{commands, display_off};
  const auto add = [&](std::initializer_list<std::uint8_t> bytes) { setup.insert(setup.end(), bytes); };
  add({0xd5, 0x80});      // clock
  add({0xa8, last_row});  // multiplex ratio
  add({0xd3, 0x00});      // no offset
  add({0x40});            // start line 0
  if (model == sh1106) {
    add({0xad, 0x8b});  // built-in DC-DC converter on
  } else {
    add({0x8d, 0x14});  // charge pump on
    add({0x20, 0x02});  // page addressing
  }
  add({static_cast<std::uint8_t>(upside_down ? 0xa0 : 0xa1)});  // segments
  add({static_cast<std::uint8_t>(upside_down ? 0xc0 : 0xc8)});  // commons
  add({0xda, com_pins});
  add({0x81, contrast});
  add({0xd9, 0xf1});  // precharge, for a built-in supply
  add({0xdb, 0x40});  // deselect level
  add({0xa4, 0xa6});  // show the memory, a one is bright
  return setup;
}

/// Worker only.
class Oled final : public Actuator {
 public:
  Oled(I2cDevice device, std::vector<std::uint8_t> setup, std::size_t pages, std::size_t first_column)
      : device_(device),
        setup_(std::move(setup)),
        pages_(pages),
        first_column_(first_column),
        wanted_(pages * width),
        shown_(pages * width) {}

  Result<Progress> prepare() override;
  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override;
  Result<ActuatorState> apply(const ActuatorState& target) override;
  Result<Progress> advance() override;

 private:
  void draw(std::string_view text);
  [[nodiscard]] std::optional<std::size_t> first_change() const;
  Result<> send(std::size_t from, std::size_t count);

  I2cDevice device_;
  std::vector<std::uint8_t> setup_;
  std::size_t pages_;
  std::size_t first_column_;
  std::vector<std::uint8_t> wanted_;                ///< the picture: page by page, a byte for eight dots of a column
  std::vector<std::optional<std::uint8_t>> shown_;  ///< what the part has; none: unknown
  bool on_ = false;
};

/// Dark until the memory, which holds anything, has been written.
Result<Progress> Oled::prepare() {
  on_ = false;
  std::fill(shown_.begin(), shown_.end(), std::nullopt);
  B2M_TRY(device_.write(setup_));
  return Progress::done();
}

Result<ActuatorState> Oled::init(const std::optional<ActuatorState>& initial) {
  return apply(initial.value_or(std::string()));
}

Result<ActuatorState> Oled::apply(const ActuatorState& target) {
  const auto* text = std::get_if<std::string>(&target);
  if (text == nullptr) return fail(Errc::unsupported, "a display shows text");
  draw(*text);
  return target;
}

Result<Progress> Oled::advance() {
  if (const auto from = first_change()) {
    const auto end_of_page = (*from / width + 1) * width;
    auto end = std::min(*from + most_at_once, end_of_page);
    while (shown_[end - 1] == wanted_[end - 1]) --end;
    B2M_TRY(send(*from, end - *from));
    return Progress::again_after(turn_of_others);
  }
  if (!on_) B2M_TRY(device_.write({commands, display_on}));
  on_ = true;
  return Progress::done();
}

void Oled::draw(std::string_view text) {
  const auto grid = lay_out(text, columns_of_text, pages_);
  std::fill(wanted_.begin(), wanted_.end(), std::uint8_t{0});
  for (std::size_t row = 0; row < grid.rows; ++row)
    for (std::size_t column = 0; column < grid.columns; ++column)
      for (std::size_t dot = 0; dot < glyph_width; ++dot)
        wanted_[row * width + left_margin + column * pitch + dot] =
            glyph_column(*find_glyph(grid.at(row, column)), dot);
}

std::optional<std::size_t> Oled::first_change() const {
  for (std::size_t i = 0; i < wanted_.size(); ++i)
    if (shown_[i] != wanted_[i]) return i;
  return std::nullopt;
}

/// Bytes of one page.
Result<> Oled::send(std::size_t from, std::size_t count) {
  const auto page = static_cast<unsigned>(from / width);
  const auto column = static_cast<unsigned>(from % width + first_column_);
  B2M_TRY(device_.write({commands, static_cast<std::uint8_t>(0xb0U | page), static_cast<std::uint8_t>(column & 0x0fU),
                         static_cast<std::uint8_t>(0x10U | column >> 4U)}));
  std::vector<std::uint8_t> bytes{data};
  const auto begin = wanted_.begin() + static_cast<std::ptrdiff_t>(from);
  bytes.insert(bytes.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
  B2M_TRY(device_.write(bytes));
  std::copy_n(begin, count, shown_.begin() + static_cast<std::ptrdiff_t>(from));
  return {};
}

std::unique_ptr<Actuator> make(const DriverContext& context) {
  const auto& given = context.options;
  const auto height = static_cast<std::size_t>(given.integer("height"));
  auto setup =
      setup_of(context.model, height, static_cast<std::uint8_t>(given.integer("contrast")), given.flag("upside_down"));
  // An SH1106 has 132 columns, of which the panel uses those in the middle.
  return std::make_unique<Oled>(i2c_device(context), std::move(setup), height / rows_of_a_page,
                                context.model == sh1106 ? 2 : 0);
}

}  // namespace

B2M_DRIVER(ssd1306) = {
    .name = "ssd1306",
    .summary = "OLED display of 128 by 64 or 128 by 32 dots: 21 characters to a line, 8 or 4 lines",
    .datasheet = "Solomon Systech, SSD1306 rev. 1.5; Sino Wealth, SH1106 V2.3",
    .wiring = "3.3 V; a resistor on the back chooses the address, which some boards print doubled, as 0x78",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .options = options,
    .check_options = check,
    .make_actuator = make,
    .output = {.kind = ActuatorKind::text},
    .example = R"({"driver": "ssd1306", "bus": "i2c-1", "address": "0x3c", "height": 64})",
};

}  // namespace b2m

#include "daemon/board/header_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace b2m {
namespace {

constexpr std::size_t holder_width = 14;
constexpr std::size_t functions_width = 12;
constexpr std::size_t line_width = 5;
constexpr std::size_t pad_width = 6;

/// The chip that the label means, or null when the machine has none or hides it.
const GpioChipInfo* find_chip(const GpioView& view, std::string_view label) {
  const auto at =
      std::find_if(view.chips.begin(), view.chips.end(), [&](const auto& chip) { return chip.label == label; });
  return at == view.chips.end() ? nullptr : &*at;
}

void append_sentence(std::string& text, std::string_view more) {
  if (more.empty()) return;
  if (!text.empty()) text += "; ";
  text += more;
}

PinState state_of(const HeaderPin& pin, const GpioView& view, const IsLed& is_led) {
  PinState state{.pin = &pin};
  if (pin.line) {
    const auto* chip = find_chip(view, pin.line->chip);
    if (chip == nullptr || pin.line->offset >= chip->lines.size()) {
      state.use = PinUse::unknown;
    } else {
      const auto& line = chip->lines[pin.line->offset];
      state.use = line.used ? PinUse::held : PinUse::free;
      state.holder = line.holder;
      if (line.used) state.remark = explain_holder(line.holder, is_led(line.holder));
    }
  }
  if (state.use != PinUse::held && !pin.reserved.empty()) state.remark = fmt::format("needed by {}", pin.reserved);
  if (state.use != PinUse::held || pin.reserved.empty()) append_sentence(state.remark, pin.note);
  return state;
}

/// "a:264"; the letter only where the board has several chips with pins.
class LineNames {
 public:
  explicit LineNames(const BoardTable& board) {
    for (const auto& pin : board.header)
      if (pin.line && std::find(chips_.begin(), chips_.end(), pin.line->chip) == chips_.end())
        chips_.push_back(pin.line->chip);
  }
  [[nodiscard]] std::string name(const HeaderPin& pin) const {
    if (!pin.line) return {};
    if (chips_.size() == 1) return std::to_string(pin.line->offset);
    return fmt::format("{}:{}", letter(pin.line->chip), pin.line->offset);
  }
  /// "lines of 300b000.pinctrl (gpiochip0)"
  [[nodiscard]] std::string legend(const GpioView& view) const {
    std::vector<std::string> parts;
    for (const auto& label : chips_) {
      const auto* chip = find_chip(view, label);
      parts.push_back(fmt::format("{}{}{}", chips_.size() == 1 ? "" : fmt::format("{}: ", letter(label)), label,
                                  chip != nullptr ? fmt::format(" ({} here)", chip->name) : ""));
    }
    return fmt::format("lines of {}", fmt::join(parts, ", "));
  }

 private:
  [[nodiscard]] char letter(const std::string& label) const {
    return static_cast<char>('a' + std::distance(chips_.begin(), std::find(chips_.begin(), chips_.end(), label)));
  }
  std::vector<std::string> chips_;
};

/// Cut to a column; the kernel's and the tables' words are ASCII.
std::string fit(std::string text, std::size_t width) {
  if (text.size() > width) text = text.substr(0, width - 1) + "~";
  return text;
}

std::string use_text(const PinState& state) {
  switch (state.use) {
    case PinUse::held: return state.holder.empty() ? "in use" : state.holder;
    case PinUse::unknown: return "?";
    case PinUse::none:
    case PinUse::free: break;
  }
  return {};
}

/// Escape sequences (ECMA-48, "select graphic rendition").
std::string_view colour_of(const PinState& state) {
  constexpr std::string_view red = "\x1b[31m", grey = "\x1b[90m", yellow = "\x1b[33m", green = "\x1b[32m";
  if (state.pin->pad == "GND") return grey;
  if (!state.pin->line) return red;
  const bool taken = state.use == PinUse::held || !state.pin->reserved.empty();
  return taken ? yellow : green;
}

class Picture {
 public:
  Picture(const BoardTable& board, const GpioView& view, bool colour) : lines_(board), view_(view), colour_(colour) {}

  [[nodiscard]] std::string rows(const std::vector<PinState>& states) const {
    std::string text = fmt::format("{}  |  {}\n", left("held by", "functions", "line", "pad", "pin"),
                                   right("pin", "pad", "line", "functions", "held by"));
    for (std::size_t i = 0; i + 1 < states.size() && is_numbered(states[i + 1]); i += 2)
      text += trimmed(fmt::format("{}  |  {}", left(states[i]), right(states[i + 1]))) + "\n";
    return text;
  }

  /// The parts that are wired to lines besides the header.
  [[nodiscard]] std::string parts(const std::vector<PinState>& states) const {
    std::string text;
    for (const auto& state : states)
      if (!is_numbered(state))
        text += trimmed(fmt::format("{:>5}{} {:<{}} {:<{}} {:<{}} {}", state.pin->pin, state.remark.empty() ? " " : "*",
                                    state.pin->pad, pad_width, lines_.name(*state.pin), line_width,
                                    functions(*state.pin), functions_width, use_text(state))) +
                "\n";
    return text;
  }

  [[nodiscard]] std::string remarks(const std::vector<PinState>& states) const {
    std::string text;
    for (const auto& state : states)
      if (!state.remark.empty()) text += wrapped(state.pin->pin, state.remark);
    return text;
  }

  [[nodiscard]] std::string legend() const { return lines_.legend(view_); }

 private:
  static constexpr std::size_t mark_width = 3;  // "27*"
  static constexpr std::size_t text_width = 100;
  static constexpr std::size_t indent = 7;

  static bool is_numbered(const PinState& state) { return state.pin->pin.front() <= '9'; }

  static std::string trimmed(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

  /// Lines of at most 100 columns, broken at blanks.
  static std::string wrapped(std::string_view name, std::string_view remark) {
    std::string text = fmt::format("{:>5}", name);
    std::size_t column = indent - 2;
    while (!remark.empty()) {
      const auto word = remark.substr(0, remark.find(' '));
      remark.remove_prefix(std::min(remark.size(), word.size() + 1));
      if (column > indent && column + 1 + word.size() > text_width) {
        text += "\n" + std::string(indent - 1, ' ');
        column = indent - 1;
      }
      const std::size_t blanks = column == indent - 2 ? 2 : 1;
      text.append(blanks, ' ').append(word);
      column += blanks + word.size();
    }
    return text + "\n";
  }

  static std::string left(std::string_view held, std::string_view functions, std::string_view line,
                          std::string_view pad, std::string_view pin) {
    return fmt::format("{:>{}} {:>{}} {:>{}} {:>{}} {:>{}}", held, holder_width, functions, functions_width, line,
                       line_width, pad, pad_width, pin, mark_width);
  }
  static std::string right(std::string_view pin, std::string_view pad, std::string_view line,
                           std::string_view functions, std::string_view held) {
    return trimmed(fmt::format("{:<{}} {:<{}} {:<{}} {:<{}} {:<{}}", pin, mark_width, pad, pad_width, line, line_width,
                               functions, functions_width, held, holder_width));
  }

  [[nodiscard]] std::string left(const PinState& state) const {
    const auto& pin = *state.pin;
    const auto plain = left(fit(use_text(state), holder_width), functions(pin), lines_.name(pin), pin.pad,
                            (state.remark.empty() ? "" : "*") + pin.pin);
    const auto at = plain.size() - mark_width - 1 - pad_width;
    return plain.substr(0, at) + coloured(state, plain.substr(at));
  }
  [[nodiscard]] std::string right(const PinState& state) const {
    const auto& pin = *state.pin;
    const auto plain = right(pin.pin + (state.remark.empty() ? "" : "*"), pin.pad, lines_.name(pin), functions(pin),
                             fit(use_text(state), holder_width));
    const auto end = std::min(plain.size(), mark_width + 1 + pad_width);
    return coloured(state, plain.substr(0, end)) + plain.substr(end);
  }
  static std::string functions(const HeaderPin& pin) {
    return fit(fmt::format("{}", fmt::join(pin.functions, " ")), functions_width);
  }
  [[nodiscard]] std::string coloured(const PinState& state, const std::string& text) const {
    if (!colour_) return text;
    return fmt::format("{}{}\x1b[0m", colour_of(state), text);
  }

  LineNames lines_;
  const GpioView& view_;
  bool colour_;
};

std::string chips_in_words(const GpioView& view, const IsLed& is_led) {
  std::string text;
  for (const auto& chip : view.chips) {
    text += fmt::format("{} [{}], {} lines\n", chip.name, chip.label, chip.lines.size());
    for (std::size_t i = 0; i < chip.lines.size(); ++i) {
      const auto& line = chip.lines[i];
      if (!line.used && line.name.empty()) continue;
      text += fmt::format("  {:>3}  {:<20} {}\n", i, line.name,
                          line.used ? explain_holder(line.holder, is_led(line.holder)) : "free");
    }
  }
  return text;
}

/// Why the use of lines is not known.
std::string what_is_missing(const BoardTable& board, const GpioView& view) {
  if (view.denied) return fmt::format("Who holds lines marked ? cannot be read: {}\n", view.denied->detail);
  std::string text;
  for (const auto& label : chip_labels(board))
    if (find_chip(view, label) == nullptr)
      text += fmt::format("This machine has no GPIO chip labelled {}: who holds its lines is not known\n", label);
  return text;
}

}  // namespace

std::vector<PinState> pin_states(const BoardTable& board, const GpioView& view, const IsLed& is_led) {
  std::vector<PinState> states;
  for (const auto& pin : board.header) states.push_back(state_of(pin, view, is_led));
  return states;
}

std::string header_picture(const BoardTable& board, const GpioView& view, const IsLed& is_led, bool colour) {
  std::string text = fmt::format("{}, \"board\": \"{}\"\n\n", board.title, board.name);
  if (board.header.empty()) {
    text += "Which pins its header has is not known. Its GPIO chips, their named lines and those in use:\n";
    text += view.chips.empty() && !view.denied ? "none\n" : chips_in_words(view, is_led);
  } else {
    const auto states = pin_states(board, view, is_led);
    const Picture picture(board, view, colour);
    text += picture.rows(states);
    if (const auto parts = picture.parts(states); !parts.empty()) text += "\n" + parts;
    text += "\n" + picture.legend() + "\n";
    if (const auto remarks = picture.remarks(states); !remarks.empty()) text += "\n" + remarks;
  }
  if (const auto missing = what_is_missing(board, view); !missing.empty()) text += "\n" + missing;
  return text;
}

}  // namespace b2m

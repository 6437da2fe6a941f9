#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "daemon/board/board_table.hpp"

namespace b2m {
namespace {

constexpr std::string_view header_prefix = "header:";

/// A plain decimal number that is the whole text.
std::optional<unsigned> parse_decimal(std::string_view text) {
  unsigned value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string pad_name(const PadBank& bank, unsigned line) {
  return fmt::format("{}{}", bank.pads, line - bank.first_line);
}

/// The pad's line, or none when the spelling is no pad of the board.
Result<std::optional<LineId>> resolve_pad(const BoardTable& board, std::string_view spelling) {
  for (const auto& bank : board.banks) {
    if (!spelling.starts_with(bank.pads)) continue;
    const auto number = parse_decimal(spelling.substr(bank.pads.size()));
    if (!number) continue;
    if (*number >= bank.lines)
      return fail(Errc::out_of_range, fmt::format("{} has no {}: the last is {}", board.name, spelling,
                                                  pad_name(bank, bank.first_line + bank.lines - 1)));
    return LineId{.chip = bank.chip, .offset = bank.first_line + *number};
  }
  return std::nullopt;
}

Result<LineId> resolve_pin(const BoardTable& board, std::string_view pin) {
  const auto at = std::find_if(board.header.begin(), board.header.end(),
                               [&](const auto& candidate) { return candidate.pin == pin; });
  if (at == board.header.end())
    return fail(Errc::out_of_range, board.header.empty()
                                        ? fmt::format("the header of the board \"{}\" is not known", board.name)
                                        : fmt::format("the header of {} has no pin \"{}\"", board.name, pin));
  if (!at->line) return fail(Errc::out_of_range, fmt::format("pin {} is {}, not a line", pin, at->pad));
  return *at->line;
}

Result<LineId> resolve_chip_and_number(std::string_view chip, std::string_view number) {
  const auto offset = parse_decimal(number);
  if (chip.empty() || !offset)
    return fail(Errc::out_of_range, fmt::format("\"{}:{}\" is not a chip and the number of its line", chip, number));
  return LineId{.chip = std::string(chip), .offset = *offset};
}

/// "PC8" for line 72 of its chip, or none when no bank has it.
std::optional<std::string> pad_of(const BoardTable& board, const LineId& line) {
  for (const auto& bank : board.banks)
    if (bank.chip == line.chip && line.offset >= bank.first_line && line.offset - bank.first_line < bank.lines)
      return pad_name(bank, line.offset);
  return std::nullopt;
}

}  // namespace

Result<LineId> resolve_line(const BoardTable& board, std::string_view spelling) {
  if (spelling.empty()) return fail(Errc::out_of_range, "an empty text names no line");
  if (spelling.starts_with(header_prefix)) return resolve_pin(board, spelling.substr(header_prefix.size()));
  if (const auto colon = spelling.rfind(':'); colon != std::string_view::npos)
    return resolve_chip_and_number(spelling.substr(0, colon), spelling.substr(colon + 1));
  B2M_ASSIGN(const auto pad, resolve_pad(board, spelling));
  if (pad) return *pad;
  return LineId{.name = std::string(spelling)};
}

std::vector<std::string> likely_spellings(const BoardTable& board, std::string_view spelling) {
  std::vector<std::string> candidates;
  if (parse_decimal(spelling)) {
    candidates = {fmt::format("GPIO{}", spelling), fmt::format("{}{}", header_prefix, spelling)};
  } else {
    std::string compact;
    for (const char c : spelling)
      if (c != ' ' && c != '-' && c != '_') compact += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (compact != spelling) candidates = {std::move(compact)};
  }
  std::erase_if(candidates, [&](const auto& candidate) {
    const auto line = resolve_line(board, candidate);
    return !line || line->by_name();
  });
  if (candidates.empty() && parse_decimal(spelling)) candidates = {fmt::format("gpiochip0:{}", spelling)};
  return candidates;
}

const HeaderPin* find_pin(const BoardTable& board, const LineId& line) {
  const auto at =
      std::find_if(board.header.begin(), board.header.end(), [&](const auto& pin) { return pin.line == line; });
  return at == board.header.end() ? nullptr : &*at;
}

std::string describe(const BoardTable& board, const LineId& line) {
  if (line.by_name()) return fmt::format("the line named \"{}\"", line.name);
  const auto pad = pad_of(board, line);
  const auto* pin = find_pin(board, line);
  if (!pad) return fmt::format("{} line {}", line.chip, line.offset);
  if (!pin) return fmt::format("{} ({} line {})", *pad, line.chip, line.offset);
  return fmt::format("{} ({}{}, {} line {})", *pad, header_prefix, pin->pin, line.chip, line.offset);
}

}  // namespace b2m

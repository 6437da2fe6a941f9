#include "daemon/board/board_table.hpp"

#include <algorithm>
#include <stdexcept>

#include "daemon/board/board_texts.hpp"

namespace b2m {
namespace {

/// The tables are part of the program: one that does not parse is a mistake in it, found by the tests.
std::vector<BoardTable> embedded_boards() {
  auto boards = parse_boards(board_texts());
  if (!boards) throw std::logic_error(to_string(boards.error()));
  return std::move(*boards);
}

/// Whether `text` begins with the words of `beginning`: "Raspberry Pi 4" is not the beginning of "Raspberry Pi 400".
bool begins_with_words(std::string_view text, std::string_view beginning) {
  return text.starts_with(beginning) && (text.size() == beginning.size() || text[beginning.size()] == ' ');
}

}  // namespace

std::span<const BoardTable> all_boards() {
  static const std::vector<BoardTable> boards = embedded_boards();
  return boards;
}

const BoardTable* find_board(std::string_view name) {
  const auto boards = all_boards();
  const auto at = std::find_if(boards.begin(), boards.end(), [&](const auto& board) { return board.name == name; });
  return at == boards.end() ? nullptr : &*at;
}

const BoardTable& recognise(std::string_view device_tree_model) {
  device_tree_model = device_tree_model.substr(0, device_tree_model.find('\0'));  // the kernel's text ends with one
  const BoardTable* best = find_board("generic");
  std::size_t longest = 0;
  for (const auto& board : all_boards()) {
    for (const auto& model : board.models) {
      if (model.size() <= longest || !begins_with_words(device_tree_model, model)) continue;
      best = &board;
      longest = model.size();
    }
  }
  return *best;
}

std::vector<std::string> chip_labels(const BoardTable& board) {
  std::vector<std::string> labels;
  for (const auto& bank : board.banks)
    if (std::find(labels.begin(), labels.end(), bank.chip) == labels.end()) labels.push_back(bank.chip);
  return labels;
}

std::string i2c_hint(const BoardTable& board, std::string_view bus) {
  std::string hint = board.enable_i2c;
  constexpr std::string_view placeholder = "{bus}";
  const auto at = hint.find(placeholder);
  if (at == std::string::npos) return hint;
  const auto dash = bus.find('-');
  return hint.replace(at, placeholder.size(), dash == std::string_view::npos ? bus : bus.substr(dash + 1));
}

}  // namespace b2m

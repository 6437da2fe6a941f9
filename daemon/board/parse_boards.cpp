#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "daemon/board/board_table.hpp"

namespace b2m {
namespace {

using nlohmann::json;

void parse_bank(const json& row, PadBank& bank) {
  row.at("pads").get_to(bank.pads);
  row.at("chip").get_to(bank.chip);
  row.at("first_line").get_to(bank.first_line);
  row.at("lines").get_to(bank.lines);
}

/// The line of a pad, or none for what is no pad (ground, power).
std::optional<LineId> pad_line(const BoardTable& board, const std::string& pad) {
  const bool power = pad == "GND" || pad.ends_with('V');
  if (power) return std::nullopt;
  const auto line = resolve_line(board, pad);
  if (!line || line->by_name()) throw std::invalid_argument(fmt::format("{} is in no bank", pad));
  return *line;
}

HeaderPin parse_pin(const BoardTable& board, const std::string& pin, const json& row) {
  HeaderPin result{
      .pin = pin, .pad = row.at("pad").get<std::string>(), .line = {}, .functions = {}, .note = {}, .reserved = {}};
  result.line = pad_line(board, result.pad);
  result.functions = row.value("functions", std::vector<std::string>{});
  result.note = row.value("note", std::string{});
  result.reserved = row.value("reserved", std::string{});
  return result;
}

/// Numbers in their order, then names.
bool pin_before(const HeaderPin& a, const HeaderPin& b) {
  const auto numbered = [](const HeaderPin& pin) { return pin.pin.front() >= '0' && pin.pin.front() <= '9'; };
  if (numbered(a) != numbered(b)) return numbered(a);
  if (numbered(a) && a.pin.size() != b.pin.size()) return a.pin.size() < b.pin.size();
  return a.pin < b.pin;
}

BoardTable parse_board(const json& object) {
  BoardTable board;
  object.at("name").get_to(board.name);
  object.at("title").get_to(board.title);
  object.at("models").get_to(board.models);
  object.at("i2c_buses").get_to(board.i2c_buses);
  board.spi_bus = object.value("spi_bus", std::string{});
  board.internal_i2c = object.value("internal_i2c", std::string{});
  object.at("enable_i2c").get_to(board.enable_i2c);
  for (const auto& row : object.at("banks")) parse_bank(row, board.banks.emplace_back());
  const auto header = object.value("header", json::object());  // none where no source gives the pins
  for (const auto& [pin, row] : header.items()) board.header.push_back(parse_pin(board, pin, row));
  std::sort(board.header.begin(), board.header.end(), pin_before);
  return board;
}

/// `object` over what it extends; one level, so that a table is never a riddle.
json completed(const json& object, const std::map<std::string, json>& all) {
  if (!object.contains("extends")) return object;
  json base = all.at(object.at("extends").get<std::string>());
  if (base.contains("extends")) throw std::invalid_argument("extends a table that extends another");
  base.merge_patch(object);
  return base;
}

}  // namespace

Result<std::vector<BoardTable>> parse_boards(std::span<const std::string_view> texts) {
  std::string at = "a table";
  try {
    std::map<std::string, json> all;
    for (const auto text : texts) {
      auto object = json::parse(text, nullptr, true, /*ignore_comments=*/true);
      at = object.at("name").get<std::string>();
      all.emplace(at, std::move(object));
    }
    std::vector<BoardTable> boards;
    for (const auto& [name, object] : all) {
      at = name;
      boards.push_back(parse_board(completed(object, all)));
    }
    return boards;
  } catch (const std::exception& error) {
    return fail(Errc::io, fmt::format("board {}: {}", at, error.what()));
  }
}

}  // namespace b2m

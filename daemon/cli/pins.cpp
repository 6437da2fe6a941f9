#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/board/board_table.hpp"
#include "daemon/board/header_picture.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/look_at_lines.hpp"
#include "daemon/cli/terminal.hpp"
#include "daemon/config/environment.hpp"
#include "daemon/config/suggest.hpp"

namespace b2m {
namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  std::string board;
  bool json = false;
  bool simulate = false;
};

/// The board that was named, else this one; null when there is none of that name.
const BoardTable* choose_board(const Arguments& arguments) {
  if (!arguments.board.empty()) return find_board(arguments.board);
  if (arguments.simulate) return find_board(simulated_board);
  return &recognise(this_machine().device_tree_model);
}

std::string_view name_of(PinUse use) {
  switch (use) {
    case PinUse::none: return "none";
    case PinUse::free: return "free";
    case PinUse::held: return "held";
    case PinUse::unknown: break;
  }
  return "unknown";
}

Json pin_json(const PinState& state) {
  const auto& pin = *state.pin;
  Json object{{"pin", pin.pin}, {"pad", pin.pad}, {"functions", pin.functions}};
  if (pin.line) {
    object["chip"] = pin.line->chip;
    object["line"] = pin.line->offset;
    object["use"] = name_of(state.use);
    if (state.use == PinUse::held) object["holder"] = state.holder;
  }
  if (!pin.reserved.empty()) object["reserved"] = pin.reserved;
  if (!state.remark.empty()) object["remark"] = state.remark;
  return object;
}

void print_json(const BoardTable& board, const GpioView& view, const IsLed& is_led) {
  Json pins = Json::array();
  for (const auto& state : pin_states(board, view, is_led)) pins.push_back(pin_json(state));
  Json chips = Json::array();
  for (const auto& chip : view.chips)
    chips.push_back({{"name", chip.name}, {"label", chip.label}, {"lines", chip.lines.size()}});
  Json document{{"board", board.name}, {"title", board.title}, {"pins", pins}, {"gpio_chips", chips}};
  if (view.denied) document["denied"] = view.denied->detail;
  fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
}

int show(const Arguments& arguments) {
  const auto* board = choose_board(arguments);
  if (board == nullptr) {
    std::vector<std::string_view> names;
    for (const auto& known : all_boards()) names.push_back(known.name);
    const auto hint = did_you_mean(arguments.board, names);
    fmt::print(stderr, "there is no board \"{}\"; {}\n", arguments.board,
               hint.empty() ? "`board2mqtt boards` lists them" : hint);
    return ExitCode::usage;
  }
  const auto lines = look_at_lines(*board, arguments.simulate);
  if (arguments.json) {
    print_json(*board, lines.view, lines.is_led);
  } else {
    fmt::print("{}", header_picture(*board, lines.view, lines.is_led, wants_colour(stdout)));
  }
  return ExitCode::done;
}

}  // namespace

void add_pins(CLI::App& app, ExitCode& exit) {
  const auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("pins", "Show the header: pin, pad, chip and line, what it can do, who holds it");
  command->add_option("-b,--board", arguments->board, "Board, as `board2mqtt boards` lists them; default: this one");
  command->add_flag("--simulate", arguments->simulate, "Show the lines of the simulated board");
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback([arguments, &exit] { exit.value = show(*arguments); });
}

}  // namespace b2m

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/board/board_table.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/config/environment.hpp"

namespace b2m {
namespace {

using Json = nlohmann::ordered_json;

void print_text(const BoardTable& mine, const std::string& model) {
  for (const auto& board : all_boards()) {
    fmt::print("{} {:<20} {}\n", &board == &mine ? '*' : ' ', board.name, board.title);
    if (!board.banks.empty()) fmt::print("{:>22} GPIO {}\n", "", fmt::join(chip_labels(board), ", "));
    if (!board.i2c_buses.empty()) fmt::print("{:>22} I2C on the header: {}\n", "", fmt::join(board.i2c_buses, ", "));
  }
  if (model.empty()) {
    fmt::print("\n* this machine: it has no device tree, so its board is not known by name\n");
  } else {
    fmt::print("\n* this machine: its device tree says \"{}\"\n", model);
  }
}

void print_json(const BoardTable& mine, const std::string& model) {
  Json boards = Json::array();
  for (const auto& board : all_boards())
    boards.push_back({{"name", board.name},
                      {"title", board.title},
                      {"models", board.models},
                      {"gpio_chips", chip_labels(board)},
                      {"i2c_buses", board.i2c_buses},
                      {"header", !board.header.empty()},
                      {"this", &board == &mine}});
  const Json document{{"board", mine.name}, {"model", model}, {"boards", boards}};
  fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

void add_boards(CLI::App& app, ExitCode& /*exit*/) {
  const auto json = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("boards", "List the known boards, and tell which one this is");
  command->add_flag("--json", *json, "Print as JSON");
  command->footer("`board2mqtt pins --board NAME` shows the header of one; \"board\" in the configuration chooses it.");
  command->callback([json] {
    const auto machine = this_machine();
    const auto& mine = recognise(machine.device_tree_model);
    *json ? print_json(mine, machine.device_tree_model) : print_text(mine, machine.device_tree_model);
  });
}

}  // namespace b2m

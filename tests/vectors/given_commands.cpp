// Command devices: given.kind "i2c_cmd".
#include "daemon/sim/command_model.hpp"
#include "tests/vectors/case_board.hpp"

namespace b2m::vectors {
namespace {

/// "read" or "reads".
Result<std::vector<Bytes>> answers_of(const Json& json) {
  if (member(json, "reads")) return hexes_member(json, "reads");
  B2M_ASSIGN(Bytes one, hex_member(json, "read"));
  return std::vector<Bytes>{std::move(one)};
}

/// A hex string or a list of them, each for one read.
Result<std::function<Bytes()>> reads_of(const Json& given, const char* key) {
  const auto* value = member(given, key);
  if (!value) return std::function<Bytes()>{};
  std::vector<Bytes> answers;
  if (value->is_array()) {
    B2M_ASSIGN(answers, hexes_member(given, key));
  } else {
    B2M_ASSIGN(Bytes one, hex_member(given, key));
    answers.push_back(std::move(one));
  }
  return in_turn(std::move(answers));
}

Result<CommandChipModel::Reply> parse_reply(const Json& json) {
  CommandChipModel::Reply reply;
  B2M_ASSIGN(reply.commands, hexes_member(json, "cmds"));
  B2M_ASSIGN(reply.after, hexes_member(json, "after"));
  B2M_ASSIGN(auto answers, answers_of(json));
  reply.answer = in_turn(std::move(answers));
  return reply;
}

Result<> add_prefix_replies(const Json& given, CommandChipModel::Table& table) {
  const auto* prefixes = member(given, "prefix_cmds");
  if (!prefixes) return {};
  if (!prefixes->is_object()) return fail(Errc::out_of_range, "\"prefix_cmds\" is not an object");
  for (const auto& entry : prefixes->items()) {
    CommandChipModel::Reply reply{.commands = {}, .prefix = true, .answer = {}};
    B2M_ASSIGN(auto start, parse_hex(entry.key()));
    reply.commands.push_back(std::move(start));
    B2M_ASSIGN(Bytes answer, hex_member(*prefixes, entry.key().c_str()));
    reply.answer = in_turn({std::move(answer)});
    table.replies.push_back(std::move(reply));
  }
  return {};
}

}  // namespace

Result<> build_commands(const Json& given, CaseBoard& board) {
  CommandChipModel::Table table;
  const auto* replies = member(given, "replies");
  if (!replies || !replies->is_array()) return fail(Errc::out_of_range, "\"replies\" is not a list");
  for (const auto& json : *replies) {
    B2M_ASSIGN(auto reply, parse_reply(json));
    table.replies.push_back(std::move(reply));
  }
  B2M_TRY(add_prefix_replies(given, table));
  B2M_ASSIGN(table.accepted, hexes_member(given, "acks"));
  B2M_ASSIGN(table.accepted_prefix, hexes_member(given, "acks_prefix"));
  B2M_ASSIGN(table.any_read, reads_of(given, "read_any"));
  B2M_ASSIGN(table.status_read, reads_of(given, "read_any_status"));
  if (const auto* transport = member(given, "transport"))
    table.repeated_start_only = *transport == "repeated start only";
  board.i2c.attach(*board.address, std::make_unique<CommandChipModel>(std::move(table)));
  return {};
}

}  // namespace b2m::vectors

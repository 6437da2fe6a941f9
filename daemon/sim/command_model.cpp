#include "daemon/sim/command_model.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace b2m {
namespace {

using Bytes = CommandChipModel::Bytes;

bool contains(const std::vector<Bytes>& list, const Bytes& command) {
  return std::find(list.begin(), list.end(), command) != list.end();
}

bool contains_prefix(const std::vector<Bytes>& list, const Bytes& command) {
  return std::any_of(list.begin(), list.end(), [&](const Bytes& start) {
    return start.size() <= command.size() && std::equal(start.begin(), start.end(), command.begin());
  });
}

}  // namespace

bool CommandChipModel::starts_conversion(const Bytes& command) const {
  return std::any_of(table_.replies.begin(), table_.replies.end(),
                     [&](const Reply& reply) { return contains(reply.after, command); });
}

bool CommandChipModel::has_no_effect(const Bytes& command) const {
  return contains(table_.accepted, command) || contains_prefix(table_.accepted_prefix, command);
}

const CommandChipModel::Reply* CommandChipModel::find_reply(const Bytes& command) const {
  const auto fits = [&](const Reply& reply, bool prefix) {
    if (reply.prefix != prefix || !(reply.after.empty() || contains(reply.after, conversion_))) return false;
    return prefix ? contains_prefix(reply.commands, command) : contains(reply.commands, command);
  };
  for (const bool prefix : {false, true})
    for (const auto& reply : table_.replies)
      if (fits(reply, prefix)) return &reply;
  return nullptr;
}

Result<> CommandChipModel::write(std::span<const std::uint8_t> bytes) {
  Bytes command(bytes.begin(), bytes.end());
  if (starts_conversion(command)) conversion_ = command;
  if (!find_reply(command) && has_no_effect(command)) return {};
  written_in_transaction_ = true;
  command_ = std::move(command);
  return {};
}

std::optional<Bytes> CommandChipModel::answer(std::size_t wanted) {
  if (wanted == 1 && !written_in_transaction_ && table_.status_read) return table_.status_read();
  const auto* reply = command_ ? find_reply(*command_) : nullptr;
  if (reply) return reply->answer();
  if (table_.any_read) return table_.any_read();
  return std::nullopt;
}

Result<> CommandChipModel::read(std::span<std::uint8_t> into) {
  const auto bytes = answer(into.size());
  if (!bytes) return fail(Errc::no_ack, "nothing to read after this command");
  std::fill(into.begin(), into.end(), std::uint8_t{0xff});  // the idle level of the bus after the last byte
  std::copy_n(bytes->begin(), std::min(bytes->size(), into.size()), into.begin());
  return {};
}

void CommandChipModel::stop() {
  written_in_transaction_ = false;
  if (table_.repeated_start_only) command_.reset();
}

std::function<Bytes()> in_turn(std::vector<Bytes> answers) {
  return [answers = std::move(answers), next = std::size_t{0}]() mutable {
    if (answers.empty()) return Bytes{};
    const auto& answer = answers[next];
    if (next + 1 < answers.size()) ++next;
    return answer;
  };
}

}  // namespace b2m

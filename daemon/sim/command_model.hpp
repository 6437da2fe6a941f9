// Model of chips that answer commands: bytes written, then bytes read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "daemon/sim/simulated_i2c.hpp"

namespace b2m {

/// Answers reads by its table of replies, according to the command written before. A command that the table does not
/// know is accepted; the read after it is not acknowledged. Worker only.
class CommandChipModel final : public ChipModel {
 public:
  using Bytes = std::vector<std::uint8_t>;
  struct Reply {
    std::vector<Bytes> commands;
    /// Applies only when the last command that appears in any row's `after` was one of these; empty: always.
    std::vector<Bytes> after = {};
    bool prefix = false;  ///< `commands` are how a command begins
    std::function<Bytes()> answer;
  };
  struct Table {
    std::vector<Reply> replies;
    std::vector<Bytes> accepted = {};         ///< commands without effect: a pending answer stays pending
    std::vector<Bytes> accepted_prefix = {};  ///< likewise, how they begin
    std::function<Bytes()> any_read = {};     ///< what a read returns whatever was written
    /// What a read of one byte returns that follows no command of its own transaction.
    std::function<Bytes()> status_read = {};
    bool repeated_start_only = false;  ///< the end of a transaction forgets the command
  };

  explicit CommandChipModel(Table table) : table_(std::move(table)) {}
  Result<> write(std::span<const std::uint8_t> bytes) override;
  Result<> read(std::span<std::uint8_t> into) override;
  void stop() override;

 private:
  [[nodiscard]] const Reply* find_reply(const Bytes& command) const;
  [[nodiscard]] bool starts_conversion(const Bytes& command) const;
  [[nodiscard]] bool has_no_effect(const Bytes& command) const;
  [[nodiscard]] std::optional<Bytes> answer(std::size_t wanted);

  Table table_;
  std::optional<Bytes> command_;
  Bytes conversion_;
  bool written_in_transaction_ = false;
};

/// Answers that follow one another; the last one repeats. Nothing at all becomes an empty answer.
[[nodiscard]] std::function<CommandChipModel::Bytes()> in_turn(std::vector<CommandChipModel::Bytes> answers);

}  // namespace b2m

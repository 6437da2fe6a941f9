// Register devices: given.kind "i2c_regs".
#include <fmt/format.h>

#include <algorithm>

#include "daemon/sim/register_models.hpp"
#include "tests/vectors/case_board.hpp"
#include "tests/vectors/follow_settings.hpp"

namespace b2m::vectors {
namespace {

using ByteRegisters = ByteRegisterModel::Registers;
using WordRegisters = WordRegisterModel::Registers;

tl::unexpected<Error> wrong(std::string detail) { return fail(Errc::out_of_range, std::move(detail)); }

/// `{at, hex}`: bytes from register `at` on.
Result<> put_block(const Json& json, ByteRegisters& registers) {
  B2M_ASSIGN(const auto at, unsigned_member(json, "at", 0xff));
  B2M_ASSIGN(const Bytes bytes, hex_member(json, "hex"));
  if (at + bytes.size() > registers.size()) return wrong("a block reaches beyond register 0xff");
  std::copy(bytes.begin(), bytes.end(), registers.begin() + at);
  return {};
}

/// `{reg, word}`.
Result<> put_word(const Json& json, WordRegisters& registers) {
  B2M_ASSIGN(const auto reg, unsigned_member(json, "reg", 0xff));
  B2M_ASSIGN(const auto word, unsigned_member(json, "word", 0xffff));
  registers[reg] = static_cast<std::uint16_t>(word);
  return {};
}

Result<> put(const Json& json, ByteRegisters& registers) { return put_block(json, registers); }
Result<> put(const Json& json, WordRegisters& registers) { return put_word(json, registers); }

/// A row of `on_write`: when `value & mask == equals` is written to `reg`, the registers of `set` change.
struct WriteRule {
  std::uint32_t reg;
  std::uint32_t mask;
  std::uint32_t equals;
  Json set;
};

template <class Registers>
Result<WriteRule> parse_rule(const Json& json) {
  WriteRule rule{};
  B2M_ASSIGN(rule.reg, unsigned_member(json, "reg", 0xff));
  B2M_ASSIGN(rule.mask, unsigned_member(json, "mask", 0xffff));
  B2M_ASSIGN(rule.equals, unsigned_member(json, "equals", 0xffff));
  const auto* set = member(json, "set");
  if (!set || !set->is_array()) return wrong("\"set\" is not a list");
  Registers trial{};
  for (const auto& entry : *set) B2M_TRY(put(entry, trial));
  rule.set = *set;
  return rule;
}

template <class Registers>
Result<std::vector<WriteRule>> parse_rules(const Json& given) {
  std::vector<WriteRule> rules;
  const auto* list = member(given, "on_write");
  if (!list) return rules;
  if (!list->is_array()) return wrong("\"on_write\" is not a list");
  for (const auto& entry : *list) {
    B2M_ASSIGN(auto rule, parse_rule<Registers>(entry));
    rules.push_back(std::move(rule));
  }
  return rules;
}

template <class Registers>
void apply(const std::vector<WriteRule>& rules, Registers& registers, std::uint8_t reg, std::uint32_t value) {
  for (const auto& rule : rules) {
    if (rule.reg != reg || (value & rule.mask) != rule.equals) continue;
    for (const auto& entry : rule.set) static_cast<void>(put(entry, registers));  // was tried by parse_rule
  }
}

/// `config_ready_bit`, "0x0080 of reg 0x01 always reads 1".
struct StickyBits {
  std::uint8_t reg = 0;
  std::uint16_t mask = 0;
};
Result<StickyBits> parse_sticky(const Json& given) {
  if (!member(given, "config_ready_bit")) return StickyBits{};
  B2M_ASSIGN(const std::string text, text_member(given, "config_ready_bit"));
  constexpr std::string_view between = " of reg ";
  const auto split = text.find(between);
  if (split == std::string::npos) return wrong("\"config_ready_bit\" is not \"<mask> of reg <number> ...\"");
  const auto reg = text.substr(split + between.size());
  B2M_ASSIGN(const auto mask, parse_unsigned(Json(text.substr(0, split)), 0xffff));
  B2M_ASSIGN(const auto number, parse_unsigned(Json(reg.substr(0, reg.find(' '))), 0xff));
  return StickyBits{static_cast<std::uint8_t>(number), static_cast<std::uint16_t>(mask)};
}

Result<> build_bytes(const Json& given, CaseBoard& board) {
  const auto* blocks = member(given, "blocks");
  if (!blocks || !blocks->is_array()) return wrong("\"blocks\" is not a list");
  ByteRegisters registers{};
  for (const auto& block : *blocks) B2M_TRY(put_block(block, registers));
  B2M_ASSIGN(auto rules, parse_rules<ByteRegisters>(given));
  B2M_ASSIGN(const StickyBits sticky, parse_sticky(given));
  ByteRegisterModel::Behaviour behaviour;
  if (const auto* mode = member(given, "write_mode"); mode && *mode == "pairs")
    behaviour.write_mode = ByteRegisterModel::WriteMode::pairs;
  if (member(given, "addr_mask")) {
    B2M_ASSIGN(const auto mask, unsigned_member(given, "addr_mask", 0xff));
    behaviour.address_mask = static_cast<std::uint8_t>(mask);
  }
  behaviour.refresh = [sticky](ByteRegisters& now) {
    now[sticky.reg] |= static_cast<std::uint8_t>(sticky.mask & 0xff);
  };
  behaviour.written = [rules = std::move(rules)](ByteRegisters& now, std::uint8_t reg, std::uint8_t value) {
    apply(rules, now, reg, value);
  };
  auto model = std::make_unique<ByteRegisterModel>(registers, std::move(behaviour));
  board.register_now = [&now = model->registers()](std::uint8_t reg) { return std::uint32_t{now[reg]}; };
  board.i2c.attach(*board.address, std::move(model));
  return {};
}

Result<WordRegisters> parse_words(const Json& given) {
  const auto* regs = member(given, "regs");
  if (!regs || !regs->is_object()) return wrong("\"regs\" is not an object");
  WordRegisters registers{};
  for (const auto& entry : regs->items()) {
    B2M_ASSIGN(const auto reg, parse_unsigned(Json(entry.key()), 0xff));
    B2M_ASSIGN(const auto word, parse_unsigned(entry.value(), 0xffff));
    registers[reg] = static_cast<std::uint16_t>(word);
  }
  return registers;
}

Result<> build_words(const VectorChip& chip, const Json& given, bool big_endian, CaseBoard& board) {
  B2M_ASSIGN(const WordRegisters registers, parse_words(given));
  B2M_ASSIGN(auto rules, parse_rules<WordRegisters>(given));
  B2M_ASSIGN(const StickyBits sticky, parse_sticky(given));
  WordRegisterModel::Behaviour behaviour;
  behaviour.big_endian = big_endian;
  behaviour.refresh = [sticky](WordRegisters& now) { now[sticky.reg] |= sticky.mask; };
  behaviour.written = [rules = std::move(rules), follow = find_follower(chip.name),
                       settings = given.value("settings", Json())](WordRegisters& now, std::uint8_t reg,
                                                                   std::uint16_t value) {
    apply(rules, now, reg, value);
    if (follow) follow(now, reg, settings);
  };
  auto model = std::make_unique<WordRegisterModel>(registers, std::move(behaviour));
  board.register_now = [&now = model->registers()](std::uint8_t reg) { return std::uint32_t{now[reg]}; };
  board.i2c.attach(*board.address, std::move(model));
  return {};
}

}  // namespace

Result<> build_registers(const VectorChip& chip, const Json& given, CaseBoard& board) {
  B2M_ASSIGN(const std::string layout, text_member(given, "layout"));
  if (layout == "u8") return build_bytes(given, board);
  if (layout == "be16" || layout == "le16") return build_words(chip, given, layout == "be16", board);
  return fail(Errc::unsupported, fmt::format("register layout \"{}\"", layout));
}

}  // namespace b2m::vectors

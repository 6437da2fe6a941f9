#include "tests/vectors/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace b2m::vectors {
namespace {

using Differences = std::vector<std::string>;

std::string words_of(const ExpectedValue& expected) {
  auto text = fmt::format("{} {} ± {}", expected.value, expected.unit, expected.tolerance);
  for (const double other : expected.alternatives) text += fmt::format(" or {}", other);
  return text;
}

bool within(const ExpectedValue& expected, double got) {
  // The file has decimal numbers: 25.0625 - 25.062 is a little more than 0.0005 in binary.
  const double slack = 1e-9 * std::max(1.0, std::abs(expected.value));
  const auto near = [&](double wanted) { return std::abs(got - wanted) <= expected.tolerance + slack; };
  return near(expected.value) || std::any_of(expected.alternatives.begin(), expected.alternatives.end(), near);
}

std::string why_nothing(const Outcome& outcome) {
  if (outcome.init_error) return fmt::format("init failed: {}", to_string(*outcome.init_error));
  if (outcome.read_error) return fmt::format("the reading failed: {}", to_string(*outcome.read_error));
  return {};
}

void judge_value(const std::string& quantity, const ExpectedValue& expected, const Outcome& outcome,
                 Differences& differences) {
  const auto differs = [&](const std::string& got) {
    differences.push_back(fmt::format("{}: expected {}, got {}", quantity, words_of(expected), got));
  };
  if (outcome.init_error) return differs(why_nothing(outcome));
  const auto channel = match_channel(outcome.channels, quantity);
  if (!channel) {
    if (!expected.optional) differs("no channel of that name");
    return;
  }
  const auto& value = outcome.values.at(*channel);
  if (!value) return differs(to_string(value.error()));
  const auto si = si_per(expected.unit, outcome.channels[*channel].quantity);
  if (!si) return differs(fmt::format("{} in SI: the unit is not known", *value));
  const double got = *value / *si;
  if (!within(expected, got)) differs(fmt::format("{} {}", got, expected.unit));
}

void judge_rejection(const std::string& quantity, const Outcome& outcome, Differences& differences) {
  if (outcome.init_error || outcome.read_error) return;
  const auto channel = match_channel(outcome.channels, quantity);
  if (!channel) {
    differences.push_back(fmt::format("{}: expected no value, got no channel of that name", quantity));
  } else if (const auto& value = outcome.values.at(*channel)) {
    differences.push_back(fmt::format("{}: expected no value, got {} (SI)", quantity, *value));
  }
}

void judge_registers(const Expectation& expect, const Outcome& outcome, Differences& differences) {
  for (const auto& [reg, spellings] : expect.final_regs) {
    const auto expected = fmt::format("register 0x{:02x}: expected {}", reg, fmt::join(spellings, " or "));
    if (outcome.init_error || outcome.read_error || !outcome.register_now) {
      differences.push_back(fmt::format("{}, got no register: {}", expected, why_nothing(outcome)));
      continue;
    }
    const auto word = outcome.register_now(reg);
    const bool fits = std::any_of(spellings.begin(), spellings.end(), [&](const auto& spelling) {
      return register_matches(word, spelling).value_or(false);
    });
    if (!fits) differences.push_back(fmt::format("{}, got 0x{:02x}", expected, word));
  }
}

void judge_writes(const Expectation& expect, const Outcome& outcome, Differences& differences) {
  auto next = outcome.writes.begin();
  for (const auto& wanted : expect.writes) {
    next = std::find(next, outcome.writes.end(), wanted);
    if (next == outcome.writes.end()) {
      differences.push_back(fmt::format("writes: expected {:02x}, got none at its place among {}",
                                        fmt::join(wanted, ""), outcome.writes.size()));
      return;
    }
    ++next;
  }
}

void judge_alternatives(const Expectation& expect, const Outcome& outcome, Differences& differences) {
  if (expect.any_of.empty()) return;
  std::string all;
  for (const auto& one : expect.any_of) {
    const auto found = judge(one, outcome);
    if (found.empty()) return;
    all += fmt::format(" [{}]", fmt::join(found, "; "));
  }
  differences.push_back("expected any of several, got none:" + all);
}

Result<std::uint32_t> parse_word(std::string_view text) { return parse_unsigned(Json(std::string(text)), 0xffff); }

/// "bit7=0" or "others 1": the bits it speaks of (0 for the others) and their level.
struct BitClause {
  std::uint32_t mask;
  bool level;
};
Result<BitClause> parse_clause(std::string_view clause) {
  constexpr std::string_view others = "others ";
  constexpr std::string_view bit = "bit";
  const auto not_understood = [&] { return fail(Errc::unsupported, fmt::format("\"{}\" is not understood", clause)); };
  const char level = clause.empty() ? ' ' : clause.back();
  if (level != '0' && level != '1') return not_understood();
  if (clause.starts_with(others)) return BitClause{0, level == '1'};
  unsigned number = 0;
  const auto digits = clause.substr(std::min(bit.size(), clause.size()), clause.find('=') - bit.size());
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (!clause.starts_with(bit) || ec != std::errc{} || end != digits.data() + digits.size() || number > 15)
    return not_understood();
  return BitClause{1U << number, level == '1'};
}

}  // namespace

Result<bool> register_matches(std::uint32_t word, std::string_view spelling) {
  if (const auto exact = parse_word(spelling)) return word == *exact;
  constexpr std::string_view separator = ", ";
  constexpr std::uint32_t byte = 0xff;
  std::uint32_t named = 0;
  while (!spelling.empty()) {
    const auto end = spelling.find(separator);
    B2M_ASSIGN(const BitClause clause, parse_clause(spelling.substr(0, end)));
    const auto mask = clause.mask != 0 ? clause.mask : byte & ~named;
    if ((word & mask) != (clause.level ? mask : 0)) return false;
    named |= mask;
    spelling = end == std::string_view::npos ? std::string_view{} : spelling.substr(end + separator.size());
  }
  return named != 0;
}

Differences judge(const Expectation& expect, const Outcome& outcome) {
  Differences differences;
  if (expect.not_detected && !outcome.init_error)
    differences.emplace_back("expected the device to be refused, got a sensor");
  for (const auto& [quantity, expected] : expect.values) judge_value(quantity, expected, outcome, differences);
  for (const auto& quantity : expect.reject) judge_rejection(quantity, outcome, differences);
  judge_registers(expect, outcome, differences);
  judge_writes(expect, outcome, differences);
  judge_alternatives(expect, outcome, differences);
  return differences;
}

}  // namespace b2m::vectors

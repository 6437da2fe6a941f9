#include "tests/vectors/vector_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace b2m::vectors {
namespace {

constexpr std::size_t largest_file = 64U << 20;
constexpr std::string_view format_name = "board2mqtt-vectors/1";

tl::unexpected<Error> wrong(std::string detail) { return fail(Errc::out_of_range, std::move(detail)); }

/// The same error, with the place in front.
template <class T>
Result<T> at(const std::string& place, Result<T> result) {
  if (!result) return wrong(fmt::format("{}: {}", place, result.error().detail));
  return result;
}

Result<double> number_member(const Json& json, const char* key) {
  const auto* value = member(json, key);
  if (!value || !value->is_number()) return wrong(fmt::format("\"{}\" is not a number", key));
  const double number = value->get<double>();
  if (!std::isfinite(number)) return wrong(fmt::format("\"{}\" is not finite", key));
  return number;
}

Result<bool> flag_member(const Json& json, const char* key) {
  const auto* value = member(json, key);
  if (!value) return false;
  if (!value->is_boolean()) return wrong(fmt::format("\"{}\" is not true or false", key));
  return value->get<bool>();
}

Result<ExpectedValue> parse_value(const Json& json) {
  ExpectedValue expected;
  B2M_ASSIGN(expected.value, number_member(json, "value"));
  B2M_ASSIGN(expected.unit, text_member(json, "unit"));
  B2M_ASSIGN(expected.tolerance, number_member(json, "tol"));
  B2M_ASSIGN(expected.optional, flag_member(json, "optional"));
  if (const auto* list = member(json, "alternatives")) {
    if (!list->is_array()) return wrong("\"alternatives\" is not a list");
    for (const auto& entry : *list) {
      if (!entry.is_number()) return wrong("\"alternatives\" has an entry that is not a number");
      expected.alternatives.push_back(entry.get<double>());
    }
  }
  return expected;
}

Result<std::map<std::string, ExpectedValue>> parse_values(const Json& json) {
  std::map<std::string, ExpectedValue> values;
  const auto* object = member(json, "values");
  if (!object) return values;
  if (!object->is_object()) return wrong("\"values\" is not an object");
  for (const auto& [quantity, value] : object->items()) {
    B2M_ASSIGN(values[quantity], at("values." + quantity, parse_value(value)));
  }
  return values;
}

Result<> add_registers(const Json* object, std::map<std::uint8_t, std::vector<std::string>>& registers) {
  if (!object) return {};
  if (!object->is_object()) return wrong("registers are not an object");
  for (const auto& [reg, accepted] : object->items()) {
    B2M_ASSIGN(const auto number, parse_unsigned(Json(reg), 0xff));
    auto& spellings = registers[static_cast<std::uint8_t>(number)];
    for (const auto& entry : accepted.is_array() ? accepted : Json::array({accepted})) {
      if (!entry.is_string()) return wrong(fmt::format("register {} is not given as a text", reg));
      spellings.push_back(entry.get<std::string>());
    }
  }
  return {};
}

Result<Expectation> parse_expectation(const Json& json, int depth) {
  if (!json.is_object()) return wrong("not an object");
  Expectation expect;
  B2M_ASSIGN(expect.values, parse_values(json));
  B2M_ASSIGN(expect.reject, texts_member(json, "reject"));
  B2M_ASSIGN(expect.not_detected, flag_member(json, "not_detected"));
  B2M_ASSIGN(expect.writes, hexes_member(json, "writes"));
  if (member(json, "action")) {
    B2M_ASSIGN(expect.action, text_member(json, "action"));
  }
  B2M_TRY(at("final_regs", add_registers(member(json, "final_regs"), expect.final_regs)));
  if (!expect.final_regs.empty())
    B2M_TRY(at("alternatives", add_registers(member(json, "alternatives"), expect.final_regs)));
  if (const auto* list = member(json, "any_of")) {
    if (!list->is_array() || depth > 4) return wrong("\"any_of\" is not a list, or too deep");
    for (const auto& entry : *list) {
      B2M_ASSIGN(auto one, at("any_of", parse_expectation(entry, depth + 1)));
      expect.any_of.push_back(std::move(one));
    }
  }
  return expect;
}

bool expects_nothing(const Expectation& expect) {
  return expect.values.empty() && expect.reject.empty() && !expect.not_detected && expect.final_regs.empty() &&
         expect.writes.empty() && expect.any_of.empty();
}

Result<VectorCase> parse_case(const Json& json) {
  VectorCase parsed;
  B2M_ASSIGN(parsed.id, text_member(json, "id"));
  if (member(json, "source")) {
    B2M_ASSIGN(parsed.source, text_member(json, "source"));
  }
  const auto* given = member(json, "given");
  if (!given) return wrong("no \"given\"");
  parsed.given = *given;
  B2M_ASSIGN(parsed.kind, at("given", text_member(*given, "kind")));
  const auto* expect = member(json, "expect");
  if (!expect) return wrong("no \"expect\"");
  B2M_ASSIGN(parsed.expect, at("expect", parse_expectation(*expect, 0)));
  if (expects_nothing(parsed.expect)) return wrong("expect: nothing that could be checked");
  B2M_ASSIGN(parsed.advisory, flag_member(json, "advisory"));
  return parsed;
}

Result<VectorChip> parse_chip(const Json& json) {
  VectorChip chip;
  B2M_ASSIGN(chip.name, text_member(json, "chip"));
  B2M_ASSIGN(chip.aliases, texts_member(json, "aliases"));
  if (const auto* crc = member(json, "crc"); crc && crc->is_object()) chip.checksum_scope = crc->value("scope", "");
  const auto* cases = member(json, "cases");
  if (!cases || !cases->is_array()) return wrong("\"cases\" is not a list");
  for (std::size_t i = 0; i < cases->size(); ++i) {
    B2M_ASSIGN(auto one, at(fmt::format("cases[{}]", i), parse_case((*cases)[i])));
    chip.cases.push_back(std::move(one));
  }
  return chip;
}

}  // namespace

Result<std::vector<VectorChip>> parse_vectors(std::string_view text) {
  const auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return wrong("not JSON");
  B2M_ASSIGN(const std::string format, text_member(json, "format"));
  if (format != format_name) return wrong(fmt::format("format \"{}\" is not \"{}\"", format, format_name));
  const auto* list = member(json, "chips");
  if (!list || !list->is_array()) return wrong("\"chips\" is not a list");
  std::vector<VectorChip> chips;
  for (std::size_t i = 0; i < list->size(); ++i) {
    B2M_ASSIGN(auto chip, at(fmt::format("chips[{}]", i), parse_chip((*list)[i])));
    chips.push_back(std::move(chip));
  }
  return chips;
}

namespace {

Result<std::vector<VectorChip>> load_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::gone, fmt::format("{}: cannot be opened", path));
  std::string text;
  std::array<char, 64 * 1024> block;
  while (file.read(block.data(), block.size()) || file.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > largest_file) return wrong(fmt::format("{}: larger than {} bytes", path, largest_file));
  }
  return at(path, parse_vectors(text));
}

}  // namespace

Result<std::vector<VectorChip>> load_vectors(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return load_file(path);
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, error))
    if (entry.path().extension() == ".json") files.insert(entry.path().string());
  if (error) return fail(Errc::io, fmt::format("{}: {}", path, error.message()));
  if (files.empty()) return fail(Errc::gone, fmt::format("{}: no .json file is in it", path));
  std::vector<VectorChip> all;
  for (const auto& file : files) {
    B2M_ASSIGN(auto chips, load_file(file));
    std::move(chips.begin(), chips.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace b2m::vectors

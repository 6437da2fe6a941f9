// Reading a vectors file: README.md in this folder describes the format. Everything in a file is checked before it is
// used.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/api/result.hpp"

namespace b2m::vectors {

using Json = nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

/// What one quantity must read.
struct ExpectedValue {
  double value = 0;
  std::string unit;
  double tolerance = 0;
  std::vector<double> alternatives = {};
  bool optional = false;
};

/// What must come out of a case; several members may be set, all of them must hold.
struct Expectation {
  std::map<std::string, ExpectedValue> values;
  std::vector<std::string> reject;
  bool not_detected = false;
  std::string action;
  std::map<std::uint8_t, std::vector<std::string>> final_regs;  ///< register → accepted spellings of its value
  std::vector<Bytes> writes;
  std::vector<Expectation> any_of;
};

struct VectorCase {
  std::string id;
  std::string source;  ///< who published or recorded it; empty: not told
  Json given;
  std::string kind;
  Expectation expect;
  bool advisory = false;
};

struct VectorChip {
  std::string name;
  std::vector<std::string> aliases;
  std::vector<VectorCase> cases;
  std::optional<std::string> checksum_scope = {};  ///< what the chip's checksums cover, where it has any
};

/// Errors name the place in the file: "chips[3].cases[0].given: no \"kind\"".
[[nodiscard]] Result<std::vector<VectorChip>> parse_vectors(std::string_view text);
/// A file, or all files `*.json` of a directory, in the order of their names.
[[nodiscard]] Result<std::vector<VectorChip>> load_vectors(const std::string& path);

/// "beef92" → bytes. Pure.
[[nodiscard]] Result<Bytes> parse_hex(std::string_view text);
/// A JSON number or a string such as "0x48", at most `max`. Pure.
[[nodiscard]] Result<std::uint32_t> parse_unsigned(const Json& json, std::uint32_t max);

// Members of an object, checked for their type; `json` may be anything.
[[nodiscard]] const Json* member(const Json& json, const char* key);
[[nodiscard]] Result<std::string> text_member(const Json& json, const char* key);
[[nodiscard]] Result<std::uint32_t> unsigned_member(const Json& json, const char* key, std::uint32_t max);
[[nodiscard]] Result<Bytes> hex_member(const Json& json, const char* key);
/// A list of strings; missing counts as empty.
[[nodiscard]] Result<std::vector<std::string>> texts_member(const Json& json, const char* key);
/// A list of hex strings; missing counts as empty.
[[nodiscard]] Result<std::vector<Bytes>> hexes_member(const Json& json, const char* key);

}  // namespace b2m::vectors

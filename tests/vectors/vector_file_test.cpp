#include "tests/vectors/vector_file.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace b2m::vectors {
namespace {

std::string file_with(const std::string& one_case) {
  return fmt::format(R"({{"format": "board2mqtt-vectors/1", "chips": [{{"chip": "LM75", "cases": [{}]}}]}})", one_case);
}

TEST(VectorFile, ACaseIsRead) {
  const auto chips = parse_vectors(file_with(R"({"id": "a", "given": {"kind": "i2c_regs"}, "advisory": true,
      "expect": {"values": {"temperature": {"value": 25, "unit": "°C", "tol": 0.1, "alternatives": [26], "optional": true}},
                 "reject": ["humidity"], "writes": ["0160"]}})"));
  ASSERT_TRUE(chips) << to_string(chips.error());
  const auto& one = chips->at(0).cases.at(0);
  EXPECT_EQ(one.id, "a");
  EXPECT_EQ(one.kind, "i2c_regs");
  EXPECT_TRUE(one.advisory);
  EXPECT_EQ(one.expect.values.at("temperature").alternatives, std::vector<double>{26});
  EXPECT_TRUE(one.expect.values.at("temperature").optional);
  EXPECT_EQ(one.expect.reject, std::vector<std::string>{"humidity"});
  EXPECT_EQ(one.expect.writes, (std::vector<Bytes>{{0x01, 0x60}}));
}

TEST(VectorFile, AlternativeRegistersJoinTheExpectedOnes) {
  const auto chips = parse_vectors(file_with(R"({"id": "a", "given": {"kind": "i2c_regs"},
      "expect": {"action": "x", "final_regs": {"0xfe": "0x79"}, "alternatives": {"0xfe": ["0x7a"]}}})"));
  ASSERT_TRUE(chips) << to_string(chips.error());
  EXPECT_EQ(chips->at(0).cases.at(0).expect.final_regs.at(0xfe), (std::vector<std::string>{"0x79", "0x7a"}));
}

TEST(VectorFile, AnErrorNamesItsPlace) {
  const auto chips = parse_vectors(file_with(R"({"id": "a", "given": {"kind": "i2c_regs"},
      "expect": {"values": {"temperature": {"value": "hot", "unit": "°C", "tol": 0}}}})"));
  ASSERT_FALSE(chips);
  EXPECT_EQ(chips.error().detail, "chips[0]: cases[0]: expect: values.temperature: \"value\" is not a number");
}

TEST(VectorFile, HostileFilesAreRefused) {
  const std::string deep(100'000, '[');
  for (const std::string& text :
       {std::string(),
        std::string("nonsense"),
        deep,
        std::string("[]"),
        std::string("{}"),
        std::string("null"),
        std::string(R"({"format": 1})"),
        std::string(R"({"format": "board2mqtt-vectors/2", "chips": []})"),
        std::string(R"({"format": "board2mqtt-vectors/1", "chips": {}})"),
        std::string(R"({"format": "board2mqtt-vectors/1", "chips": [1]})"),
        file_with("7"),
        file_with("{}"),
        file_with(R"({"id": 1, "given": {"kind": "x"}, "expect": {}})"),
        file_with(R"({"id": "a", "given": [], "expect": {"not_detected": true}})"),
        file_with(R"({"id": "a", "given": {"kind": "x"}, "expect": {}})"),
        file_with(R"({"id": "a", "given": {"kind": "x"}, "expect": {"values": []}})"),
        file_with(R"({"id": "a", "given": {"kind": "x"}, "expect": {"reject": [1]}})"),
        file_with(R"({"id": "a", "given": {"kind": "x"}, "expect": {"writes": ["0"]}})"),
        file_with(R"({"id": "a", "given": {"kind": "x"}, "expect": {"final_regs": {"0x100": "0"}}})"),
        file_with(R"({"id": "a", "given": {"kind": "x"}, "expect": {"any_of": [7]}})")})
    EXPECT_FALSE(parse_vectors(text)) << text.substr(0, 200);
}

TEST(VectorFile, AFileThatIsNotThereIsAnError) {
  EXPECT_EQ(load_vectors("/nonexistent/vectors.json").error().code, Errc::gone);
}

TEST(VectorFile, AFolderWithoutFilesIsAnError) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "no_vectors";
  std::filesystem::create_directory(folder);
  EXPECT_EQ(load_vectors(folder).error().code, Errc::gone);
  std::filesystem::remove(folder);
}

TEST(VectorFile, HexadecimalIsWholeBytes) {
  EXPECT_EQ(parse_hex("beef92").value(), (Bytes{0xbe, 0xef, 0x92}));
  EXPECT_EQ(parse_hex("").value(), Bytes{});
  for (const char* text : {"b", "bee", "zz", "-1", "0x", "b "}) EXPECT_FALSE(parse_hex(text)) << text;
}

TEST(VectorFile, NumbersAreBounded) {
  EXPECT_EQ(parse_unsigned(Json("0x48"), 0x7f).value(), 0x48U);
  EXPECT_EQ(parse_unsigned(Json("12"), 0x7f).value(), 12U);
  EXPECT_EQ(parse_unsigned(Json(12), 0x7f).value(), 12U);
  for (const auto& json : {Json("0x80"), Json(128), Json(-1), Json(1.5), Json("0x"), Json(""), Json("0x4g"), Json(),
                           Json("99999999999999999999")})
    EXPECT_FALSE(parse_unsigned(json, 0x7f)) << json.dump();
}

}  // namespace
}  // namespace b2m::vectors

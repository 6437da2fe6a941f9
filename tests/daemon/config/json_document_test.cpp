#include "daemon/config/json_document.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/config/support.hpp"

namespace b2m {
namespace {

std::optional<Node> parse(std::string_view text, Diagnostics& diagnostics) {
  return parse_json(text, "f", diagnostics);
}

Node parsed(std::string_view text) {
  Diagnostics diagnostics;
  auto node = parse(text, diagnostics);
  EXPECT_EQ(to_text(diagnostics), "");
  return node ? std::move(*node) : Node{};
}

std::string said(std::string_view text) {
  Diagnostics diagnostics;
  parse(text, diagnostics);
  return to_text(diagnostics);
}

std::pair<std::size_t, std::size_t> at(const Place& place) { return {place.line, place.column}; }
using At = std::pair<std::size_t, std::size_t>;

TEST(JsonDocument, KeysAndValuesKnowTheirPlaces) {
  const auto root = parsed("{\n  \"a\": [1, true,\n        \"x\"],\n  \"b\": {\"c\": null}\n}");
  EXPECT_EQ(at(root.place), At(1, 1));
  const auto* a = root.find("a");
  EXPECT_EQ(at(a->place), At(2, 3));
  EXPECT_EQ(at(a->value.place), At(2, 8));
  EXPECT_EQ(at(a->value.items[1].place), At(2, 12));
  EXPECT_EQ(at(a->value.items[2].place), At(3, 9));
  EXPECT_EQ(at(root.find("b")->value.find("c")->value.place), At(4, 14));
}

TEST(JsonDocument, CommentsMoveThePlacesButAreNotRead) {
  const auto root = parsed("// { \"z\": \n/* \"\n */ {/*,*/ \"a\" // :\n : 1 /**/ , \"b\":2}");
  EXPECT_EQ(root.members.size(), 2U);
  EXPECT_EQ(at(root.find("a")->place), At(3, 12));
  EXPECT_EQ(at(root.find("a")->value.place), At(4, 4));
  EXPECT_EQ(at(root.find("b")->value.place), At(4, 17));
}

TEST(JsonDocument, TextsWithQuotesSlashesAndEscapesDoNotConfuseThePlaces) {
  const auto root = parsed(R"({"a\"b//": "c\\", "/*": "\u00e9"})");
  EXPECT_EQ(root.members[0].key, "a\"b//");
  EXPECT_EQ(root.members[0].value.text(), "c\\");
  EXPECT_EQ(at(root.members[1].place), At(1, 19));
  EXPECT_EQ(root.members[1].value.text(), "é");
}

TEST(JsonDocument, ColumnsCountCharactersNotBytes) {
  const auto root = parsed("{\"ä€𝄞\": 1}");
  EXPECT_EQ(at(root.members[0].value.place), At(1, 9));
}

TEST(JsonDocument, AByteOrderMarkIsNoColumn) { EXPECT_EQ(at(parsed("\xef\xbb\xbf{}").place), At(1, 1)); }

TEST(JsonDocument, CarriageReturnsEndCommentsAndCountNoLines) {
  const auto root = parsed("{\r\n // comment\r\n \"a\": 1\r\n}");
  EXPECT_EQ(at(root.members[0].place), At(3, 2));
}

TEST(JsonDocument, NumbersKeepTheirKind) {
  const auto root = parsed("[-9223372036854775808, 18446744073709551615, 1.0, 1e3]");
  EXPECT_EQ(std::get<std::int64_t>(root.items[0].scalar), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(root.items[1].kind, NodeKind::number);
  EXPECT_EQ(root.items[2].kind, NodeKind::number);
  EXPECT_EQ(std::get<double>(root.items[3].scalar), 1000.0);
}

TEST(JsonDocument, ARepeatedKeyIsAnErrorAndTheFirstIsKept) {
  Diagnostics diagnostics;
  const auto root = parse("{\"a\": {\"b\": 1,\n \"b\": {\"c\": 2}}}", diagnostics);
  EXPECT_EQ(to_text(diagnostics), "f:2:2: error: /a/b: this key was already given in line 1; keep one of the two\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(std::get<std::int64_t>(root->find("a")->value.find("b")->value.scalar), 1);
}

TEST(JsonDocument, AZeroByteIsRefusedAnywhere) {
  EXPECT_EQ(said(std::string_view("{}\0{", 4)), "f: error: there is a zero byte in it: this is not a text file\n");
}

TEST(JsonDocument, InvalidUtf8IsRefused) { EXPECT_NE(said("{\"a\": \"\xff\"}"), ""); }

TEST(JsonDocument, ANumberBeyondDoubleIsRefused) { EXPECT_NE(said("{\"a\": 1e999}"), ""); }

TEST(JsonDocument, NestingIsTakenUpToItsLimit) {
  EXPECT_EQ(said(std::string(deepest_nesting, '[') + std::string(deepest_nesting, ']')), "");
  EXPECT_NE(said(std::string(deepest_nesting + 1, '[') + std::string(deepest_nesting + 1, ']')), "");
}

TEST(JsonDocument, WhatIsNoSmallRegularFileIsNotRead) {
  const test::Directory directory;
  const auto said_of = [](const std::filesystem::path& file) {
    Diagnostics diagnostics;
    EXPECT_FALSE(read_json(file, diagnostics));
    return diagnostics.all().at(0).message;
  };
  EXPECT_EQ(said_of(directory.path() / "none"), "cannot be read: No such file or directory");
  EXPECT_EQ(said_of(directory.path()), "is not a regular file");
  EXPECT_EQ(said_of(directory.write("large", std::string(largest_file + 1, ' '))), "is larger than 4000000 bytes");
}

TEST(Merge, ObjectsGrowKeyByKeyAndAnythingElseIsReplaced) {
  auto base = parsed("{\"a\": {\"b\": 1, \"c\": [1, 2]}, \"d\": 1}");
  merge(base, parsed("{\"a\": {\"c\": [3], \"e\": 2}, \"d\": {}}"));
  const auto& a = base.find("a")->value;
  EXPECT_EQ(std::get<std::int64_t>(a.find("b")->value.scalar), 1);
  EXPECT_EQ(a.find("c")->value.items.size(), 1U);
  EXPECT_NE(a.find("e"), nullptr);
  EXPECT_TRUE(base.find("d")->value.is_object());
}

TEST(Diagnostics, ControlCharactersNeverReachTheTerminal) {
  Diagnostics diagnostics;
  diagnostics.error({}, "/a\x1b[31m", "\x07 bell");
  EXPECT_EQ(to_text(diagnostics), "error: /a\\x1b[31m: \\x07 bell\n");
}

TEST(Diagnostics, PastTheLimitProblemsAreCountedOnly) {
  Diagnostics diagnostics;
  for (std::size_t i = 0; i < Diagnostics::limit + 5; ++i) diagnostics.error({}, "", std::to_string(i));
  EXPECT_EQ(diagnostics.all().size(), Diagnostics::limit);
  EXPECT_EQ(diagnostics.unlisted(), 5U);
}

TEST(Diagnostics, AsJsonTheyHavePlaceAndPointer) {
  Diagnostics diagnostics;
  diagnostics.warning({std::make_shared<const std::string>("f"), 2, 3}, "/a", "m", "h");
  EXPECT_EQ(to_json(diagnostics),
            "[\n  {\n    \"severity\": \"warning\",\n    \"file\": \"f\",\n    \"line\": 2,\n    \"column\": 3,\n    "
            "\"pointer\": "
            "\"/a\",\n    \"message\": \"m\",\n    \"hint\": \"h\"\n  }\n]");
}

TEST(Diagnostics, PointersAreEscapedAsRfc6901Asks) { EXPECT_EQ(child_pointer("/a", "b/c~d"), "/a/b~1c~0d"); }

}  // namespace
}  // namespace b2m

// The loader under files that are damaged in every way a disk or an editor can think of. Made to be run with the
// sanitizers.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "daemon/config/json_document.hpp"
#include "tests/daemon/config/support.hpp"

namespace b2m {
namespace {

namespace fs = std::filesystem;

std::string seed_text() {
  std::ifstream stream(fs::path(B2M_SOURCE_DIR) / "tests/golden/config/good/every_device_key.json", std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Either a configuration or at least one error, every error in a line of the file.
void expect_answer(const test::Directory& directory, const std::string& text) {
  const auto result = load(directory.write("board2mqtt.json", text), test::machine());
  EXPECT_NE(result.config.has_value(), result.diagnostics.has_errors());
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const auto& diagnostic : result.diagnostics.all()) EXPECT_LE(diagnostic.place.line, lines);
}

TEST(Garbage, AFileCutAnywhereIsAnswered) {
  const test::Directory directory;
  const auto text = seed_text();
  ASSERT_GT(text.size(), 1000U);
  for (std::size_t size = 0; size < text.size(); size += 3) expect_answer(directory, text.substr(0, size));
}

TEST(Garbage, AFileWithBytesChangedDroppedAndDoubledIsAnswered) {
  const test::Directory directory;
  const auto seed = seed_text();
  std::mt19937 random(20261121);
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  constexpr std::string_view spice = "{}[]\":,/*\\\n\r\t 0x9.-eE+#$\xff\xc3\x80\x01truefalsn";
  for (int round = 0; round < 1500; ++round) {
    auto text = seed;
    for (std::size_t changes = 1 + below(6); changes > 0; --changes) {
      const auto at = below(text.size());
      switch (below(4)) {
        case 0: text[at] = spice[below(spice.size())]; break;
        case 1: text.erase(at, 1 + below(20)); break;
        case 2: text.insert(at, text.substr(below(text.size()), 1 + below(40))); break;
        default: text.insert(at, 1, spice[below(spice.size())]); break;
      }
    }
    expect_answer(directory, text);
  }
}

TEST(Garbage, RandomBytesAreAnswered) {
  const test::Directory directory;
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    std::string text(random() % 200, ' ');
    for (auto& c : text) c = static_cast<char>(random());
    expect_answer(directory, text);
  }
}

TEST(Garbage, AsManyKeysAsAFileHoldsAreAnswered) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += "\"k" + std::to_string(i) + "\":1,";
  text += "\"name\":\"x\"}";
  const test::Directory directory;
  expect_answer(directory, text);
}

}  // namespace
}  // namespace b2m

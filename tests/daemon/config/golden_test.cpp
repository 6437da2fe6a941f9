// Every file of tests/golden/config: what is said about it stands beside it, in NAME.expected.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/daemon/config/support.hpp"

namespace b2m {
namespace {

namespace fs = std::filesystem;

const fs::path golden = fs::path(B2M_SOURCE_DIR) / "tests/golden/config";

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string content(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string stem(const testing::TestParamInfo<fs::path>& info) {
  auto name = info.param.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

/// With B2M_UPDATE_GOLDEN set, writes what is said instead; read the difference before committing it.
void expect_said(const LoadResult& result, const fs::path& file) {
  const auto said = test::text_of(result, file.parent_path());
  auto expected = file;
  expected.replace_extension(".expected");
  if (std::getenv("B2M_UPDATE_GOLDEN") != nullptr && (!said.empty() || fs::exists(expected)))
    std::ofstream(expected, std::ios::binary) << said;
  EXPECT_EQ(said, content(expected));
}

class BadConfiguration : public testing::TestWithParam<fs::path> {};
class GoodConfiguration : public testing::TestWithParam<fs::path> {};

TEST_P(BadConfiguration, IsRefusedWithWhatStandsBesideIt) {
  const auto result = load(GetParam(), test::machine());
  EXPECT_FALSE(result.config);
  EXPECT_TRUE(result.diagnostics.has_errors());
  expect_said(result, GetParam());
}

TEST_P(GoodConfiguration, IsTakenWithAtMostWarnings) {
  const auto result = load(GetParam(), test::machine());
  EXPECT_TRUE(result.config);
  expect_said(result, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Files, BadConfiguration, testing::ValuesIn(files_in(golden / "bad")), stem);
INSTANTIATE_TEST_SUITE_P(Files, GoodConfiguration, testing::ValuesIn(files_in(golden / "good")), stem);

class ShippedConfiguration : public testing::TestWithParam<fs::path> {};

TEST_P(ShippedConfiguration, IsTakenWithoutAWord) {
  const test::Directory credentials;
  credentials.write("mqtt-password", "secret\n", 0400);
  auto machine = test::machine();
  machine.credentials = credentials.path();
  const auto result = load(GetParam(), machine);
  EXPECT_TRUE(result.config);
  EXPECT_EQ(to_text(result.diagnostics), "");
}

std::vector<fs::path> shipped() {
  auto files = files_in(fs::path(B2M_SOURCE_DIR) / "configs/examples");
  files.push_back(fs::path(B2M_SOURCE_DIR) / "configs/board2mqtt.json");
  return files;
}

INSTANTIATE_TEST_SUITE_P(Files, ShippedConfiguration, testing::ValuesIn(shipped()), stem);

}  // namespace
}  // namespace b2m

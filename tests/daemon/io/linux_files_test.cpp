#include "daemon/io/linux_files.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "daemon/io/kernel_error.hpp"
#include "daemon/io/linux_board.hpp"

namespace b2m {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "b2m-files-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(root); }
  void put(const std::string& path, std::string_view text) {
    std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
    std::ofstream(root + path, std::ios::binary) << text;
  }
  std::string root;
};

TEST_F(Files, AnAttributeIsReadWithoutItsLineEnd) {
  put("/sys/class/thermal/thermal_zone0/temp", "48312\n");
  EXPECT_EQ(LinuxFiles(root).read("/sys/class/thermal/thermal_zone0/temp"), "48312");
}

TEST_F(Files, LinesInsideAndBlanksInFrontStay) {
  put("/w1", " a\n\nb \t\r\n");
  EXPECT_EQ(LinuxFiles(root).read("/w1"), " a\n\nb");
}

TEST_F(Files, AnEmptyAttributeIsAnEmptyText) {
  put("/w1_slave", "");
  EXPECT_EQ(LinuxFiles(root).read("/w1_slave"), "");
}

TEST_F(Files, AMissingAttributeIsGoneAndNamed) {
  const auto text = LinuxFiles(root).read("/sys/none");
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().code, Errc::gone);
  EXPECT_EQ(text.error().detail, "/sys/none: No such file or directory");
}

TEST_F(Files, AnAttributeIsReadUpToItsBound) {
  put("/full", std::string(64 * 1024, 'x'));
  put("/over", std::string(64 * 1024 + 1, 'x'));
  EXPECT_EQ(LinuxFiles(root).read("/full")->size(), 64U * 1024);
  ASSERT_FALSE(LinuxFiles(root).read("/over").has_value());
  EXPECT_EQ(LinuxFiles(root).read("/over").error().code, Errc::io);
}

TEST_F(Files, ADirectoryIsNoAttribute) {
  std::filesystem::create_directories(root + "/dir");
  EXPECT_EQ(LinuxFiles(root).read("/dir").error().code, Errc::io);
}

TEST_F(Files, APipeWithoutAWriterDoesNotHangTheReader) {
  ASSERT_EQ(mkfifo((root + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(LinuxFiles(root).read("/pipe"), "");
}

TEST_F(Files, AWrittenAttributeHoldsExactlyTheText) {
  put("/led", "much longer before");
  ASSERT_TRUE(LinuxFiles(root).write("/led", "1").has_value());
  EXPECT_EQ(LinuxFiles(root).read("/led"), "1");
}

TEST_F(Files, WritingNeverCreatesAFile) {
  const auto result = LinuxFiles(root).write("/nothing", "1");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::gone);
  EXPECT_FALSE(std::filesystem::exists(root + "/nothing"));
}

TEST_F(Files, ADirectoryIsListedInOrder) {
  put("/d/temp2_input", "");
  put("/d/name", "");
  put("/d/temp10_input", "");
  std::filesystem::create_directories(root + "/d/device");
  const auto names = LinuxFiles(root).list("/d");
  ASSERT_TRUE(names.has_value());
  EXPECT_THAT(*names, ElementsAre("device", "name", "temp10_input", "temp2_input"));
  EXPECT_EQ(LinuxFiles(root).list("/none").error().code, Errc::gone);
}

TEST_F(Files, AFileSystemTellsItsSpace) {
  const auto space = LinuxFiles(root).space("/");
  ASSERT_TRUE(space.has_value());
  EXPECT_GT(space->total_bytes, 0);
  EXPECT_LE(space->free_bytes, space->total_bytes);
  EXPECT_EQ(LinuxFiles(root).space("/none").error().code, Errc::gone);
}

TEST_F(Files, TheBoardIsKnownByTheDeviceTreeBelowTheRoot) {
  LinuxFiles files(root);
  EXPECT_EQ(this_board(files).name, "generic");
  put("/proc/device-tree/model", std::string_view("walnutpi-1b\0", 12));
  EXPECT_EQ(this_board(files).name, "walnutpi-1b");
}

TEST(KernelErrors, TheNumbersOfAttributesAreTheCausesDriversKnow) {
  EXPECT_EQ(to_errc(ENODEV), Errc::gone);
  EXPECT_EQ(to_errc(EAGAIN), Errc::not_ready);
  EXPECT_EQ(to_errc(ENODATA), Errc::not_ready);
  EXPECT_EQ(to_errc(ETIMEDOUT), Errc::timeout);
  EXPECT_EQ(to_errc(ENXIO), Errc::no_ack);
  EXPECT_EQ(to_errc(EBUSY), Errc::busy);
  EXPECT_EQ(to_errc(EIO), Errc::io);
}

TEST(LinuxBoards, ABusIsOneObjectUnderAllItsSpellings) {
  LinuxBoard board(*find_board("walnutpi-1b"));
  EXPECT_EQ(&board.i2c("i2c-1"), &board.i2c("/dev/i2c-1"));
  EXPECT_NE(&board.i2c("i2c-1"), &board.i2c("i2c-2"));
}

TEST(LinuxBoards, AMissingBusSaysHowToEnableItOnThisBoard) {
  LinuxBoard board(*find_board("walnutpi-1b"));
  std::uint8_t byte = 0;
  const auto result = I2cDevice{&board.i2c("i2c-4711"), 0x48}.read({&byte, 1});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::gone);
  EXPECT_THAT(result.error().detail, HasSubstr("set-device enable i2c4711"));
}

TEST(LinuxBoards, NothingOfTheRealBoardIsSubstituted) {
  LinuxBoard board(*find_board("generic"));
  EXPECT_EQ(board.substitute({}, {}), nullptr);
}

}  // namespace
}  // namespace b2m

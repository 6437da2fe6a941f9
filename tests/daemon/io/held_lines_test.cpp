#include "daemon/io/held_lines.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace b2m {
namespace {

/// A pipe stands for a requested line: its reader sees the end when the last descriptor of its writer is gone.
struct Line {
  Line() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    reader = FileDescriptor(ends[0]);
    writer = FileDescriptor(ends[1]);
  }
  [[nodiscard]] bool requested() const {
    char byte = 0;
    return ::read(reader.get(), &byte, 1) != 0;
  }
  FileDescriptor reader;
  FileDescriptor writer;
};

TEST(HeldLines, a_line_stays_requested_until_another_device_takes_it) {
  HeldLines keeper;
  Line line;
  keeper.keep("chip 8", line.writer.get());
  line.writer = FileDescriptor();
  EXPECT_TRUE(line.requested());
  auto taken = keeper.take("chip 8");
  EXPECT_TRUE(taken);
  EXPECT_FALSE(keeper.take("chip 9"));
  keeper.forget("chip 8");
  EXPECT_TRUE(line.requested());
  taken = FileDescriptor();
  EXPECT_FALSE(line.requested());
}

TEST(HeldLines, lines_that_nobody_drives_any_more_are_let_go_of) {
  HeldLines keeper;
  Line fan;
  Line pump;
  keeper.keep("chip 8", fan.writer.get());
  keeper.keep("chip 9", pump.writer.get());
  fan.writer = FileDescriptor();
  pump.writer = FileDescriptor();
  keeper.forget_but({"chip 9"});
  EXPECT_FALSE(fan.requested());
  EXPECT_TRUE(pump.requested());
}

TEST(HeldLines, what_is_kept_of_a_line_is_the_newest_request) {
  HeldLines keeper;
  Line old;
  Line now;
  keeper.keep("chip 8", old.writer.get());
  keeper.keep("chip 8", now.writer.get());
  old.writer = FileDescriptor();
  EXPECT_FALSE(old.requested());
}

/// Writes down what a service manager would be told; a place is called "line-" and the place.
class WatchedLines final : public HeldLines {
 public:
  WatchedLines() { hold("line-chip 7", FileDescriptor()); }
  std::vector<std::string> take_told() { return std::exchange(told_, {}); }

 private:
  [[nodiscard]] std::string key_of(const std::string& place) const override { return "line-" + place; }
  void on_held(const std::string& key, int fd) override { told_.push_back(key + (fd >= 0 ? " held" : " held: none")); }
  void on_dropped(const std::string& key) override { told_.push_back(key + " dropped"); }
  std::vector<std::string> told_;
};

using Told = std::vector<std::string>;

TEST(HeldLines, who_keeps_them_for_the_next_process_is_told_what_is_held_and_dropped) {
  WatchedLines keeper;
  const Line line;
  keeper.keep("chip 8", line.writer.get());
  EXPECT_EQ(keeper.take_told(), Told{"line-chip 8 held"});
  keeper.keep("chip 8", line.writer.get());
  EXPECT_EQ(keeper.take_told(), (Told{"line-chip 8 dropped", "line-chip 8 held"})) << "or it would have two";
  EXPECT_TRUE(keeper.take("chip 8"));
  EXPECT_EQ(keeper.take_told(), Told()) << "whoever takes it leaves it there";
  EXPECT_TRUE(keeper.take("chip 8"));
  keeper.forget("chip 8");
  EXPECT_EQ(keeper.take_told(), Told{"line-chip 8 dropped"});
  keeper.forget("chip 8");
  EXPECT_EQ(keeper.take_told(), Told());
  keeper.keep("chip 9", line.writer.get());
  keeper.take_told();
  keeper.forget_but({"chip 9"});
  EXPECT_EQ(keeper.take_told(), Told{"line-chip 7 dropped"}) << "what an earlier process left";
}

}  // namespace
}  // namespace b2m

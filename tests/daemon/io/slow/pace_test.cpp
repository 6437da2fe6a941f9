// The clock of this process: needs real time.
#include <gtest/gtest.h>

#include "daemon/io/linux_timed_lines.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

TEST(LinuxPace, APauseIsNeverShorterThanAskedFor) {
  const auto pace = make_pace();
  const auto before = pace->now();
  pace->pause(20us);
  pace->pause(300us);
  EXPECT_GE(pace->now() - before, 320us);
}

}  // namespace
}  // namespace b2m

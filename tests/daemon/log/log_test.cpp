#include "daemon/log/log.hpp"

#include <gtest/gtest.h>

#include <string>

namespace b2m::log {
namespace {

/// What `action` writes to standard error.
template <class Action>
std::string lines_of(Action action) {
  testing::internal::CaptureStderr();
  action();
  return testing::internal::GetCapturedStderr();
}

class Log : public testing::Test {
 protected:
  ~Log() override { set_level(Level::info); }
};

TEST_F(Log, ALineHasItsLevelItsDeviceAndItsText) {
  EXPECT_EQ(lines_of([] { warning({.device = "climate"}, "no answer at {:#x}", 0x76); }),
            "warning: climate: no answer at 0x76\n");
}

TEST_F(Log, WithoutADeviceTheTextFollowsTheLevel) {
  EXPECT_EQ(lines_of([] { error({}, "the broker refuses the login"); }), "error: the broker refuses the login\n");
}

TEST_F(Log, DebugIsSilentUntilAskedFor) {
  EXPECT_EQ(lines_of([] { debug({}, "detail"); }), "");
  set_level(Level::debug);
  EXPECT_EQ(lines_of([] { debug({}, "detail"); }), "debug: detail\n");
}

TEST_F(Log, AHigherThresholdSilencesWhatIsLessUrgent) {
  set_level(Level::warning);
  EXPECT_EQ(lines_of([] {
              notice({}, "recovered");
              info({}, "started");
              warning({}, "failing");
            }),
            "warning: failing\n");
}

TEST_F(Log, WhatCameFromOutsideCannotForgeALineOrDriveTheTerminal) {
  EXPECT_EQ(lines_of([] { info({}, "unknown command \"{}\"", "a\nerror: forged\x1b[2J\x7f"); }),
            "info: unknown command \"a\\x0aerror: forged\\x1b[2J\\x7f\"\n");
}

TEST_F(Log, TextBeyondAsciiIsKept) {
  EXPECT_EQ(lines_of([] { info({}, "23.5 °C"); }), "info: 23.5 °C\n");
}

}  // namespace
}  // namespace b2m::log

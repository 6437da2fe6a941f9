// A step of a sensor as the daemon runs it (daemon/flow/sensor_job.cpp), which gives up after 1000 calls or 15 s of
// pauses.
#pragma once

#include <gtest/gtest.h>

#include "drivers/api/driver.hpp"

namespace b2m {

/// The step ends, or fails, within the daemon's bounds. Of calls that are to be repeated at once there are few, so that
/// others on the bus get their turn. Returns whether it ended well.
inline bool expect_bounded(Sensor& sensor, Result<Progress> (Sensor::*step)()) {
  Progress::Duration waited{0};
  int at_once = 0;
  for (int calls = 1;; ++calls) {
    const auto progress = (sensor.*step)();
    if (!progress) return false;
    waited += progress->pause();
    at_once += progress->again() && progress->pause().count() == 0 ? 1 : 0;
    if (waited > std::chrono::seconds(15) || at_once > 20 || calls == 1000) {
      ADD_FAILURE() << calls << " calls, " << at_once << " of them at once, and " << waited.count() << " µs of pauses";
      return false;
    }
    if (!progress->again()) return true;
  }
}

}  // namespace b2m

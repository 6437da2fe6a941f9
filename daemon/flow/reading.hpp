// What travels up the road: the readings of one measurement of a sensor.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "daemon/loop/event_loop.hpp"
#include "drivers/api/result.hpp"

namespace b2m {

using WallClock = std::chrono::system_clock;
using WallTime = WallClock::time_point;

enum class Quality : std::uint8_t {
  good,
  suspect,  ///< a number that a filter or the driver distrusts
  stale,    ///< older than the sensor's expire_after
  fault,    ///< no number; the error says why
};

/// One value of one channel: a number in SI, or why there is none.
struct Reading {
  std::size_t channel = 0;  ///< index into the sensor's channels
  Result<double> value = 0.0;
  Quality quality = Quality::good;
};

/// The moment of a measurement: the end of the transfer that brought it.
struct Moment {
  WallTime wall;
  SteadyTime monotonic;
  bool synchronised = true;  ///< whether the wall clock was synchronised then
};

/// The readings of one poll or edge. Channels that are disabled or that a filter held back are not in it.
struct Measurement {
  std::uint64_t sequence = 0;  ///< of its sensor, counted from 1 at each start of the daemon
  Moment moment;
  std::vector<Reading> readings;
  bool simulated = false;  ///< values made up because the simulated board has no model of the part
};

}  // namespace b2m

// A clock that stands still until a test moves it.
#pragma once

#include "daemon/sim/motion.hpp"

namespace b2m {

class ManualClock {
 public:
  [[nodiscard]] SimulationClock clock() const {
    return [this] { return now_; };
  }
  void advance(std::chrono::milliseconds by) { now_ += by; }
  [[nodiscard]] std::chrono::steady_clock::time_point now() const { return now_; }

 private:
  std::chrono::steady_clock::time_point now_{std::chrono::hours(100)};
};

}  // namespace b2m

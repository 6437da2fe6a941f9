// Waiting for a part to get ready without blocking its bus and without waiting for ever.
#pragma once

#include <string>
#include <string_view>

#include "drivers/api/driver.hpp"

namespace b2m {

/// Counts the looks at a ready flag in one wait.
/// Worker only.
class BoundedWait {
 public:
  /// `what` completes "the chip did not …".
  constexpr BoundedWait(Progress::Duration pause, unsigned looks, std::string_view what)
      : pause_(pause), looks_(looks), what_(what) {}

  void restart() { used_ = 0; }
  /// The flag was not set: look again after the pause, or give up with `timeout`.
  [[nodiscard]] Result<Progress> again() {
    if (++used_ < looks_) return Progress::again_after(pause_);
    return fail(Errc::timeout, std::string("the chip did not ").append(what_));
  }

 private:
  Progress::Duration pause_;
  unsigned looks_;
  unsigned used_ = 0;
  std::string_view what_;
};

}  // namespace b2m

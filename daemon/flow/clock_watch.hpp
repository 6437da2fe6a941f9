// Finds out whether the wall clock is synchronised, and keeps it known for all.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "daemon/loop/backoff.hpp"
#include "daemon/loop/event_loop.hpp"

namespace b2m {

/// Who can tell whether the clock is synchronised; none: cannot tell.
struct ClockSources {
  std::function<std::optional<bool>()> kernel;
  /// For where the kernel may not be asked. Answers from the loop, exactly once, after the call has returned.
  std::function<void(std::function<void(std::optional<bool>)>)> bus;
};

/// A test makes them small.
struct ClockTimes {
  std::chrono::nanoseconds first_pause = std::chrono::seconds(5);  ///< between two looks
  std::chrono::nanoseconds longest_pause = std::chrono::minutes(1);
  /// A system that tells nobody for so long is a container, whose host keeps the time: taken as synchronised.
  std::chrono::nanoseconds patience = std::chrono::minutes(1);
};

/// While the clock is not synchronised, looks now and then, and whenever somebody sets it; once it is, only then. Loop
/// only.
class ClockWatch {
 public:
  /// Asks the kernel at once; the rest follows from the loop.
  ClockWatch(EventLoop& loop, ClockSources sources, ClockTimes times = {});
  ~ClockWatch();
  ClockWatch(const ClockWatch&) = delete;
  ClockWatch& operator=(const ClockWatch&) = delete;

  /// Called when clock_synchronised() has changed.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

 private:
  void look();
  void conclude(std::optional<bool> answer, SteadyTime now);
  void become(bool synchronised);

  ClockSources sources_;
  const ClockTimes times_;
  Backoff backoff_;
  std::function<void()> changed_;
  ClockSetWatch set_watch_;
  Timer timer_;
  std::optional<SteadyTime> silent_since_;
  bool asking_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< an answer under way holds it weakly
};

}  // namespace b2m

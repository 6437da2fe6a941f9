// The daemon's one event loop: sd-event behind owning types. All mutable state of the daemon is used from its callbacks
// alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

struct sd_event;
struct sd_event_source;

namespace b2m {

using SteadyClock = std::chrono::steady_clock;  ///< CLOCK_MONOTONIC, as the kernel's edges and sd-event have it
using SteadyTime = SteadyClock::time_point;

/// Loop only, except where stated. A callback that throws ends run(), which throws the same exception.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Dispatches until exit() is called; returns its code.
  int run();
  void exit(int code);
  /// Dispatches at most one round of what is due, waiting at most `limit`. For tests and for one-shot commands.
  void run_once(std::chrono::microseconds limit);
  /// Feeds the service manager's watchdog from this loop, when the unit asks for one.
  void enable_watchdog();

  [[nodiscard]] sd_event* get() const noexcept { return event_.get(); }
  /// Runs a callback of a source and keeps what it throws for run(). For the source types below.
  int guarded(const std::function<void()>& callback) noexcept;

 private:
  struct Unref {
    void operator()(sd_event* event) const noexcept;
  };
  void rethrow();
  std::unique_ptr<sd_event, Unref> event_;
  std::exception_ptr thrown_;
};

/// A source that lives as long as its owner. Loop only.
class EventSource {
 public:
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;

 protected:
  EventSource(EventLoop& loop, std::function<void()> callback) : loop_(loop), callback_(std::move(callback)) {}
  ~EventSource();
  int dispatch() noexcept { return loop_.guarded(callback_); }

  EventLoop& loop_;
  std::function<void()> callback_;
  sd_event_source* source_ = nullptr;
};

/// Calls back once at a time on the monotonic clock; may be armed again from its callback. Loop only.
class Timer : EventSource {
 public:
  Timer(EventLoop& loop, std::function<void()> callback);
  void arm(SteadyTime when);
  void arm_after(std::chrono::nanoseconds delay) {
    arm(SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(delay));
  }
  void cancel() noexcept;
  [[nodiscard]] bool armed() const noexcept { return armed_; }

 private:
  bool armed_ = false;
};

/// Calls back once at a time on the wall clock, also when that is set past the moment meanwhile. Loop only.
class WallTimer : EventSource {
 public:
  WallTimer(EventLoop& loop, std::function<void()> callback);
  void arm(std::chrono::system_clock::time_point when);
  void cancel() noexcept;
};

/// Calls back when somebody sets the wall clock, in a step and not by slewing. Loop only.
class ClockSetWatch : EventSource {
 public:
  ClockSetWatch(EventLoop& loop, std::function<void()> callback);

 private:
  void rearm();
  int on_ready() noexcept;
  int timer_ = -1;  ///< the event source's to close
};

/// Calls back while a descriptor is readable. Does not own the descriptor. Loop only.
class ReadWatch : EventSource {
 public:
  ReadWatch(EventLoop& loop, int fd, std::function<void()> callback);
};

/// Calls back for a signal that block_signals() has blocked. Loop only.
class SignalWatch : EventSource {
 public:
  SignalWatch(EventLoop& loop, int signal, std::function<void()> callback);
};

/// Blocks SIGTERM, SIGINT and SIGHUP for this thread and those it starts; to be called before any thread exists.
void block_signals();

}  // namespace b2m

#include "daemon/loop/event_loop.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <limits>
#include <system_error>
#include <utility>

namespace b2m {
namespace {

void check(int result, const char* what) {
  if (result < 0) throw std::system_error(-result, std::generic_category(), what);
}

std::uint64_t to_usec(SteadyTime time) {
  const auto usec = std::chrono::ceil<std::chrono::microseconds>(time.time_since_epoch()).count();
  return usec < 0 ? 0 : static_cast<std::uint64_t>(usec);
}

constexpr std::uint64_t timer_accuracy_usec = 1000;

}  // namespace

void EventLoop::Unref::operator()(sd_event* event) const noexcept { sd_event_unref(event); }

EventLoop::EventLoop() {
  sd_event* event = nullptr;
  check(sd_event_new(&event), "sd_event_new");
  event_.reset(event);
}

EventLoop::~EventLoop() = default;

int EventLoop::run() {
  const int code = sd_event_loop(event_.get());
  rethrow();
  check(code, "sd_event_loop");
  return code;
}

void EventLoop::exit(int code) { check(sd_event_exit(event_.get(), code), "sd_event_exit"); }

void EventLoop::run_once(std::chrono::microseconds limit) {
  check(sd_event_run(event_.get(), static_cast<std::uint64_t>(limit.count())), "sd_event_run");
  rethrow();
}

void EventLoop::enable_watchdog() { check(sd_event_set_watchdog(event_.get(), 1), "sd_event_set_watchdog"); }

int EventLoop::guarded(const std::function<void()>& callback) noexcept {
  try {
    callback();
  } catch (...) {
    thrown_ = std::current_exception();
    sd_event_exit(event_.get(), 1);
  }
  return 0;
}

void EventLoop::rethrow() {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

EventSource::~EventSource() {
  if (source_ != nullptr) sd_event_source_disable_unref(source_);
}

Timer::Timer(EventLoop& loop, std::function<void()> callback) : EventSource(loop, std::move(callback)) {
  const auto handler = [](sd_event_source*, std::uint64_t, void* self) {
    auto* timer = static_cast<Timer*>(self);
    timer->armed_ = false;  // sd-event timers are one-shot
    return timer->dispatch();
  };
  check(sd_event_add_time(loop.get(), &source_, CLOCK_MONOTONIC, UINT64_MAX, timer_accuracy_usec, handler, this),
        "timer");
  check(sd_event_source_set_enabled(source_, SD_EVENT_OFF), "timer");
}

void Timer::arm(SteadyTime when) {
  check(sd_event_source_set_time(source_, to_usec(when)), "timer");
  check(sd_event_source_set_enabled(source_, SD_EVENT_ONESHOT), "timer");
  armed_ = true;
}

void Timer::cancel() noexcept {
  sd_event_source_set_enabled(source_, SD_EVENT_OFF);
  armed_ = false;
}

WallTimer::WallTimer(EventLoop& loop, std::function<void()> callback) : EventSource(loop, std::move(callback)) {
  const auto handler = [](sd_event_source*, std::uint64_t, void* self) {
    return static_cast<WallTimer*>(self)->dispatch();
  };
  check(sd_event_add_time(loop.get(), &source_, CLOCK_REALTIME, UINT64_MAX, timer_accuracy_usec, handler, this),
        "wall timer");
  check(sd_event_source_set_enabled(source_, SD_EVENT_OFF), "wall timer");
}

void WallTimer::arm(std::chrono::system_clock::time_point when) {
  const auto usec = std::chrono::duration_cast<std::chrono::microseconds>(when.time_since_epoch()).count();
  check(sd_event_source_set_time(source_, static_cast<std::uint64_t>(usec)), "wall timer");
  check(sd_event_source_set_enabled(source_, SD_EVENT_ONESHOT), "wall timer");
}

void WallTimer::cancel() noexcept { sd_event_source_set_enabled(source_, SD_EVENT_OFF); }

ClockSetWatch::ClockSetWatch(EventLoop& loop, std::function<void()> callback)
    : EventSource(loop, std::move(callback)), timer_(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {
  check(timer_ < 0 ? -errno : 0, "timerfd_create");
  const auto handler = [](sd_event_source*, int, std::uint32_t, void* self) {
    return static_cast<ClockSetWatch*>(self)->on_ready();
  };
  check(sd_event_add_io(loop.get(), &source_, timer_, EPOLLIN, handler, this), "clock watch");
  check(sd_event_source_set_io_fd_own(source_, 1), "clock watch");
  rearm();
}

/// A timer that never ends, but is cancelled when the clock is set (timerfd_create(2)). ECANCELED: it was set just now,
/// and the timer is armed. A container's kernel that cannot do this is no reason to end: nobody is called then.
void ClockSetWatch::rearm() {
  itimerspec never{};
  never.it_value.tv_sec = std::numeric_limits<time_t>::max();
  timerfd_settime(timer_, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
}

int ClockSetWatch::on_ready() noexcept {
  std::uint64_t unused = 0;
  const bool set = read(timer_, &unused, sizeof(unused)) < 0 && errno == ECANCELED;
  if (!set) return 0;
  return loop_.guarded([this] {
    rearm();
    callback_();
  });
}

ReadWatch::ReadWatch(EventLoop& loop, int fd, std::function<void()> callback) : EventSource(loop, std::move(callback)) {
  const auto handler = [](sd_event_source*, int, std::uint32_t, void* self) {
    return static_cast<ReadWatch*>(self)->dispatch();
  };
  check(sd_event_add_io(loop.get(), &source_, fd, EPOLLIN, handler, this), "descriptor watch");
}

SignalWatch::SignalWatch(EventLoop& loop, int signal, std::function<void()> callback)
    : EventSource(loop, std::move(callback)) {
  const auto handler = [](sd_event_source*, const signalfd_siginfo*, void* self) {
    return static_cast<SignalWatch*>(self)->dispatch();
  };
  check(sd_event_add_signal(loop.get(), &source_, signal, handler, this), "signal watch");
}

void block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  check(-pthread_sigmask(SIG_BLOCK, &set, nullptr), "pthread_sigmask");
}

}  // namespace b2m

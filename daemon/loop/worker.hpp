// A thread for what may sleep in the kernel: one for each bus, and one for each other thing that is waited for.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "daemon/loop/event_loop.hpp"

namespace b2m {

/// A piece of work in steps. It is called on the worker's thread, never twice at the same time.
class Job {
 public:
  virtual ~Job() = default;
  /// Does one step. Returns the pause after which it wants the next one (others are served meanwhile), or none when it
  /// is done. Must not throw.
  virtual std::optional<std::chrono::microseconds> step() = 0;
};

/// Runs jobs one step at a time: commands first, then jobs whose pause is over, then polls in the order they were
/// posted. Any thread.
class Worker {
 public:
  enum class Lane : std::uint8_t { command, poll };

  /// `name` is the thread's, at most 15 characters. Each lane holds at most `capacity` jobs.
  explicit Worker(const std::string& name, std::size_t capacity = 256);
  /// Stops without grace.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// False when the lane is full or the worker is stopping; the job is then not run.
  bool post(std::shared_ptr<Job> job, Lane lane);
  /// Since when the step under way has been running, if one is.
  [[nodiscard]] std::optional<SteadyTime> busy_since() const noexcept;

  /// Lets the step under way finish and drops the rest; returns at once.
  void request_stop();
  /// Waits until the thread has ended, at most until `deadline`; every job it held is destroyed by then. A thread that
  /// hangs in the kernel is left behind (false): it keeps what it uses alive and touches nothing else.
  bool join_until(SteadyTime deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace b2m

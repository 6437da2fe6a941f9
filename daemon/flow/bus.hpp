// A bus as the loop sees it: its worker, what is under way on it, and whether it hangs.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/loop/event_loop.hpp"
#include "daemon/loop/mailbox.hpp"
#include "daemon/loop/worker.hpp"

namespace b2m {

/// Work for a bus with two halves: `step` on the worker, `finish` back on the loop.
class BusJob : public Job, public std::enable_shared_from_this<BusJob> {
 public:
  std::optional<std::chrono::microseconds> step() final;

 protected:
  /// One step of the work; as Job::step. Worker only.
  virtual std::optional<std::chrono::microseconds> work() = 0;
  /// Takes the result; called once for each time the job was posted, unless the bus is gone by then. Loop only.
  virtual void finish() = 0;

 private:
  friend class Bus;
  std::optional<Mailbox<std::shared_ptr<BusJob>>::Sender> done_;
};

/// Loop only. A job that overstays the budget marks the bus as stuck: it takes no new work until that job comes back.
class Bus {
 public:
  /// How long one step may take before the bus counts as stuck: longer than the kernel's own limits for a transfer
  /// (i2c-dev: one second, w1: 750 ms for each sensor).
  static constexpr std::chrono::seconds default_budget{5};

  Bus(EventLoop& loop, std::string name, std::chrono::nanoseconds budget = default_budget);

  /// False when the bus is stuck, its queue is full or too much is under way. The job must not be under way already.
  bool post(std::shared_ptr<BusJob> job, Worker::Lane lane);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool stuck() const noexcept { return stuck_; }
  /// Called when the bus gets stuck (true) and when it has come back (false).
  void on_stuck(std::function<void(bool)> listener) { listeners_.push_back(std::move(listener)); }
  [[nodiscard]] Worker& worker() noexcept { return worker_; }

 private:
  void receive(const std::shared_ptr<BusJob>& job);
  void watch();
  void set_stuck(bool stuck);

  std::string name_;
  std::chrono::nanoseconds budget_;
  Mailbox<std::shared_ptr<BusJob>> done_;
  Timer watch_timer_;
  std::vector<std::function<void(bool)>> listeners_;
  std::size_t under_way_ = 0;
  bool stuck_ = false;
  Worker worker_;
};

}  // namespace b2m

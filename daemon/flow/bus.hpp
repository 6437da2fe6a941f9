// A bus as the loop sees it: its worker, what is under way on it, and whether it hangs.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
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
  /// Takes the result; called once for each time the job was posted, unless the bus or the member that posted it is
  /// gone by then. Loop only.
  virtual void finish() = 0;

 private:
  friend class Bus;
  friend class BusMember;
  [[nodiscard]] bool abandoned() const noexcept { return gone_ && *gone_; }

  std::optional<Mailbox<std::shared_ptr<BusJob>>::Sender> done_;
  std::shared_ptr<const std::atomic<bool>> gone_;  ///< whether the member that posted it is; null: nobody's
};

class BusMember;

/// Loop only. A job that overstays the budget marks the bus as stuck: it takes no new work until that job comes back.
class Bus {
 public:
  /// How long one step may take before the bus counts as stuck: longer than the kernel's own limits for a transfer
  /// (i2c-dev: one second, w1: 750 ms for each sensor).
  static constexpr std::chrono::seconds default_budget{5};

  Bus(EventLoop& loop, std::string name, std::chrono::nanoseconds budget = default_budget);

  /// False when the bus is stuck, its queue is full or too much is under way. The job must not be under way already.
  /// Its end is always told: for work that outlives whoever wants it done; all else goes through a BusMember.
  bool post(std::shared_ptr<BusJob> job, Worker::Lane lane);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool stuck() const noexcept { return stuck_; }
  /// Nobody uses it and nothing is under way: it can end without loss.
  [[nodiscard]] bool idle() const noexcept { return members_.empty() && under_way_ == 0; }
  /// Called when it has become so. It must not end the bus.
  void on_idle(std::function<void()> listener) { on_idle_ = std::move(listener); }
  [[nodiscard]] Worker& worker() noexcept { return worker_; }

 private:
  friend class BusMember;
  void receive(const std::shared_ptr<BusJob>& job);
  void watch();
  void set_stuck(bool stuck);

  std::string name_;
  std::chrono::nanoseconds budget_;
  Mailbox<std::shared_ptr<BusJob>> done_;
  Timer watch_timer_;
  std::vector<BusMember*> members_;
  std::function<void()> on_idle_;
  std::size_t under_way_ = 0;
  bool stuck_ = false;
  Worker worker_;
};

/// A device's place on a bus. When it goes, what the device has under way there ends at its next step and is heard by
/// nobody. Loop only.
class BusMember {
 public:
  /// `bus` outlives it. `on_stuck`, which may be empty, is called when the bus gets stuck (true) and when it has come
  /// back (false).
  explicit BusMember(Bus& bus, std::function<void(bool)> on_stuck = {});
  ~BusMember();
  BusMember(const BusMember&) = delete;
  BusMember& operator=(const BusMember&) = delete;

  /// As Bus::post.
  bool post(std::shared_ptr<BusJob> job, Worker::Lane lane);
  [[nodiscard]] Bus& bus() noexcept { return bus_; }
  [[nodiscard]] const std::string& name() const noexcept { return bus_.name(); }
  [[nodiscard]] bool stuck() const noexcept { return bus_.stuck(); }

 private:
  friend class Bus;
  Bus& bus_;
  std::function<void(bool)> on_stuck_;
  std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace b2m

#include "daemon/loop/worker.hpp"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace b2m {

/// Shared by the worker and its thread, so that a thread left behind finds everything it uses.
struct Worker::State {
  explicit State(std::size_t limit) : capacity(limit) {}

  struct Parked {
    SteadyTime due;
    std::uint64_t order;  ///< first come, first served among equals
    std::shared_ptr<Job> job;
    bool operator>(const Parked& other) const { return std::pair(due, order) > std::pair(other.due, other.order); }
  };

  const std::size_t capacity;
  std::mutex mutex;
  std::condition_variable changed;
  std::array<std::deque<std::shared_ptr<Job>>, 2> lanes;  ///< by Lane
  std::vector<Parked> parked;                             ///< heap, earliest first
  std::uint64_t parked_count = 0;
  bool stopping = false;
  bool ended = false;
  std::atomic<SteadyTime::rep> busy_since = 0;  ///< 0: idle

  void run();
  void drop_all(std::unique_lock<std::mutex>& lock);
  std::shared_ptr<Job> take(std::unique_lock<std::mutex>& lock);
  std::shared_ptr<Job> pop(Lane lane);
  std::shared_ptr<Job> pop_due(SteadyTime now);
  void park(std::shared_ptr<Job> job, std::chrono::microseconds pause);
};

std::shared_ptr<Job> Worker::State::pop(Lane lane) {
  auto& queue = lanes[static_cast<std::size_t>(lane)];
  if (queue.empty()) return nullptr;
  auto job = std::move(queue.front());
  queue.pop_front();
  return job;
}

std::shared_ptr<Job> Worker::State::pop_due(SteadyTime now) {
  if (parked.empty() || parked.front().due > now) return nullptr;
  std::pop_heap(parked.begin(), parked.end(), std::greater{});
  auto job = std::move(parked.back().job);
  parked.pop_back();
  return job;
}

/// Waits for the next job; none when the worker stops.
std::shared_ptr<Job> Worker::State::take(std::unique_lock<std::mutex>& lock) {
  while (!stopping) {
    if (auto job = pop(Lane::command)) return job;
    if (auto job = pop_due(SteadyClock::now())) return job;
    if (auto job = pop(Lane::poll)) return job;
    if (parked.empty()) {
      changed.wait(lock);
    } else {
      const auto due = parked.front().due;
      changed.wait_until(lock, due);
    }
  }
  return nullptr;
}

void Worker::State::park(std::shared_ptr<Job> job, std::chrono::microseconds pause) {
  parked.push_back({SteadyClock::now() + pause, parked_count++, std::move(job)});
  std::push_heap(parked.begin(), parked.end(), std::greater{});
}

void Worker::State::run() {
  std::unique_lock lock(mutex);
  while (auto job = take(lock)) {
    lock.unlock();
    busy_since.store(SteadyClock::now().time_since_epoch().count(), std::memory_order_relaxed);
    const auto pause = job->step();
    busy_since.store(0, std::memory_order_relaxed);
    if (!pause) job.reset();  // outside the lock: it may own a device
    lock.lock();
    if (pause) park(std::move(job), *pause);
  }
  drop_all(lock);
  ended = true;
  changed.notify_all();
}

/// Before the end is told: a job may own a device whose bus is closed right after the join.
void Worker::State::drop_all(std::unique_lock<std::mutex>& lock) {
  auto waiting = std::exchange(lanes, {});
  auto pausing = std::exchange(parked, {});
  lock.unlock();
  for (auto& lane : waiting) lane.clear();
  pausing.clear();
  lock.lock();
}

Worker::Worker(const std::string& name, std::size_t capacity) : state_(std::make_shared<State>(capacity)) {
  std::thread thread([state = state_, name = name.substr(0, 15)] {
    pthread_setname_np(pthread_self(), name.c_str());  // from within: another thread's name goes through /proc
    state->run();
  });
  thread.detach();  // its end is told by State::ended, since a hung thread could never be joined
}

Worker::~Worker() { request_stop(); }

bool Worker::post(std::shared_ptr<Job> job, Lane lane) {
  {
    const std::lock_guard lock(state_->mutex);
    auto& queue = state_->lanes[static_cast<std::size_t>(lane)];
    if (state_->stopping || queue.size() >= state_->capacity) return false;
    queue.push_back(std::move(job));
  }
  state_->changed.notify_all();
  return true;
}

std::optional<SteadyTime> Worker::busy_since() const noexcept {
  const auto since = state_->busy_since.load(std::memory_order_relaxed);
  if (since == 0) return std::nullopt;
  return SteadyTime(SteadyClock::duration(since));
}

void Worker::request_stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
}

bool Worker::join_until(SteadyTime deadline) {
  request_stop();
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_until(lock, deadline, [this] { return state_->ended; });
}

}  // namespace b2m

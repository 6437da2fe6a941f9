// The way of a value from any thread to the loop: a bounded queue with an eventfd.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "daemon/loop/event_loop.hpp"
#include "daemon/loop/wakeup.hpp"

namespace b2m {

/// Receives values on the loop, in the order they were pushed. Loop only, but for its senders.
template <class T>
class Mailbox {
  struct Shared {
    explicit Shared(std::size_t limit) : capacity(limit) { waiting.reserve(limit < 64 ? limit : 64); }
    const std::size_t capacity;
    std::mutex mutex;
    std::vector<T> waiting;
    bool closed = false;  ///< nobody receives any more
    std::atomic<std::size_t> dropped = 0;
    Wakeup wakeup;
  };

 public:
  /// The other end. Any thread; may outlive the mailbox, and then pushes into nothing.
  class Sender {
   public:
    explicit Sender(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
    /// False when the mailbox is gone, or full; the value is then counted as dropped. Never waits for the loop.
    bool try_push(T value) const {
      bool first = false;
      {
        const std::lock_guard lock(shared_->mutex);
        if (shared_->closed) return false;
        if (shared_->waiting.size() >= shared_->capacity) {
          shared_->dropped.fetch_add(1, std::memory_order_relaxed);
          return false;
        }
        first = shared_->waiting.empty();
        shared_->waiting.push_back(std::move(value));
      }
      if (first) shared_->wakeup.signal();
      return true;
    }

   private:
    std::shared_ptr<Shared> shared_;
  };

  Mailbox(EventLoop& loop, std::size_t capacity, std::function<void(T)> receive)
      : shared_(std::make_shared<Shared>(capacity)),
        receive_(std::move(receive)),
        watch_(loop, shared_->wakeup.fd(), [this] { drain(); }) {}

  /// What still waits is let go of: it may hold a sender, and so what it waits in.
  ~Mailbox() {
    std::vector<T> unread;
    const std::lock_guard lock(shared_->mutex);
    shared_->closed = true;
    unread.swap(shared_->waiting);
  }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  [[nodiscard]] Sender sender() const { return Sender(shared_); }
  [[nodiscard]] std::size_t dropped() const noexcept { return shared_->dropped.load(std::memory_order_relaxed); }

 private:
  void drain() {
    shared_->wakeup.clear();
    {
      const std::lock_guard lock(shared_->mutex);
      batch_.swap(shared_->waiting);
    }
    // Moved out first: a receiver may destroy what it is called for, and must find no half-read batch.
    for (auto& value : batch_) receive_(std::move(value));
    batch_.clear();
  }

  std::shared_ptr<Shared> shared_;
  std::function<void(T)> receive_;
  std::vector<T> batch_;
  ReadWatch watch_;
};

}  // namespace b2m

// An eventfd that one thread signals and another waits for.
#pragma once

namespace b2m {

/// Any thread.
class Wakeup {
 public:
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  [[nodiscard]] int fd() const noexcept { return fd_; }
  void signal() noexcept;
  void clear() noexcept;

 private:
  int fd_;
};

}  // namespace b2m

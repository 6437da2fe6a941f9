// A disk that does not answer.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/loop/worker.hpp"

namespace b2m::test {

/// Keeps a worker from its other jobs until it is let go.
class Held {
 public:
  explicit Held(Worker& worker) {
    worker.post(std::make_shared<Wait>(let_go_.get_future().share()), Worker::Lane::command);
  }
  ~Held() { let_go(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  void let_go() {
    if (!std::exchange(gone_, true)) let_go_.set_value();
  }

 private:
  struct Wait final : Job {
    explicit Wait(std::shared_future<void> until) : end(std::move(until)) {}
    std::optional<std::chrono::microseconds> step() override {
      end.wait();
      return std::nullopt;
    }
    std::shared_future<void> end;
  };
  std::promise<void> let_go_;
  bool gone_ = false;
};

}  // namespace b2m::test

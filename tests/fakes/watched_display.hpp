// A text display on the simulated bus that a test looks at.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>

#include "daemon/sim/simulated_i2c.hpp"
#include "tests/fakes/lcd_controller.hpp"

namespace b2m {

/// What it shows may be read while its worker writes.
class WatchedDisplay {
 public:
  [[nodiscard]] std::string line(unsigned address) const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->controller.line(address, 16);
  }
  [[nodiscard]] std::unique_ptr<ChipModel> chip() const { return std::make_unique<Chip>(shared_); }

 private:
  struct Shared {
    std::mutex mutex;
    LcdController controller;
  };
  class Chip final : public ChipModel {
   public:
    explicit Chip(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
    Result<> write(std::span<const std::uint8_t> bytes) override {
      const std::lock_guard lock(shared_->mutex);
      for (const auto pins : bytes) shared_->controller.take(pins);
      return {};
    }
    Result<> read(std::span<std::uint8_t> into) override {
      std::fill(into.begin(), into.end(), std::uint8_t{0xff});
      return {};
    }

   private:
    std::shared_ptr<Shared> shared_;
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace b2m

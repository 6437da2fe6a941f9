// An SPI chip select that plays a script: the exact transfers a driver must make, each with its answer or its error.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drivers/api/spi.hpp"

namespace b2m {

struct SpiStep {
  std::vector<std::uint8_t> out;
  std::vector<std::uint8_t> in;
  std::optional<Error> error = {};
};
using SpiScript = std::vector<SpiStep>;

/// Fails the test when a transfer differs from the script, when one is missing, and when there are more.
class ScriptedSpi final : public SpiBus {
 public:
  explicit ScriptedSpi(SpiScript script, std::uint8_t mode = 0) : script_(std::move(script)), mode_(mode) {}
  ScriptedSpi(const ScriptedSpi&) = delete;
  ScriptedSpi& operator=(const ScriptedSpi&) = delete;
  ~ScriptedSpi() override {
    if (next_ != script_.size()) ADD_FAILURE() << script_.size() - next_ << " scripted transfer(s) were not made";
  }

  Result<> transfer(const SpiFormat& format, std::span<const std::uint8_t> out, std::span<std::uint8_t> in) override {
    if (next_ == script_.size()) return differs("a transfer after the end of the script");
    const auto& step = script_[next_++];
    if (format.mode != mode_) return differs(fmt::format("mode {} instead of {}", format.mode, mode_));
    if (!std::equal(out.begin(), out.end(), step.out.begin(), step.out.end()) || in.size() != out.size())
      return differs(fmt::format("transfer {}: [{:02x}] instead of [{:02x}]", next_,
                                 fmt::join(std::vector(out.begin(), out.end()), " "), fmt::join(step.out, " ")));
    if (step.error) return tl::unexpected(*step.error);
    std::copy(step.in.begin(), step.in.end(), in.begin());
    return {};
  }

 private:
  static Result<> differs(const std::string& how) {
    ADD_FAILURE() << how;
    return fail(Errc::io, how);
  }

  SpiScript script_;
  std::uint8_t mode_;
  std::size_t next_ = 0;
};

}  // namespace b2m

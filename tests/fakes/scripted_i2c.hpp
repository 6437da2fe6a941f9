// An I2C bus that plays a script: the exact transfers a driver must make, in order, each with its answer or its error.
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

#include "drivers/api/i2c.hpp"

namespace b2m {

/// One transaction: what is written, then what is answered, or the error instead.
struct I2cStep {
  std::vector<std::uint8_t> write = {};
  std::vector<std::uint8_t> answer = {};
  std::optional<Error> error = {};
};

namespace i2c {
using Bytes = std::vector<std::uint8_t>;
inline I2cStep write(Bytes bytes) { return {.write = std::move(bytes)}; }
inline I2cStep read(Bytes answer) { return {.answer = std::move(answer)}; }
/// A write and a read in one transaction.
inline I2cStep write_read(Bytes bytes, Bytes answer) {
  return {.write = std::move(bytes), .answer = std::move(answer)};
}
/// The same step, but the bus fails.
inline I2cStep failing(I2cStep step, Errc code) {
  step.error = Error{code, "injected"};
  return step;
}
}  // namespace i2c

using I2cScript = std::vector<I2cStep>;

/// Fails the test when a transfer differs from the script, when one is missing, and when there are more.
class ScriptedI2c final : public I2cBus {
 public:
  ScriptedI2c(std::uint8_t address, I2cScript script) : address_(address), script_(std::move(script)) {}
  ScriptedI2c(const ScriptedI2c&) = delete;
  ScriptedI2c& operator=(const ScriptedI2c&) = delete;
  ~ScriptedI2c() override {
    if (next_ != script_.size())
      ADD_FAILURE() << script_.size() - next_ << " scripted transfer(s) were not made, first "
                    << describe(script_[next_]);
  }

  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override {
    I2cStep made;
    std::size_t wanted = 0;
    for (const auto& op : ops) {
      made.write.insert(made.write.end(), op.write.begin(), op.write.end());
      wanted += op.read.size();
    }
    made.answer.resize(wanted);
    if (next_ == script_.size())
      return differs(fmt::format("transfer after the end of the script: {}", describe(made)));
    const I2cStep& step = script_[next_++];
    if (address != address_) return differs(fmt::format("address 0x{:02x} instead of 0x{:02x}", address, address_));
    if (made.write != step.write || wanted != step.answer.size())
      return differs(fmt::format("transfer {}: {} instead of {}", next_, describe(made), describe(step)));
    if (step.error) return tl::unexpected(*step.error);
    auto from = step.answer.begin();
    for (const auto& op : ops) {
      std::copy_n(from, op.read.size(), op.read.begin());
      from += static_cast<std::ptrdiff_t>(op.read.size());
    }
    return {};
  }

 private:
  static std::string describe(const I2cStep& step) {
    return fmt::format("write [{:02x}], read {} byte(s)", fmt::join(step.write, " "), step.answer.size());
  }
  static Result<> differs(const std::string& how) {
    ADD_FAILURE() << how;
    return fail(Errc::io, how);
  }

  std::uint8_t address_;
  I2cScript script_;
  std::size_t next_ = 0;
};

}  // namespace b2m

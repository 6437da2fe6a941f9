// A serial port that plays a script: what a driver must write, in order, and what arrives between.
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

#include "drivers/api/serial.hpp"

namespace b2m {

/// One call of the port.
struct SerialStep {
  enum class Kind : std::uint8_t { write, read, discard };
  Kind kind;
  std::vector<std::uint8_t> bytes = {};  ///< to be written, or read
  std::optional<Error> error = {};
};

namespace serial {
using Bytes = std::vector<std::uint8_t>;
inline SerialStep write(Bytes bytes) { return {SerialStep::Kind::write, std::move(bytes)}; }
inline SerialStep read(Bytes bytes) { return {SerialStep::Kind::read, std::move(bytes)}; }
inline SerialStep silence() { return {SerialStep::Kind::read}; }
inline SerialStep discard() { return {SerialStep::Kind::discard}; }
/// The same step, but the port fails.
inline SerialStep failing(SerialStep step, Errc code) {
  step.error = Error{code, "injected"};
  return step;
}
}  // namespace serial

using SerialScript = std::vector<SerialStep>;

/// Fails the test when a call differs from the script, when one is missing, and when there are more. After the script,
/// a port that `stays_silent` gives no bytes instead.
class ScriptedSerial final : public SerialPort {
 public:
  explicit ScriptedSerial(SerialScript script, bool stays_silent = false)
      : script_(std::move(script)), stays_silent_(stays_silent) {}
  ScriptedSerial(const ScriptedSerial&) = delete;
  ScriptedSerial& operator=(const ScriptedSerial&) = delete;
  ~ScriptedSerial() override {
    if (next_ != script_.size()) ADD_FAILURE() << script_.size() - next_ << " scripted call(s) were not made";
  }

  Result<> write(const SerialFormat&, std::span<const std::uint8_t> bytes) override {
    B2M_ASSIGN(const auto* step, take(SerialStep::Kind::write));
    if (!std::equal(bytes.begin(), bytes.end(), step->bytes.begin(), step->bytes.end()))
      return differs(fmt::format("call {}: wrote [{:02x}] instead of [{:02x}]", next_,
                                 fmt::join(std::vector(bytes.begin(), bytes.end()), " "), fmt::join(step->bytes, " ")));
    return {};
  }
  Result<std::size_t> read(const SerialFormat&, std::span<std::uint8_t> into, std::chrono::milliseconds) override {
    ++reads_;
    if (next_ == script_.size() && stays_silent_) return std::size_t{0};
    B2M_ASSIGN(const auto* step, take(SerialStep::Kind::read));
    const auto count = std::min(into.size(), step->bytes.size());
    std::copy_n(step->bytes.begin(), count, into.begin());
    return count;
  }
  Result<> discard(const SerialFormat&) override {
    B2M_TRY(take(SerialStep::Kind::discard));
    return {};
  }

  [[nodiscard]] int reads() const noexcept { return reads_; }

 private:
  Result<const SerialStep*> take(SerialStep::Kind kind) {
    if (next_ == script_.size()) return tl::unexpected(differs("a call after the end of the script").error());
    const auto& step = script_[next_++];
    if (step.kind != kind) return tl::unexpected(differs(fmt::format("call {} is another one", next_)).error());
    if (step.error) return tl::unexpected(*step.error);
    return &step;
  }
  static Result<> differs(const std::string& how) {
    ADD_FAILURE() << how;
    return fail(Errc::io, how);
  }

  SerialScript script_;
  bool stays_silent_;
  std::size_t next_ = 0;
  int reads_ = 0;
};

}  // namespace b2m

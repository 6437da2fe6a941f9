// The engine for Sensirion's larger sensors: commands that carry arguments, answers that are checked or waited for, and
// a start of several steps. A driver of this kind is two lists of exchanges and a function that decodes the last
// answer.
#pragma once

#include <bit>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/api/driver.hpp"

namespace b2m {

using Words = std::span<const std::uint16_t>;

/// A command, its arguments, and what is answered. The command and the answer are transactions of their own, as these
/// parts want it.
struct Exchange {
  std::uint16_t code;
  std::vector<std::uint16_t> arguments = {};
  std::chrono::microseconds pause{0};  ///< from the command to its answer, or to the next command
  std::size_t words = 0;               ///< of the answer; 0: none is read
  /// What is wrong with the answer; after not_ready it is asked for again, `looks` times at most.
  std::function<Result<>(Words)> accept = {};
  unsigned looks = 1;                    ///< how often to ask until the answer is accepted
  std::chrono::microseconds between{0};  ///< from a refused answer to the next look
  bool may_be_refused = false;           ///< a missing acknowledge of command or answer is no error
  /// For settings in non-volatile memory: ask first, and send the one argument only where it differs.
  bool only_on_change = false;
};

/// A chip as its options configure it.
struct DialogChip {
  std::vector<Exchange> start;    ///< made by init(), in order
  std::vector<Exchange> trigger;  ///< made by trigger(); what the last one answers is left for read()
  std::function<Result<>(Words, Samples&)> decode;
};

/// Sends a command with a CRC-8 behind each argument. Worker only.
[[nodiscard]] Result<> send_checked_words(const I2cDevice& device, std::uint16_t code, Words arguments = {});

/// Reads words with a CRC-8 behind each; the error names the damaged one. Worker only.
[[nodiscard]] Result<> read_checked_words(const I2cDevice& device, std::span<std::uint16_t> words);

/// Asks for words in one go, for probes: a part that is not ready yet does not acknowledge, and is then asked again at
/// once, which takes some 10 ms at most. Worker only.
[[nodiscard]] Result<> ask_checked_words(const I2cDevice& device, std::uint16_t code, std::span<std::uint16_t> words);

/// An IEEE 754 number sent as two words, the upper half first. Pure.
[[nodiscard]] constexpr double ieee754(std::uint16_t high, std::uint16_t low) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(high) << 16 | low);
}

/// Talks to a chip as its DialogChip says.
/// Worker only.
class WordDialogSensor final : public Sensor {
 public:
  WordDialogSensor(DialogChip chip, I2cDevice device, std::span<const ChannelSpec> channels)
      : chip_(std::move(chip)), device_(device), channels_(channels) {}
  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channels_); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  /// Makes one step of the list; done when nothing is left of its first `size` exchanges.
  Result<Progress> advance(const std::vector<Exchange>& list, std::size_t size);
  Result<Progress> ask(const Exchange& exchange);
  Result<Progress> take_answer(const Exchange& exchange);
  Result<Progress> go_on(std::chrono::microseconds pause);
  void rewind();

  DialogChip chip_;
  I2cDevice device_;
  std::span<const ChannelSpec> channels_;
  std::size_t at_ = 0;   ///< the exchange under way
  bool asked_ = false;   ///< its command was sent
  unsigned looked_ = 0;  ///< its answers that were not accepted
};

}  // namespace b2m

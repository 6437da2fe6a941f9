// The engine for chips that are told by commands and answer in 16-bit words, each followed by a CRC-8 where the part
// has one. A driver of this kind is its list of commands and its table of words.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "drivers/api/driver.hpp"

namespace b2m {

/// One command and how long the part needs for it.
struct WordCommand {
  std::uint32_t code;  ///< with its argument, where it has one
  std::chrono::microseconds pause{0};
  unsigned bytes = 2;           ///< 1 to 4, most significant byte first
  bool may_be_refused = false;  ///< a missing acknowledge is no error
};

/// What an answered word means: value = offset + span × raw / steps.
struct WordField {
  std::string_view channel;
  double span;
  double steps = 65535;
  double offset = 0;
  std::optional<std::uint16_t> saturated = {};  ///< the raw content that means "more than I can tell"
  std::optional<std::uint16_t> invalid = {};    ///< the raw content that means "no measurement", of any field
  std::optional<Range> crop = {};               ///< values beyond are legal and mean the nearest end
};

/// Bits of a status word that must be clear before measuring.
struct StatusCheck {
  WordCommand command;
  std::uint16_t must_be_clear;
  std::string_view meaning;  ///< what it means when they are not
};

/// What a word of identity must be.
struct WordIdentity {
  WordCommand command;
  std::uint16_t value;
  std::uint16_t mask = 0xffff;  ///< bits that count
};

/// A chip as its options configure it.
struct WordChip {
  std::optional<WordCommand> wake = {};     ///< sent by init() first, where the part would not listen otherwise
  std::vector<WordIdentity> identity = {};  ///< checked next: wrong_chip when one is another
  std::vector<WordCommand> start;           ///< sent next, in order, with their pauses
  std::optional<StatusCheck> status = {};
  WordCommand measure;
  std::vector<WordField> fields;  ///< the words of the answer, in order
  bool checksums = true;          ///< Sensirion's CRC-8 behind each word
};

/// The value of a word, or why it has none. Pure.
[[nodiscard]] Result<double> decode(const WordField& field, std::uint16_t raw);

/// The words of an answer with a CRC-8 behind each. The error names the word. Pure.
[[nodiscard]] Result<> check_words(std::span<const std::uint8_t> answer, std::span<std::uint16_t> words);

/// Sends a command. Worker only.
[[nodiscard]] Result<> send(const I2cDevice& device, const WordCommand& command);

/// Reads the words of the answer, with Sensirion's CRC-8 behind each when `checksums`. Worker only.
[[nodiscard]] Result<> read_words(const I2cDevice& device, bool checksums, std::span<std::uint16_t> words);

/// The one word that answers a command at once, with its CRC-8. Worker only.
[[nodiscard]] Result<std::uint16_t> query_word(const I2cDevice& device, const WordCommand& command,
                                               bool checksums = true);

/// Talks to a chip as its WordChip says.
/// Worker only.
class WordCommandSensor final : public Sensor {
 public:
  WordCommandSensor(WordChip chip, I2cDevice device, std::span<const ChannelSpec> channels)
      : chip_(std::move(chip)), device_(device), channels_(channels) {}
  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channels_); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> start_next();
  Result<> check_identity() const;
  Result<> check_status() const;
  Result<> fetch(std::span<std::uint16_t> words) const;

  WordChip chip_;
  I2cDevice device_;
  std::span<const ChannelSpec> channels_;
  bool woken_ = false;
  std::size_t started_ = 0;  ///< commands of `start` sent so far
};

}  // namespace b2m

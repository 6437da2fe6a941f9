// The engine for parts on a serial line that speak in frames of a fixed length: a header, fields, a checksum. A driver
// of this kind is its tables.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"

namespace b2m {

/// How a frame is told from whatever else is on the line.
struct FrameFormat {
  std::vector<std::uint8_t> header;                           ///< its first bytes
  std::size_t length;                                         ///< of the whole frame, header and checksum included
  bool (*is_whole)(std::span<const std::uint8_t>) = nullptr;  ///< checksum and trailer of `length` bytes
};

/// Finds frames in a stream of bytes. After damage it goes on at the next place that looks like a header, also inside
/// of what was taken for a frame. Pure.
class FrameFinder {
 public:
  explicit FrameFinder(FrameFormat format) : format_(std::move(format)) {}
  /// Forgets what was pushed, and the damage.
  void clear();
  /// Bytes as they arrive. What no frame can begin in is dropped, so that never more than a frame is kept after next().
  void push(std::span<const std::uint8_t> bytes);
  /// The next whole frame, valid until the next call of anything; none: more bytes are needed.
  [[nodiscard]] std::optional<std::span<const std::uint8_t>> next();
  /// A header was followed by something that is no whole frame.
  [[nodiscard]] bool damaged() const noexcept { return damaged_; }

 private:
  [[nodiscard]] std::size_t find_header() const;

  FrameFormat format_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> frame_;
  bool damaged_ = false;
};

/// Where a channel's value stands in a frame: value = (raw, signed or not) × scale + offset.
struct FrameField {
  std::string_view channel;
  std::size_t at;      ///< of its first byte, from the frame's first
  unsigned bytes = 2;  ///< 1 to 4
  ByteOrder order = ByteOrder::big_endian;
  bool sign = false;
  double scale = 1;  ///< SI units per step
  double offset = 0;
  bool low_word_first = false;                ///< of four bytes: two big-endian words, the lower first
  std::optional<std::uint32_t> invalid = {};  ///< the raw content that means "no measurement"
};

/// The value of a field of a whole frame, or why it has none. Pure.
[[nodiscard]] Result<double> decode(const FrameField& field, std::span<const std::uint8_t> frame);

/// A part as its options configure it.
struct FrameChip {
  using Bytes = std::vector<std::uint8_t>;
  SerialFormat serial = {};
  FrameFormat frame;
  std::span<const FrameField> fields;
  std::vector<Bytes> setup = {};                                    ///< written by init(), in order
  Progress::Duration setup_pause = std::chrono::milliseconds(100);  ///< after each of them
  /// Written before each reading; empty: the part sends frames by itself. Others may be on the line of a part that is
  /// asked, so its answer is waited for at once, `answer` at the longest.
  Bytes request = {};
  /// From the request, or from any moment, to the end of the next frame, at the longest.
  std::chrono::milliseconds answer;
  /// Refuses a whole frame that holds no measurement; none: every frame does.
  Result<> (*check)(std::span<const std::uint8_t>) = nullptr;
};

/// Reads a part as its FrameChip says: old bytes are dropped, so that a reading is of its own time.
/// Worker only.
class FrameSensor final : public Sensor {
 public:
  FrameSensor(FrameChip chip, SerialPort& port, std::span<const ChannelSpec> channels);
  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channels_); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  using Wait = std::chrono::microseconds;
  Result<> begin();
  /// Takes a frame into frame_, if one is complete after another look at the port. Returns whether there was one.
  Result<bool> look();
  Result<Progress> ask();
  [[nodiscard]] Error missing() const;

  FrameChip chip_;
  SerialPort& port_;
  std::span<const ChannelSpec> channels_;
  FrameFinder finder_;
  std::vector<std::uint8_t> frame_;
  std::size_t sent_ = 0;    ///< commands of `setup`
  bool listening_ = false;  ///< a reading is under way
  Wait left_{0};            ///< of the time for it
};

}  // namespace b2m

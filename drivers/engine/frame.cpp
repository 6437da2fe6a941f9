#include "drivers/engine/frame.hpp"

#include <algorithm>

namespace b2m {
namespace {

using namespace std::chrono_literals;

// One look at the port may wait this long for a first byte: a worker is never further away than this from other work.
constexpr std::chrono::milliseconds longest_look = 100ms;

// Between two looks at a part that sends by itself.
constexpr Progress::Duration pause = 20ms;

/// How long `bytes` bytes are on the line, with their start and stop bits.
std::chrono::microseconds line_time(std::size_t bytes, const SerialFormat& format) {
  return std::chrono::microseconds(bytes * 10 * 1'000'000 / format.baud);
}

}  // namespace

void FrameFinder::clear() {
  bytes_.clear();
  damaged_ = false;
}

/// The first place where the header stands, or the part of it that has arrived.
std::size_t FrameFinder::find_header() const {
  std::size_t at = 0;
  for (; at < bytes_.size(); ++at) {
    const auto there = std::span(bytes_).subspan(at, std::min(format_.header.size(), bytes_.size() - at));
    if (std::equal(there.begin(), there.end(), format_.header.begin())) break;
  }
  return at;
}

void FrameFinder::push(std::span<const std::uint8_t> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

std::optional<std::span<const std::uint8_t>> FrameFinder::next() {
  for (;;) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(find_header()));
    if (bytes_.size() < format_.length) return std::nullopt;
    const auto end = bytes_.begin() + static_cast<std::ptrdiff_t>(format_.length);
    frame_.assign(bytes_.begin(), end);
    if (format_.is_whole(frame_)) {
      bytes_.erase(bytes_.begin(), end);
      return frame_;
    }
    damaged_ = true;
    bytes_.erase(bytes_.begin());
  }
}

Result<double> decode(const FrameField& field, std::span<const std::uint8_t> frame) {
  const auto bytes = frame.subspan(field.at, field.bytes);
  const std::uint32_t raw =
      field.low_word_first ? std::uint32_t{be16(&bytes[2])} << 16 | be16(&bytes[0]) : to_unsigned(bytes, field.order);
  if (field.invalid && raw == *field.invalid) return fail(Errc::not_ready, "the part has not measured it");
  const double steps = field.sign ? sign_extend(raw, 8 * field.bytes) : static_cast<double>(raw);
  return steps * field.scale + field.offset;
}

FrameSensor::FrameSensor(FrameChip chip, SerialPort& port, std::span<const ChannelSpec> channels)
    : chip_(std::move(chip)), port_(port), channels_(channels), finder_(chip_.frame) {}

Result<Progress> FrameSensor::init() {
  listening_ = false;
  if (sent_ < chip_.setup.size()) {
    const auto& command = chip_.setup[sent_];
    sent_ = 0;  // an error starts from the beginning
    B2M_TRY(port_.write(chip_.serial, command));
    sent_ = static_cast<std::size_t>(&command - chip_.setup.data()) + 1;
    return Progress::again_after(chip_.setup_pause);
  }
  sent_ = 0;
  return Progress::done();
}

Result<Progress> FrameSensor::trigger() {
  if (!chip_.request.empty()) return ask();
  if (!listening_) B2M_TRY(begin());
  listening_ = false;
  B2M_ASSIGN(const bool whole, look());
  if (whole) return Progress::done();
  left_ -= pause;
  if (left_ <= Wait::zero()) return tl::unexpected(missing());
  listening_ = true;
  return Progress::again_after(pause);
}

/// An answer comes once: a damaged one is not waited out.
Result<Progress> FrameSensor::ask() {
  B2M_TRY(begin());
  B2M_TRY(port_.write(chip_.serial, chip_.request));
  while (left_ > Wait::zero() && !finder_.damaged()) {
    B2M_ASSIGN(const bool whole, look());
    if (whole) return Progress::done();
  }
  return tl::unexpected(missing());
}

Result<> FrameSensor::begin() {
  finder_.clear();
  left_ = chip_.answer;
  return port_.discard(chip_.serial);
}

/// Time is counted without a clock: a look that brought nothing lasted as long as it was allowed to, and bytes cannot
/// come faster than the line carries them.
Result<bool> FrameSensor::look() {
  std::array<std::uint8_t, 256> bytes{};
  B2M_ASSIGN(const std::size_t arrived, port_.read(chip_.serial, bytes, longest_look));
  left_ -= arrived == 0 ? Wait(longest_look) : line_time(arrived, chip_.serial);
  finder_.push(std::span(bytes).first(arrived));
  const auto frame = finder_.next();
  if (frame) frame_.assign(frame->begin(), frame->end());
  return frame.has_value();
}

Error FrameSensor::missing() const {
  if (finder_.damaged()) return {Errc::checksum, "no frame arrived whole"};
  return {Errc::timeout, "no frame arrived"};
}

Result<> FrameSensor::read(Samples& samples) {
  if (chip_.check != nullptr) B2M_TRY(chip_.check(frame_));
  for (const auto& field : chip_.fields) {
    const auto spec =
        std::find_if(channels_.begin(), channels_.end(), [&](const auto& c) { return c.key == field.channel; });
    samples.set(static_cast<std::size_t>(spec - channels_.begin()), decode(field, frame_));
  }
  return {};
}

}  // namespace b2m

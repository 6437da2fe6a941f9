#include "daemon/io/input_line.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace b2m {
namespace {

// Half a second of a fast water meter, should the loop be held up; 48 kB in the kernel for each line.
constexpr unsigned kernel_queue = 1024;

__u64 bias_flag(Bias bias) {
  switch (bias) {
    case Bias::disabled: return GPIO_V2_LINE_FLAG_BIAS_DISABLED;
    case Bias::pull_up: return GPIO_V2_LINE_FLAG_BIAS_PULL_UP;
    case Bias::pull_down: return GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN;
    case Bias::as_is: break;
  }
  return 0;
}

__u64 edge_flags(const InputSettings& settings) {
  if (!settings.edges) return 0;
  __u64 flags = 0;
  if (settings.told != Edges::to_inactive) flags |= GPIO_V2_LINE_FLAG_EDGE_RISING;
  if (settings.told != Edges::to_active) flags |= GPIO_V2_LINE_FLAG_EDGE_FALLING;
  return flags;
}

__u64 input_flags(const InputSettings& settings) {
  const __u64 active_low = settings.active_low ? GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0;
  return GPIO_V2_LINE_FLAG_INPUT | active_low | bias_flag(settings.bias) | edge_flags(settings);
}

Result<bool> level(const KernelLine& line, const std::string& words) {
  const auto active = line.active();
  if (!active) return tl::unexpected(kernel_error(active.error(), words));
  return *active;
}

class LevelLine final : public InputLine {
 public:
  LevelLine(KernelLine line, std::string words) : line_(std::move(line)), words_(std::move(words)) {}
  [[nodiscard]] int fd() const override { return -1; }
  Result<std::optional<LineEvent>> next_event() override { return std::nullopt; }
  Result<bool> active() override { return level(line_, words_); }

 private:
  KernelLine line_;
  std::string words_;
};

/// Takes as many edges with one call to the kernel as wait, up to its buffer.
class EdgeLine final : public InputLine {
 public:
  EdgeLine(KernelLine line, std::string words) : line_(std::move(line)), words_(std::move(words)) {}
  [[nodiscard]] int fd() const override { return line_.fd(); }
  Result<bool> active() override { return level(line_, words_); }

  Result<std::optional<LineEvent>> next_event() override {
    if (next_ == count_) B2M_TRY(fill());
    if (next_ == count_) return std::nullopt;
    const auto& event = events_[next_++];
    const std::uint32_t lost = event.line_seqno - last_number_ - 1;  // the kernel counts from 1, and past 2³² from 0
    last_number_ = event.line_seqno;
    return LineEvent{.active = event.id == GPIO_V2_LINE_EVENT_RISING_EDGE,
                     .time = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(event.timestamp_ns)),
                     .lost_before = lost};
  }

 private:
  Result<> fill() {
    next_ = count_ = 0;
    const auto bytes = ::read(line_.fd(), events_.data(), sizeof events_);
    if (bytes < 0 && errno != EAGAIN && errno != EINTR) return tl::unexpected(kernel_error(errno, words_));
    if (bytes > 0) count_ = static_cast<std::size_t>(bytes) / sizeof(gpio_v2_line_event);
    return {};
  }

  KernelLine line_;
  std::string words_;
  std::array<gpio_v2_line_event, 64> events_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::uint32_t last_number_ = 0;
};

Granted<void> make_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return tl::unexpected(errno);
  return {};
}

}  // namespace

Granted<std::unique_ptr<InputLine>> request_input_line(const ChipLine& line, const InputSettings& settings) {
  auto requested = KernelLine::request(line, line_config(input_flags(settings)), settings.edges ? kernel_queue : 0);
  if (!requested) return tl::unexpected(requested.error());
  if (!settings.edges) return std::make_unique<LevelLine>(std::move(*requested), line.words);
  if (const auto done = make_nonblocking(requested->fd()); !done) return tl::unexpected(done.error());
  return std::make_unique<EdgeLine>(std::move(*requested), line.words);
}

}  // namespace b2m

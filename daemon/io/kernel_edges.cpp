#include "daemon/io/kernel_edges.hpp"

#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "daemon/board/line_holder.hpp"
#include "daemon/io/file_descriptor.hpp"
#include "daemon/io/kernel_error.hpp"

namespace b2m {
namespace {

// Half a second of a fast water meter, should the loop be held up; 48 kB in the kernel for each line.
constexpr unsigned kernel_queue = 1024;

std::uint64_t flags_of(const InputSettings& settings) {
  std::uint64_t flags = GPIO_V2_LINE_FLAG_INPUT;
  if (settings.active_low) flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  if (settings.told != Edges::to_inactive) flags |= GPIO_V2_LINE_FLAG_EDGE_RISING;
  if (settings.told != Edges::to_active) flags |= GPIO_V2_LINE_FLAG_EDGE_FALLING;
  switch (settings.bias) {
    case Bias::disabled: flags |= GPIO_V2_LINE_FLAG_BIAS_DISABLED; break;
    case Bias::pull_up: flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_UP; break;
    case Bias::pull_down: flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN; break;
    case Bias::as_is: break;
  }
  return flags;
}

/// Takes as many edges with one call to the kernel as wait, up to its buffer.
class EdgeLine final : public InputLine {
 public:
  EdgeLine(FileDescriptor request, std::string place) : request_(std::move(request)), place_(std::move(place)) {}
  [[nodiscard]] int fd() const override { return request_.get(); }

  Result<bool> active() override {
    gpio_v2_line_values values{.bits = 0, .mask = 1};
    if (::ioctl(request_.get(), GPIO_V2_LINE_GET_VALUES_IOCTL, &values) != 0)
      return tl::unexpected(kernel_error(errno, place_));
    return (values.bits & 1) != 0;
  }

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
    const auto bytes = ::read(request_.get(), events_.data(), sizeof events_);
    if (bytes < 0 && errno != EAGAIN && errno != EINTR) return tl::unexpected(kernel_error(errno, place_));
    if (bytes > 0) count_ = static_cast<std::size_t>(bytes) / sizeof(gpio_v2_line_event);
    return {};
  }

  FileDescriptor request_;
  std::string place_;
  std::array<gpio_v2_line_event, 64> events_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::uint32_t last_number_ = 0;
};

}  // namespace

tl::expected<std::unique_ptr<InputLine>, int> request_edges(int chip_fd, unsigned offset, const InputSettings& settings,
                                                            std::string place) {
  gpio_v2_line_request request{};
  request.offsets[0] = offset;
  request.num_lines = 1;
  request.event_buffer_size = kernel_queue;
  request.config.flags = flags_of(settings);
  std::strncpy(request.consumer, line_consumer, sizeof request.consumer - 1);
  if (::ioctl(chip_fd, GPIO_V2_GET_LINE_IOCTL, &request) != 0) return tl::unexpected(errno);
  FileDescriptor line(request.fd);
  const int flags = ::fcntl(line.get(), F_GETFL);
  if (flags < 0 || ::fcntl(line.get(), F_SETFL, flags | O_NONBLOCK) != 0) return tl::unexpected(errno);
  return std::make_unique<EdgeLine>(std::move(line), std::move(place));
}

}  // namespace b2m

#include "daemon/io/output_line.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

#include "daemon/board/line_holder.hpp"
#include "daemon/io/kernel_error.hpp"

namespace b2m {
namespace {

/// The first and only line of a request.
constexpr __u64 the_line = 1;

/// What the kernel grants, or the number of its error.
template <class T>
using Granted = tl::expected<T, int>;

/// Flags and level of an output, for the kernel to take in one step.
gpio_v2_line_config output_config(__u64 flags, bool active) {
  gpio_v2_line_config config{};
  config.flags = flags;
  config.num_attrs = 1;
  config.attrs[0] = {.attr = {.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, .padding = 0, .values = active ? the_line : 0},
                     .mask = the_line};
  return config;
}

class KernelOutputLine final : public OutputLine {
 public:
  KernelOutputLine(FileDescriptor fd, std::string words) : fd_(std::move(fd)), words_(std::move(words)) {}

  Result<> set(bool active) override {
    gpio_v2_line_values values{.bits = active ? the_line : 0, .mask = the_line};
    if (const int error = call(GPIO_V2_LINE_SET_VALUES_IOCTL, &values))
      return tl::unexpected(kernel_error(error, words_));
    return {};
  }

  Result<bool> active() override {
    const auto level = read();
    if (!level) return tl::unexpected(kernel_error(level.error(), words_));
    return *level;
  }

  [[nodiscard]] Granted<bool> read() {
    gpio_v2_line_values values{.bits = 0, .mask = the_line};
    if (const int error = call(GPIO_V2_LINE_GET_VALUES_IOCTL, &values)) return tl::unexpected(error);
    return (values.bits & the_line) != 0;
  }

  /// Gives a requested line flags and level in one step, so that it goes from whatever it was to this without a glitch.
  [[nodiscard]] int configure(__u64 flags, bool active) {
    auto config = output_config(flags, active);
    return call(GPIO_V2_LINE_SET_CONFIG_IOCTL, &config);
  }

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  /// 0, or the number of the kernel's error.
  [[nodiscard]] int call(unsigned long request, void* argument) {
    return ::ioctl(fd_.get(), request, argument) == 0 ? 0 : errno;
  }

  FileDescriptor fd_;
  std::string words_;
};

using Line = std::unique_ptr<KernelOutputLine>;

__u64 output_flags(const OutputSettings& settings) {
  __u64 flags = GPIO_V2_LINE_FLAG_OUTPUT;
  if (settings.active_low) flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  if (settings.open_drain) flags |= GPIO_V2_LINE_FLAG_OPEN_DRAIN;
  return flags;
}

Granted<FileDescriptor> open_chip(const ChipLine& line) {
  FileDescriptor chip(::open(line.chip_path.c_str(), O_RDWR | O_CLOEXEC));
  if (!chip) return tl::unexpected(errno);
  return chip;
}

Granted<gpio_v2_line_info> look_at(const FileDescriptor& chip, const ChipLine& line) {
  gpio_v2_line_info info{};
  info.offset = line.offset;
  if (::ioctl(chip.get(), GPIO_V2_GET_LINEINFO_IOCTL, &info) != 0) return tl::unexpected(errno);
  return info;
}

Granted<Line> request(const FileDescriptor& chip, const ChipLine& line, const gpio_v2_line_config& config) {
  gpio_v2_line_request request{};
  request.offsets[0] = line.offset;
  request.num_lines = 1;
  request.config = config;
  std::strncpy(request.consumer, line_consumer, sizeof request.consumer - 1);
  if (::ioctl(chip.get(), GPIO_V2_GET_LINE_IOCTL, &request) != 0) return tl::unexpected(errno);
  return std::make_unique<KernelOutputLine>(FileDescriptor(request.fd), line.words);
}

/// Requested as it is, direction and level untouched; then made an output of the level that was found.
Granted<Line> request_as_found(const FileDescriptor& chip, const ChipLine& line, __u64 flags) {
  gpio_v2_line_config config{};
  config.flags = flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  auto requested = request(chip, line, config);
  if (!requested) return requested;
  const auto active = (*requested)->read();
  if (!active) return tl::unexpected(active.error());
  if (const int error = (*requested)->configure(flags, *active)) return tl::unexpected(error);
  return requested;
}

/// What an earlier process left keeps its voltage, also when the configuration now reads it the other way round.
Granted<Line> adopt(FileDescriptor fd, const FileDescriptor& chip, const ChipLine& line, __u64 flags) {
  auto adopted = std::make_unique<KernelOutputLine>(std::move(fd), line.words);
  const auto was_active = adopted->read();
  if (!was_active) return tl::unexpected(was_active.error());
  const auto info = look_at(chip, line);
  if (!info) return tl::unexpected(info.error());
  constexpr __u64 compared = GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_ACTIVE_LOW | GPIO_V2_LINE_FLAG_OPEN_DRAIN;
  const __u64 difference = (info->flags ^ flags) & compared;
  if (difference == 0) return adopted;
  const bool turned = (difference & GPIO_V2_LINE_FLAG_ACTIVE_LOW) != 0;
  if (const int error = adopted->configure(flags, *was_active != turned)) return tl::unexpected(error);
  return adopted;
}

}  // namespace

std::string place_of(const ChipLine& line) { return fmt::format("{} {}", line.chip_label, line.offset); }

tl::expected<std::unique_ptr<OutputLine>, int> request_output_line(const ChipLine& line, const OutputSettings& settings,
                                                                   LineKeeper& keeper) {
  const auto flags = output_flags(settings);
  const auto chip = open_chip(line);
  if (!chip) return tl::unexpected(chip.error());
  const auto place = place_of(line);
  if (auto left = keeper.take(place)) {
    if (auto adopted = adopt(std::move(left), *chip, line, flags)) return std::move(*adopted);
    // The chip was away in between: what was left of the line is worth nothing.
    keeper.forget(place);
  }
  auto requested = settings.initial ? request(*chip, line, output_config(flags, *settings.initial))
                                    : request_as_found(*chip, line, flags);
  if (!requested) return tl::unexpected(requested.error());
  keeper.keep(place, (*requested)->fd());
  return std::move(*requested);
}

}  // namespace b2m

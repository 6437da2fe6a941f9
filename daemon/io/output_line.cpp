#include "daemon/io/output_line.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

#include "daemon/io/kernel_error.hpp"

namespace b2m {
namespace {

/// The first and only line of a request.
constexpr __u64 the_line = 1;

class KernelOutputLine final : public OutputLine {
 public:
  KernelOutputLine(FileDescriptor fd, std::string words) : fd_(std::move(fd)), words_(std::move(words)) {}

  Result<> set(bool active) override {
    gpio_v2_line_values values{.bits = active ? the_line : 0, .mask = the_line};
    return call(GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
  }

  Result<bool> active() override {
    gpio_v2_line_values values{.bits = 0, .mask = the_line};
    B2M_TRY(call(GPIO_V2_LINE_GET_VALUES_IOCTL, &values));
    return (values.bits & the_line) != 0;
  }

  /// Gives a requested line flags and level in one step, so that it goes from whatever it was to this without a glitch.
  Result<> configure(__u64 flags, bool active) {
    gpio_v2_line_config config{};
    config.flags = flags;
    config.num_attrs = 1;
    config.attrs[0] = {
        .attr = {.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, .padding = 0, .values = active ? the_line : 0},
        .mask = the_line};
    return call(GPIO_V2_LINE_SET_CONFIG_IOCTL, &config);
  }

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  Result<> call(unsigned long request, void* argument) {
    if (::ioctl(fd_.get(), request, argument) == 0) return {};
    return tl::unexpected(kernel_error(errno, words_));
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

Result<FileDescriptor> open_chip(const ChipLine& line) {
  FileDescriptor chip(::open(line.chip_path.c_str(), O_RDWR | O_CLOEXEC));
  if (!chip) return tl::unexpected(kernel_error(errno, line.chip_path));
  return chip;
}

Result<gpio_v2_line_info> look_at(const FileDescriptor& chip, const ChipLine& line) {
  gpio_v2_line_info info{};
  info.offset = line.offset;
  if (::ioctl(chip.get(), GPIO_V2_GET_LINEINFO_IOCTL, &info) != 0)
    return tl::unexpected(kernel_error(errno, line.words));
  return info;
}

Error request_error(int error, const FileDescriptor& chip, const ChipLine& line) {
  if (error == EBUSY) {
    const auto info = look_at(chip, line);
    if (!info || info->consumer[0] == '\0') return {Errc::busy, fmt::format("{} is in use", line.words)};
    return {Errc::busy, fmt::format("{} is held by \"{}\"", line.words, info->consumer)};
  }
  auto result = kernel_error(error, line.words);
  if (error == EINVAL || error == ENXIO) result.code = Errc::unsupported;
  return result;
}

Result<Line> request(const FileDescriptor& chip, const ChipLine& line, const gpio_v2_line_config& config,
                     const std::string& consumer) {
  gpio_v2_line_request request{};
  request.offsets[0] = line.offset;
  request.num_lines = 1;
  request.config = config;
  std::strncpy(request.consumer, consumer.c_str(), sizeof request.consumer - 1);
  if (::ioctl(chip.get(), GPIO_V2_GET_LINE_IOCTL, &request) != 0)
    return tl::unexpected(request_error(errno, chip, line));
  return std::make_unique<KernelOutputLine>(FileDescriptor(request.fd), line.words);
}

Result<Line> request_with(const FileDescriptor& chip, const ChipLine& line, __u64 flags, bool active,
                          const std::string& consumer) {
  gpio_v2_line_config config{};
  config.flags = flags;
  config.num_attrs = 1;
  config.attrs[0] = {.attr = {.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, .padding = 0, .values = active ? the_line : 0},
                     .mask = the_line};
  return request(chip, line, config, consumer);
}

/// Requested as it is, direction and level untouched; then made an output of the level that was found.
Result<Line> request_as_found(const FileDescriptor& chip, const ChipLine& line, __u64 flags,
                              const std::string& consumer) {
  gpio_v2_line_config config{};
  config.flags = flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  B2M_ASSIGN(auto requested, request(chip, line, config, consumer));
  B2M_ASSIGN(const bool active, requested->active());
  B2M_TRY(requested->configure(flags, active));
  return requested;
}

/// What an earlier process left keeps its voltage, also when the configuration now reads it the other way round.
Result<Line> adopt(FileDescriptor fd, const FileDescriptor& chip, const ChipLine& line, __u64 flags) {
  auto adopted = std::make_unique<KernelOutputLine>(std::move(fd), line.words);
  B2M_ASSIGN(const bool was_active, adopted->active());
  B2M_ASSIGN(const auto info, look_at(chip, line));
  constexpr __u64 compared = GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_ACTIVE_LOW | GPIO_V2_LINE_FLAG_OPEN_DRAIN;
  const __u64 difference = (info.flags ^ flags) & compared;
  if (difference == 0) return adopted;
  const bool turned = (difference & GPIO_V2_LINE_FLAG_ACTIVE_LOW) != 0;
  B2M_TRY(adopted->configure(flags, was_active != turned));
  return adopted;
}

}  // namespace

std::string place_of(const ChipLine& line) { return fmt::format("{} {}", line.chip_label, line.offset); }

Result<std::unique_ptr<OutputLine>> request_output_line(const ChipLine& line, const OutputSettings& settings,
                                                        const std::string& consumer, LineKeeper& keeper) {
  const auto flags = output_flags(settings);
  B2M_ASSIGN(const auto chip, open_chip(line));
  const auto place = place_of(line);
  if (auto left = keeper.take(place)) {
    if (auto adopted = adopt(std::move(left), chip, line, flags)) return std::move(*adopted);
    // The chip was away in between: what was left of the line is worth nothing.
    keeper.forget(place);
  }
  B2M_ASSIGN(auto requested, settings.initial ? request_with(chip, line, flags, *settings.initial, consumer)
                                              : request_as_found(chip, line, flags, consumer));
  keeper.keep(place, requested->fd());
  return requested;
}

}  // namespace b2m

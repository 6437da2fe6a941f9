#include "daemon/io/kernel_line.hpp"

#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

#include "daemon/board/line_holder.hpp"

namespace b2m {
namespace {

/// The first and only line of a request.
constexpr __u64 the_line = 1;

Granted<void> call(int fd, unsigned long request, void* argument) {
  if (::ioctl(fd, request, argument) != 0) return tl::unexpected(errno);
  return {};
}

}  // namespace

gpio_v2_line_config line_config(__u64 flags) {
  gpio_v2_line_config config{};
  config.flags = flags;
  return config;
}

gpio_v2_line_config line_config(__u64 flags, bool active) {
  auto config = line_config(flags);
  config.num_attrs = 1;
  config.attrs[0] = {.attr = {.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, .padding = 0, .values = active ? the_line : 0},
                     .mask = the_line};
  return config;
}

Granted<gpio_v2_line_info> look_at(const ChipLine& line) {
  gpio_v2_line_info info{};
  info.offset = line.offset;
  return call(line.chip.get(), GPIO_V2_GET_LINEINFO_IOCTL, &info).map([&info] { return info; });
}

Granted<KernelLine> KernelLine::request(const ChipLine& line, const gpio_v2_line_config& config, unsigned queue) {
  gpio_v2_line_request request{};
  request.offsets[0] = line.offset;
  request.num_lines = 1;
  request.event_buffer_size = queue;
  request.config = config;
  std::strncpy(request.consumer, line_consumer, sizeof request.consumer - 1);
  return call(line.chip.get(), GPIO_V2_GET_LINE_IOCTL, &request).map([&request] {
    return KernelLine(FileDescriptor(request.fd));
  });
}

Granted<bool> KernelLine::active() const {
  gpio_v2_line_values values{.bits = 0, .mask = the_line};
  return call(fd(), GPIO_V2_LINE_GET_VALUES_IOCTL, &values).map([&values] { return (values.bits & the_line) != 0; });
}

Granted<void> KernelLine::set(bool active) {
  gpio_v2_line_values values{.bits = active ? the_line : 0, .mask = the_line};
  return call(fd(), GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
}

Granted<void> KernelLine::configure(const gpio_v2_line_config& config) {
  auto copy = config;
  return call(fd(), GPIO_V2_LINE_SET_CONFIG_IOCTL, &copy);
}

}  // namespace b2m

#include "daemon/log/log.hpp"

#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <string>

namespace b2m::log {
namespace {

std::atomic<Level> threshold = Level::info;

/// True when standard error is the journal's own stream: systemd names its device and inode in the environment
/// (sd-journal(3)).
bool stderr_is_journal() noexcept {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return false;
  std::array<char, 64> expected{};
  const auto end = fmt::format_to_n(expected.begin(), expected.size(), "{}:{}", status.st_dev, status.st_ino);
  return std::string_view(stream) == std::string_view(expected.data(), end.size);
}

void write_journal(Level level, const Fields& fields, std::string_view message) {
  std::array<std::string, 7> entries;
  std::size_t used = 0;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) entries[used++] = fmt::format("{}={}", key, value);
  };
  add("MESSAGE", message);
  add("PRIORITY", fmt::format("{}", static_cast<int>(level)));
  add("B2M_DEVICE", fields.device);
  add("B2M_CHANNEL", fields.channel);
  add("B2M_BUS", fields.bus);
  add("B2M_ERROR", fields.error);
  add("MESSAGE_ID", fields.message_id);
  std::array<iovec, 7> parts{};
  for (std::size_t i = 0; i < used; ++i) parts[i] = {entries[i].data(), entries[i].size()};
  sd_journal_sendv(parts.data(), static_cast<int>(used));
}

/// Control characters become \x0a and the like: text from a bus or broker must neither forge a line nor drive the
/// terminal.
void append_printable(fmt::memory_buffer& line, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", byte);
    } else {
      line.push_back(c);
    }
  }
}

void write_line(Level level, const Fields& fields, std::string_view message) {
  constexpr std::array<std::string_view, 8> names{"", "", "", "error", "warning", "notice", "info", "debug"};
  fmt::memory_buffer line;
  const auto out = std::back_inserter(line);
  fmt::format_to(out, "{}: ", names[static_cast<std::size_t>(level)]);
  if (!fields.device.empty()) fmt::format_to(out, "{}: ", fields.device);
  append_printable(line, message);
  line.push_back('\n');
  // One write, so that lines of several threads do not mix.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void set_level(Level level) noexcept { threshold = level; }
bool enabled(Level level) noexcept { return level <= threshold; }

void write(Level level, const Fields& fields, std::string_view message) noexcept try {
  if (!enabled(level)) return;
  static const bool to_journal = stderr_is_journal();
  if (to_journal) {
    write_journal(level, fields, message);
  } else {
    write_line(level, fields, message);
  }
} catch (...) {  // out of memory: the message is lost, the daemon goes on
}

}  // namespace b2m::log

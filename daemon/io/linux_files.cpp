#include "daemon/io/linux_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "daemon/io/file_descriptor.hpp"
#include "daemon/io/kernel_error.hpp"

namespace b2m {
namespace {

constexpr std::size_t largest_attribute = 64 * 1024;

tl::unexpected<Error> kernel_fail(int error, const std::string& path) {
  return tl::unexpected(kernel_error(error, path));
}

/// Opens without waiting for a writer, should the path be a pipe.
Result<FileDescriptor> open_file(const std::string& full_path, int flags, const std::string& path) {
  FileDescriptor file(::open(full_path.c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644));
  if (!file) return kernel_fail(errno, path);
  return file;
}

/// One read(2) that a signal does not end.
ssize_t read_some(int fd, char* into, std::size_t size) {
  ssize_t got = -1;
  do {
    got = ::read(fd, into, size);
  } while (got < 0 && errno == EINTR);
  return got;
}

void trim_end(std::string& text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) text.pop_back();
}

}  // namespace

Result<std::string> LinuxFiles::read(const std::string& path) {
  B2M_ASSIGN(const auto file, open_file(root_ + path, O_RDONLY, path));
  std::string text(largest_attribute + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = read_some(file.get(), text.data() + size, text.size() - size);
    if (got < 0) return kernel_fail(errno, path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > largest_attribute) return fail(Errc::io, fmt::format("{}: larger than {} bytes", path, largest_attribute));
  text.resize(size);
  trim_end(text);
  return text;
}

/// An attribute takes its whole text in one write(2).
Result<> LinuxFiles::write(const std::string& path, std::string_view text) {
  if (text.size() > largest_attribute) return fail(Errc::io, fmt::format("{}: text too large", path));
  B2M_ASSIGN(const auto file, open_file(root_ + path, O_WRONLY | O_TRUNC, path));
  ssize_t put = -1;
  do {
    put = ::write(file.get(), text.data(), text.size());
  } while (put < 0 && errno == EINTR);
  if (put < 0) return kernel_fail(errno, path);
  if (static_cast<std::size_t>(put) != text.size()) return fail(Errc::io, fmt::format("{}: written in part", path));
  return {};
}

Result<std::vector<std::string>> LinuxFiles::list(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator at(root_ + directory, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error))
    names.push_back(at->path().filename());
  if (error) return kernel_fail(error.value(), directory);
  std::sort(names.begin(), names.end());
  return names;
}

Result<AttributeFiles::Space> LinuxFiles::space(const std::string& path) {
  struct statvfs status {};
  if (::statvfs((root_ + path).c_str(), &status) != 0) return kernel_fail(errno, path);
  const auto block = static_cast<double>(status.f_frsize);
  return Space{.total_bytes = static_cast<double>(status.f_blocks) * block,
               .free_bytes = static_cast<double>(status.f_bavail) * block};
}

}  // namespace b2m

#include "daemon/scan/fragment.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace b2m {
namespace {

constexpr int most_fragments = 1000;
constexpr mode_t readable_for_all = 0644;  // a fragment holds no secret

tl::unexpected<Error> kernel_failure(const std::filesystem::path& path) {
  return fail(Errc::io, fmt::format("{}: {}", path.string(), std::generic_category().message(errno)));
}

/// A file under a name that nobody reads yet; gone again at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& directory) : path_((directory / ".scan.XXXXXX").string()) {
    fd_ = ::mkostemp(path_.data(), O_CLOEXEC);
  }
  ~TemporaryFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  Result<> write(std::string_view text) {
    if (fd_ < 0) return kernel_failure(path_);
    while (!text.empty()) {
      const auto written = ::write(fd_, text.data(), text.size());
      if (written < 0 && errno != EINTR) return kernel_failure(path_);
      if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fchmod(fd_, readable_for_all) != 0 || ::fsync(fd_) != 0) return kernel_failure(path_);
    return {};
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  int fd_ = -1;
};

/// A name is only safe once its directory is on the disk.
Result<> sync_directory(const std::filesystem::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synchronised = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  errno = error;
  if (!synchronised) return kernel_failure(directory);
  return {};
}

}  // namespace

Result<std::filesystem::path> write_fragment(const std::filesystem::path& directory, std::string_view text) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fail(Errc::io, fmt::format("{}: {}", directory.string(), error.message()));
  TemporaryFile temporary(directory);
  B2M_TRY(temporary.write(text));
  for (int number = 1; number <= most_fragments; ++number) {
    auto path = directory / (number == 1 ? "scan.json" : fmt::format("scan-{}.json", number));
    // A second name instead of renaming: renaming would replace a file that somebody has made meanwhile.
    if (::link(temporary.path().c_str(), path.c_str()) == 0) {
      B2M_TRY(sync_directory(directory));
      return path;
    }
    if (errno != EEXIST) return kernel_failure(path);
  }
  return fail(Errc::io, fmt::format("{}: there are {} files of earlier scans", directory.string(), most_fragments));
}

}  // namespace b2m

#include "daemon/store/page_file.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace b2m {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t log_magic = 0x377f0682;  ///< with the lowest bit set, checksums are big-endian
constexpr std::size_t log_header = 32;
constexpr std::size_t frame_header = 24;

std::uint32_t big_endian(Bytes bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8U | bytes[at + i];
  return number;
}

bool read(std::ifstream& in, std::streamoff at, std::span<std::uint8_t> bytes) {
  in.clear();
  in.seekg(at);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return in.gcount() == static_cast<std::streamsize>(bytes.size());
}

/// Section 4.2: it goes on from the header through every frame.
class LogChecksum {
 public:
  explicit LogChecksum(bool is_big_endian) : big_endian_(is_big_endian) {}
  void add(Bytes bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first_ += word(bytes, at) + second_;
      second_ += word(bytes, at + 4) + first_;
    }
  }
  [[nodiscard]] bool is_at(Bytes bytes, std::size_t at) const {
    return big_endian(bytes, at) == first_ && big_endian(bytes, at + 4) == second_;
  }

 private:
  [[nodiscard]] std::uint32_t word(Bytes bytes, std::size_t at) const {
    const auto number = big_endian(bytes, at);
    return big_endian_ ? number : __builtin_bswap32(number);
  }
  bool big_endian_;
  std::uint32_t first_ = 0;
  std::uint32_t second_ = 0;
};

}  // namespace

PageFile::PageFile(const std::filesystem::path& file)
    : file_(file, std::ios::binary), log_(file.string() + "-wal", std::ios::binary) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (!error) count_ = static_cast<std::uint32_t>(size / page_size);
  find_in_log();
  if (!in_log_.empty()) count_ = std::max(count_, in_log_.rbegin()->first);
}

/// Up to the last commit whose frames are whole: what comes after it never happened.
void PageFile::find_in_log() {
  std::array<std::uint8_t, log_header> header{};
  if (!read(log_, 0, header)) return;
  const auto magic = big_endian(header, 0);
  LogChecksum checksum((magic & 1U) != 0);
  checksum.add(Bytes(header).first(24));
  if ((magic & ~1U) != log_magic || big_endian(header, 8) != page_size || !checksum.is_at(header, 24)) return;

  std::array<std::uint8_t, frame_header + page_size> frame{};
  std::map<std::uint32_t, std::streamoff> uncommitted;
  for (std::streamoff at = log_header; read(log_, at, frame); at += static_cast<std::streamoff>(frame.size())) {
    checksum.add(Bytes(frame).first(8));
    checksum.add(Bytes(frame).subspan(frame_header));
    const bool of_this_log = std::equal(frame.begin() + 8, frame.begin() + 16, header.begin() + 16);  // its salts
    if (!of_this_log || !checksum.is_at(frame, 16)) return;
    uncommitted[big_endian(frame, 0)] = at + static_cast<std::streamoff>(frame_header);
    const bool commit = big_endian(frame, 4) != 0;
    if (!commit) continue;
    for (const auto& [number, place] : std::exchange(uncommitted, {})) in_log_[number] = place;
  }
}

std::optional<PageFile::Page> PageFile::page(std::uint32_t number) {
  if (number == 0 || number > count_) return std::nullopt;
  Page page{};
  const auto newer = in_log_.find(number);
  const bool whole =
      newer != in_log_.end()
          ? read(log_, newer->second, page)
          : read(file_, static_cast<std::streamoff>(number - 1) * static_cast<std::streamoff>(page_size), page);
  return whole ? std::optional(page) : std::nullopt;
}

}  // namespace b2m

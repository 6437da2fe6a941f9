// The pages of a SQLite file, read past SQLite: what is left when its trees are damaged.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

namespace b2m {

/// Whole pages by their number, whatever the file says of itself, each in its newest committed version: pages that wait
/// in the write-ahead log `FILE-wal` lie over those of the file (https://sqlite.org/fileformat2.html, sections 1.2 and
/// 4). Throws nothing; a file that cannot be read has no pages. Worker only.
class PageFile {
 public:
  static constexpr std::size_t page_size = 4096;  ///< what Database asks for
  using Page = std::array<std::uint8_t, page_size>;

  explicit PageFile(const std::filesystem::path& file);
  /// They are numbered from 1.
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  /// None beyond the end.
  [[nodiscard]] std::optional<Page> page(std::uint32_t number);

 private:
  void find_in_log();

  std::ifstream file_;
  std::ifstream log_;
  std::map<std::uint32_t, std::streamoff> in_log_;  ///< where the newest version of a page begins
  std::uint32_t count_ = 0;
};

}  // namespace b2m

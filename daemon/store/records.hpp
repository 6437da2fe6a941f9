// The rows on one page of a SQLite file.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "daemon/store/page_file.hpp"

namespace b2m {

/// A value of a row. Numbers with a fraction are not read: no table of ours has one.
struct RecordField {
  enum class Kind : std::uint8_t { null, integer, text, blob };
  Kind kind = Kind::null;
  std::int64_t integer = 0;
  std::string bytes = {};  ///< of a text or blob
};

struct Record {
  std::int64_t rowid = 0;  ///< 0 where the table has none
  std::vector<RecordField> fields = {};
};
/// Whether these are the kinds of its values. Pure.
[[nodiscard]] bool has_shape(const Record& record, std::initializer_list<RecordField::Kind> kinds);

/// Reads rows without asking the tree above them, so that a page costs its own rows when it is damaged. A row is given
/// out when its sizes fit together; whether its bytes are those that were written only a checksum can tell. Worker
/// only.
class RecordReader {
 public:
  explicit RecordReader(PageFile& file);
  /// Those of page `number`: none when it holds no rows, or the first page, which holds the schema.
  void for_each(std::uint32_t number, const std::function<void(Record)>& take);

 private:
  void read_cell(const PageFile::Page& page, std::size_t at, const std::function<void(Record)>& take);
  bool append_overflow(std::uint32_t page, std::size_t size, std::vector<std::uint8_t>& payload);

  PageFile& file_;
  std::uint64_t most_overflow_;  ///< pages that may still be read: damage may have made rings of them
};

}  // namespace b2m

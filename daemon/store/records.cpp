#include "daemon/store/records.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

namespace b2m {
namespace {

// Sections of https://sqlite.org/fileformat2.html

using Bytes = std::span<const std::uint8_t>;

enum PageType : std::uint8_t {  // 1.6
  interior_index = 0x02,        ///< of a table WITHOUT ROWID, whose rows are also here
  interior_table = 0x05,
  leaf_index = 0x0a,
};

constexpr std::size_t usable = PageFile::page_size;  // no bytes are reserved at the end of a page
constexpr std::size_t least_local = (usable - 12) * 32 / 255 - 23;
constexpr std::size_t most_local_table = usable - 35;
constexpr std::size_t most_local_index = (usable - 12) * 64 / 255 - 23;
constexpr std::size_t overflow_pointer = 4;
/// SQLite's own limit (https://sqlite.org/limits.html), which also a 32-bit processor can count.
constexpr std::uint64_t largest_row = 1'000'000'000;

/// How much of a payload is on the page itself (1.6).
std::size_t local_size(std::size_t size, bool is_index) {
  const auto most = is_index ? most_local_index : most_local_table;
  if (size <= most) return size;
  const auto wanted = least_local + (size - least_local) % (usable - overflow_pointer);
  return wanted <= most ? wanted : least_local;
}

/// Takes numbers from the front; past the end there are none, and then it has failed.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }

  /// Big-endian, in two's complement.
  std::int64_t integer(std::size_t size) {
    const auto taken = take(size);
    std::uint64_t number = !taken.empty() && (taken[0] & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
    for (const auto byte : taken) number = number << 8U | byte;
    return static_cast<std::int64_t>(number);
  }
  /// 1.6: seven bits a byte, eight in the ninth.
  std::uint64_t varint() {
    std::uint64_t number = 0;
    for (int i = 0; i < 8; ++i) {
      const auto byte = static_cast<std::uint64_t>(integer(1)) & 0xffU;
      number = number << 7U | (byte & 0x7fU);
      if ((byte & 0x80U) == 0) return number;
    }
    return number << 8U | (static_cast<std::uint64_t>(integer(1)) & 0xffU);
  }
  Bytes take(std::size_t size) {
    if (failed_ || size > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    return bytes_.subspan(std::exchange(at_, at_ + size), size);
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

/// The type of a value as a row's header says it (2.1).
class SerialType {
 public:
  explicit SerialType(std::uint64_t code) : code_(code) {}
  /// Reals and the reserved ones are not.
  [[nodiscard]] bool is_ours() const noexcept { return code_ < 7 || code_ == 8 || code_ == 9 || code_ >= 12; }
  [[nodiscard]] std::uint64_t size() const noexcept {
    constexpr std::array<std::uint8_t, 12> sizes{0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    return code_ < sizes.size() ? sizes.at(static_cast<std::size_t>(code_)) : (code_ - sizes.size()) / 2;
  }
  /// Of a row that is not too large.
  [[nodiscard]] RecordField value(Cursor& body) const {
    const auto bytes_of_it = static_cast<std::size_t>(size());
    if (code_ == 0) return {};
    if (code_ == 8 || code_ == 9) return {RecordField::Kind::integer, static_cast<std::int64_t>(code_ - 8)};
    if (code_ < 7) return {RecordField::Kind::integer, body.integer(bytes_of_it)};
    const auto bytes = body.take(bytes_of_it);
    return {code_ % 2 == 0 ? RecordField::Kind::blob : RecordField::Kind::text, 0,
            std::string(bytes.begin(), bytes.end())};
  }

 private:
  std::uint64_t code_;
};

/// The types in the header of a row of `size` bytes; none when they do not add up to it.
std::optional<std::vector<SerialType>> types_of(Bytes row, std::size_t size) {
  Cursor length(row);
  const auto stated_size = length.varint();
  if (length.failed() || stated_size > row.size()) return std::nullopt;
  const auto header_size = static_cast<std::size_t>(stated_size);
  Cursor header(row.first(header_size));
  header.take(length.at());
  std::vector<SerialType> types;
  std::uint64_t sum = header_size;
  while (header.at() < header_size) {
    const SerialType type(header.varint());
    if (header.failed() || !type.is_ours() || type.size() > size) return std::nullopt;
    sum += type.size();
    types.push_back(type);
  }
  return sum == size ? std::optional(std::move(types)) : std::nullopt;
}

}  // namespace

bool has_shape(const Record& record, std::initializer_list<RecordField::Kind> kinds) {
  return std::equal(record.fields.begin(), record.fields.end(), kinds.begin(), kinds.end(),
                    [](const RecordField& field, RecordField::Kind kind) { return field.kind == kind; });
}

RecordReader::RecordReader(PageFile& file) : file_(file), most_overflow_(std::uint64_t{4} * file.count()) {}

/// A page whose type is none is tried as the leaf of a table: that byte alone may be damaged.
void RecordReader::for_each(std::uint32_t number, const std::function<void(Record)>& take) {
  if (number <= 1) return;
  const auto page = file_.page(number);
  if (!page || page->front() == interior_table || page->front() == 0) return;
  Cursor header(*page);
  header.take(3);
  const auto cells = static_cast<std::size_t>(header.integer(2)) & 0xffffU;
  header.take(page->front() == interior_index ? 7 : 3);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const auto at = static_cast<std::size_t>(header.integer(2)) & 0xffffU;
    if (header.failed()) return;
    read_cell(*page, at, take);
  }
}

void RecordReader::read_cell(const PageFile::Page& page, std::size_t at, const std::function<void(Record)>& take) {
  if (at >= page.size()) return;
  const bool is_index = page.front() == interior_index || page.front() == leaf_index;
  Cursor cell(Bytes(page).subspan(at));
  if (page.front() == interior_index) cell.take(4);  // the page below it
  const auto stated_size = cell.varint();
  Record record;
  if (!is_index) record.rowid = static_cast<std::int64_t>(cell.varint());
  if (cell.failed() || stated_size > std::min(std::uint64_t{file_.count()} * usable, largest_row)) return;
  const auto size = static_cast<std::size_t>(stated_size);
  const auto local = cell.take(local_size(size, is_index));
  const auto types = types_of(local, size);
  if (cell.failed() || !types) return;
  std::vector<std::uint8_t> payload(local.begin(), local.end());
  if (size > local.size()) {
    const auto next = static_cast<std::uint32_t>(cell.integer(overflow_pointer));
    if (cell.failed() || !append_overflow(next, size, payload)) return;
  }
  Cursor body(payload);
  body.take(static_cast<std::size_t>(Cursor(payload).varint()));
  for (const auto& type : *types) record.fields.push_back(type.value(body));
  take(std::move(record));
}

/// Follows the chain until `payload` has `size` bytes; false when it ends before.
bool RecordReader::append_overflow(std::uint32_t page, std::size_t size, std::vector<std::uint8_t>& payload) {
  while (payload.size() < size) {
    const auto content = most_overflow_ == 0 ? std::nullopt : file_.page(page);
    if (!content) return false;
    --most_overflow_;
    Cursor cursor(*content);
    page = static_cast<std::uint32_t>(cursor.integer(overflow_pointer));
    const auto bytes = cursor.take(std::min(size - payload.size(), usable - overflow_pointer));
    payload.insert(payload.end(), bytes.begin(), bytes.end());
  }
  return true;
}

}  // namespace b2m

#include "daemon/store/rows.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <cstring>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

namespace b2m::rows {
namespace {

constexpr std::int64_t qos_mask = 3;
constexpr std::int64_t retain_flag = 4;
constexpr std::int64_t synchronised_flag = 8;
constexpr std::int64_t senml_flag = 16;

std::int64_t flags_of(const KeptReading& reading) {
  return (reading.message.qos & qos_mask) | (reading.message.retain ? retain_flag : 0) |
         (reading.taken.synchronised ? synchronised_flag : 0) |
         (reading.message.content_type == ContentType::senml_json ? senml_flag : 0);
}

/// Kind, place and length of each spot as 32-bit numbers; the file does not leave its machine.
std::string pack(const std::vector<TimeSpot>& spots) {
  std::string bytes;
  for (const auto& spot : spots) {
    const std::array<std::uint32_t, 3> numbers{static_cast<std::uint32_t>(spot.kind), spot.at, spot.length};
    bytes.append(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
  }
  return bytes;
}

std::vector<TimeSpot> unpack(std::string_view bytes) {
  std::array<std::uint32_t, 3> numbers{};
  std::vector<TimeSpot> spots;
  for (std::size_t at = 0; at + sizeof numbers <= bytes.size(); at += sizeof numbers) {
    std::memcpy(numbers.data(), bytes.data() + at, sizeof numbers);
    if (numbers[0] > static_cast<std::uint32_t>(TimeSpot::Kind::influx_timestamp)) continue;  // of a later version
    spots.push_back({static_cast<TimeSpot::Kind>(numbers[0]), numbers[1], numbers[2]});
  }
  return spots;
}

/// What a row says, its checksum aside.
struct Columns {
  std::array<std::int64_t, 5> numbers;  ///< id, flags, wall, monotonic, boot
  std::string_view topic;
  std::string_view payload;
  std::string_view spots;
};

/// Texts with their lengths, so that no byte can go over from one to the next.
std::int64_t checksum(std::span<const std::int64_t> numbers, std::initializer_list<std::string_view> texts) {
  auto sum = crc32(0, reinterpret_cast<const Bytef*>(numbers.data()), static_cast<uInt>(numbers.size_bytes()));
  for (const auto text : texts) {
    const auto size = static_cast<std::uint32_t>(text.size());
    sum = crc32(sum, reinterpret_cast<const Bytef*>(&size), sizeof size);
    sum = crc32(sum, reinterpret_cast<const Bytef*>(text.data()), size);
  }
  return static_cast<std::int64_t>(sum);
}

std::int64_t checksum(const Columns& columns) {
  return checksum(columns.numbers, {columns.topic, columns.payload, columns.spots});
}
/// Begins otherwise than that of a start: a record shows its table by its shape alone.
std::int64_t checksum(std::string_view key, std::string_view value) {
  const std::int64_t table = 1;
  return checksum({&table, 1}, {key, value});
}
std::int64_t checksum(const Boot& boot) {
  const std::array<std::int64_t, 2> numbers{boot.number, boot.clock_offset};
  return checksum(numbers, {boot.id});
}

std::optional<Kept> whole(Kept kept, std::int64_t sum) {
  return sum == checksum(kept.key, kept.value) ? std::optional(std::move(kept)) : std::nullopt;
}
std::optional<Boot> whole(Boot boot, std::int64_t sum) {
  return sum == checksum(boot) ? std::optional(std::move(boot)) : std::nullopt;
}

Kept as_kept(const Statement& row) { return {row.bytes(0), row.bytes(1)}; }
Boot as_boot(const Statement& row) { return {row.integer(0), row.bytes(1), row.integer(2)}; }

/// All of both tables. A row whose key has changed stands where it does not belong: SQLite, asked for it, finds
/// another.
void write_anew(Connection& connection, const std::vector<Kept>& values, const std::vector<Boot>& boots) {
  connection.run("DELETE FROM kept; DELETE FROM boots");
  auto add = connection.prepare(insert_kept);
  for (const auto& [key, value] : values) insert(add, key, value);
  add = connection.prepare(insert_boot);
  for (const auto& boot : boots) insert(add, boot);
}

std::int64_t nanoseconds(auto time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

std::optional<KeptReading> whole(const Columns& columns, std::int64_t sum) {
  if (sum != checksum(columns)) return std::nullopt;
  const auto [id, flags, wall, monotonic, boot] = columns.numbers;
  const auto to_wall = [](std::int64_t ns) {
    return WallTime(std::chrono::duration_cast<WallClock::duration>(std::chrono::nanoseconds(ns)));
  };
  return KeptReading{
      .id = static_cast<MessageId>(id),
      .message = {.topic = std::string(columns.topic),
                  .payload = std::string(columns.payload),
                  .qos = static_cast<int>(flags & qos_mask),
                  .retain = (flags & retain_flag) != 0,
                  .content_type = (flags & senml_flag) != 0 ? ContentType::senml_json : ContentType::none},
      .taken = {.wall = to_wall(wall),
                .monotonic = SteadyTime(std::chrono::nanoseconds(monotonic)),
                .boot = static_cast<BootNumber>(boot),
                .synchronised = (flags & synchronised_flag) != 0,
                .spots = unpack(columns.spots)}};
}

}  // namespace

void insert(Statement& statement, const KeptReading& reading, BootNumber boot) {
  const auto spots = pack(reading.taken.spots);
  const auto id = static_cast<std::int64_t>(reading.id);
  const auto flags = flags_of(reading);
  const auto wall = nanoseconds(reading.taken.wall);
  const auto monotonic = nanoseconds(reading.taken.monotonic);
  const std::int64_t number = reading.taken.boot == 0 ? boot : reading.taken.boot;
  const auto sum =
      checksum({{id, flags, wall, monotonic, number}, reading.message.topic, reading.message.payload, spots});
  statement.bind(id).bind(reading.message.topic).bind_blob(reading.message.payload).bind(flags).bind(wall);
  statement.bind(monotonic).bind(number).bind_blob(spots).bind(sum);
  statement.run();
}

void insert(Statement& statement, std::string_view key, std::string_view value) {
  statement.bind(key).bind_blob(value).bind(checksum(key, value)).run();
}

void insert(Statement& statement, const Boot& boot) {
  statement.bind(boot.number).bind(boot.id).bind(boot.clock_offset).bind(checksum(boot)).run();
}

void name_lost_boots(Connection& connection) {
  auto lost = connection.prepare("SELECT DISTINCT boot FROM readings WHERE boot NOT IN (SELECT number FROM boots)");
  std::vector<std::int64_t> numbers;
  while (lost.step()) numbers.push_back(lost.integer(0));
  auto add = connection.prepare(insert_boot);
  for (const auto number : numbers) insert(add, {.number = number, .id = fmt::format("lost {}", number)});
}

bool has_checksums(Connection& connection) {
  return connection.number("SELECT count(*) FROM pragma_table_info('kept') WHERE name = 'checksum'") != 0;
}

void upgrade(Connection& connection) {
  Transaction transaction(connection);
  connection.run("ALTER TABLE kept ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0");
  connection.run("ALTER TABLE boots ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0");
  std::vector<Kept> values;
  auto row = connection.prepare(select_kept);
  while (row.step()) values.push_back(as_kept(row));
  std::vector<Boot> boots;
  row = connection.prepare(select_boots);
  while (row.step()) boots.push_back(as_boot(row));
  write_anew(connection, values, boots);
  connection.run(fmt::format("PRAGMA user_version = {}", schema_version).c_str());
  transaction.commit();
}

std::vector<std::string> drop_damaged(Connection& connection) {
  std::vector<std::string> dropped;
  std::vector<Kept> values;
  auto row = connection.prepare(select_kept);
  while (row.step()) {
    auto value = as_kept(row);
    if (row.integer(2) == checksum(value.key, value.value)) {
      values.push_back(std::move(value));
    } else {
      dropped.push_back(std::move(value.key));
    }
  }
  std::vector<Boot> boots;
  row = connection.prepare(select_boots);
  while (row.step()) {
    auto boot = as_boot(row);
    if (row.integer(3) == checksum(boot)) {
      boots.push_back(std::move(boot));
    } else {
      dropped.emplace_back("the clock of a start");
    }
  }
  if (dropped.empty()) return dropped;
  Transaction transaction(connection);
  write_anew(connection, values, boots);
  name_lost_boots(connection);
  transaction.commit();
  return dropped;
}

std::optional<KeptReading> reading(const Statement& row) {
  const auto topic = row.bytes(1);
  const auto payload = row.bytes(2);
  const auto spots = row.bytes(7);
  return whole(
      {{row.integer(0), row.integer(3), row.integer(4), row.integer(5), row.integer(6)}, topic, payload, spots},
      row.integer(8));
}

std::optional<KeptReading> reading(const Record& record) {
  using enum RecordField::Kind;
  const auto& fields = record.fields;
  // The first is null: its value is the rowid.
  if (!has_shape(record, {null, text, blob, integer, integer, integer, integer, blob, integer})) return std::nullopt;
  return whole({{record.rowid, fields[3].integer, fields[4].integer, fields[5].integer, fields[6].integer},
                fields[1].bytes,
                fields[2].bytes,
                fields[7].bytes},
               fields[8].integer);
}

std::optional<Kept> kept(const Record& record) {
  using enum RecordField::Kind;
  const auto& fields = record.fields;
  if (!has_shape(record, {text, blob, integer})) return std::nullopt;
  return whole({fields[0].bytes, fields[1].bytes}, fields[2].integer);
}

std::optional<Boot> boot(const Record& record) {
  using enum RecordField::Kind;
  const auto& fields = record.fields;
  if (!has_shape(record, {null, text, null, integer}) && !has_shape(record, {null, text, integer, integer}))
    return std::nullopt;
  return whole({record.rowid, fields[1].bytes, fields[2].integer}, fields[3].integer);
}

std::optional<Kept> unchecked_kept(const Record& record) {
  using enum RecordField::Kind;
  if (!has_shape(record, {text, blob})) return std::nullopt;
  return Kept{record.fields[0].bytes, record.fields[1].bytes};
}

std::optional<Boot> unchecked_boot(const Record& record) {
  using enum RecordField::Kind;
  if (!has_shape(record, {null, text, null}) && !has_shape(record, {null, text, integer})) return std::nullopt;
  return Boot{record.rowid, record.fields[1].bytes, record.fields[2].integer};
}

}  // namespace b2m::rows

#include "daemon/store/rows.hpp"

#include <zlib.h>

#include <array>
#include <cstring>
#include <string>
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

std::int64_t checksum(const Columns& columns) {
  auto sum = crc32(0, reinterpret_cast<const Bytef*>(columns.numbers.data()), sizeof columns.numbers);
  for (const auto text : {columns.topic, columns.payload, columns.spots}) {
    const auto size = static_cast<std::uint32_t>(text.size());
    sum = crc32(sum, reinterpret_cast<const Bytef*>(&size), sizeof size);
    sum = crc32(sum, reinterpret_cast<const Bytef*>(text.data()), size);
  }
  return static_cast<std::int64_t>(sum);
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

}  // namespace b2m::rows

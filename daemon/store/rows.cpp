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

std::int64_t flags_of(const KeptReading& reading) {
  return (reading.message.qos & qos_mask) | (reading.message.retain ? retain_flag : 0) |
         (reading.taken.synchronised ? synchronised_flag : 0);
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

std::vector<TimeSpot> unpack(const std::string& bytes) {
  std::array<std::uint32_t, 3> numbers{};
  std::vector<TimeSpot> spots;
  for (std::size_t at = 0; at + sizeof numbers <= bytes.size(); at += sizeof numbers) {
    std::memcpy(numbers.data(), bytes.data() + at, sizeof numbers);
    spots.push_back({numbers[0] == 0 ? TimeSpot::Kind::time : TimeSpot::Kind::remark, numbers[1], numbers[2]});
  }
  return spots;
}

/// What a row says, for its checksum.
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
  const auto flags = row.integer(3);
  const auto sum =
      checksum({{row.integer(0), flags, row.integer(4), row.integer(5), row.integer(6)}, topic, payload, spots});
  if (sum != row.integer(8)) return std::nullopt;
  const auto to_wall = [](std::int64_t ns) {
    return WallTime(std::chrono::duration_cast<WallClock::duration>(std::chrono::nanoseconds(ns)));
  };
  return KeptReading{.id = static_cast<MessageId>(row.integer(0)),
                     .message = {topic, payload, static_cast<int>(flags & qos_mask), (flags & retain_flag) != 0},
                     .taken = {.wall = to_wall(row.integer(4)),
                               .monotonic = SteadyTime(std::chrono::nanoseconds(row.integer(5))),
                               .boot = static_cast<BootNumber>(row.integer(6)),
                               .synchronised = (flags & synchronised_flag) != 0,
                               .spots = unpack(spots)}};
}

}  // namespace b2m::rows

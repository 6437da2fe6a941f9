// The tables, and readings as their rows.
#pragma once

#include <cstdint>
#include <optional>

#include "daemon/mqtt/outbox_store.hpp"
#include "daemon/store/records.hpp"
#include "daemon/store/sqlite.hpp"

namespace b2m::rows {

/// A record tells its table by the number and kinds of its values: what a salvage relies on.
inline constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS readings(
  id INTEGER PRIMARY KEY, topic TEXT NOT NULL, payload BLOB NOT NULL, flags INTEGER NOT NULL,
  wall INTEGER NOT NULL, monotonic INTEGER NOT NULL, boot INTEGER NOT NULL, spots BLOB NOT NULL,
  checksum INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS kept(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS boots(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, clock_offset INTEGER);
PRAGMA user_version = 1;)";
inline constexpr std::int64_t schema_version = 1;

inline constexpr const char* insert_reading = "INSERT OR REPLACE INTO readings VALUES(?,?,?,?,?,?,?,?,?)";
inline constexpr const char* select_readings =
    "SELECT id, topic, payload, flags, wall, monotonic, boot, spots, checksum FROM readings "
    "WHERE id > ? AND id <= ? ORDER BY id LIMIT ?";

/// Runs insert_reading. Its boot is `boot` where the reading says 0.
void insert(Statement& statement, const KeptReading& reading, BootNumber boot);
/// The row of select_readings; none when its checksum is not that of its bytes. Its boot is as it was written.
[[nodiscard]] std::optional<KeptReading> reading(const Statement& row);
/// The same of a record that was found beside the tree; none, too, when it is of another table.
[[nodiscard]] std::optional<KeptReading> reading(const Record& record);

}  // namespace b2m::rows

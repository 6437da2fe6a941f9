// The tables, and readings as their rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/mqtt/outbox_store.hpp"
#include "daemon/store/records.hpp"
#include "daemon/store/sqlite.hpp"

namespace b2m::rows {

/// A record tells its table by the number and kinds of its values: what a salvage relies on. Each row has a checksum
/// over its other values.
inline constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS readings(
  id INTEGER PRIMARY KEY, topic TEXT NOT NULL, payload BLOB NOT NULL, flags INTEGER NOT NULL,
  wall INTEGER NOT NULL, monotonic INTEGER NOT NULL, boot INTEGER NOT NULL, spots BLOB NOT NULL,
  checksum INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS kept(key TEXT PRIMARY KEY, value BLOB NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS boots(
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, clock_offset INTEGER, checksum INTEGER NOT NULL);
PRAGMA user_version = 2;)";
inline constexpr std::int64_t schema_version = 2;

/// A value to keep.
struct Kept {
  std::string key;
  std::string value;
};
/// A start of the machine.
struct Boot {
  std::int64_t number = 0;
  std::string id = {};            ///< the kernel's
  std::int64_t clock_offset = 0;  ///< wall clock minus monotonic clock in ns; 0: not known
};

inline constexpr const char* insert_reading = "INSERT OR REPLACE INTO readings VALUES(?,?,?,?,?,?,?,?,?)";
inline constexpr const char* select_readings =
    "SELECT id, topic, payload, flags, wall, monotonic, boot, spots, checksum FROM readings "
    "WHERE id > ? AND id <= ? ORDER BY id LIMIT ?";
inline constexpr const char* insert_kept = "INSERT OR REPLACE INTO kept VALUES(?,?,?)";
inline constexpr const char* select_kept = "SELECT key, value, checksum FROM kept";
inline constexpr const char* insert_boot = "INSERT OR REPLACE INTO boots VALUES(?,?,nullif(?,0),?)";
inline constexpr const char* select_boots = "SELECT number, id, clock_offset, checksum FROM boots";

/// Version 1 had no checksums in kept and boots. A version says little when its one bit flips: the tables are asked.
[[nodiscard]] bool has_checksums(Connection& connection);
/// From version 1, in one transaction: what a power cut leaves is the one or the other.
void upgrade(Connection& connection);

/// Values and starts whose bytes have changed, in one transaction. Returns what each was, for people.
[[nodiscard]] std::vector<std::string> drop_damaged(Connection& connection);

/// Runs insert_reading. Its boot is `boot` where the reading says 0.
void insert(Statement& statement, const KeptReading& reading, BootNumber boot);
/// Runs insert_kept.
void insert(Statement& statement, std::string_view key, std::string_view value);
/// Runs insert_boot.
void insert(Statement& statement, const Boot& boot);
/// The number of a start that is lost must not become that of another: gives those of readings a start whose clock is
/// unknown.
void name_lost_boots(Connection& connection);

/// The row of select_readings; none when its checksum is not that of its bytes. Its boot is as it was written.
[[nodiscard]] std::optional<KeptReading> reading(const Statement& row);
// The same of a record that was found beside the tree; none, too, when it is of another table.
[[nodiscard]] std::optional<KeptReading> reading(const Record& record);
[[nodiscard]] std::optional<Kept> kept(const Record& record);
[[nodiscard]] std::optional<Boot> boot(const Record& record);
// As version 1 wrote them.
[[nodiscard]] std::optional<Kept> unchecked_kept(const Record& record);
[[nodiscard]] std::optional<Boot> unchecked_boot(const Record& record);

}  // namespace b2m::rows

// The database of the state directory: readings that wait, values to keep, and the starts of the machine they are from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/mqtt/outbox_store.hpp"
#include "drivers/api/result.hpp"

namespace b2m {

using KeptMap = std::map<std::string, std::string, std::less<>>;

/// What a commit did beside what it was told.
struct CommitDone {
  std::uint64_t dropped = 0;  ///< oldest readings, to keep within the bound
  MessageId dropped_through = 0;
};

/// One file in WAL mode. Each commit reaches the disk before it returns. Errors are Errc::checksum when the file is
/// damaged, Errc::io otherwise. Worker only.
class Database {
 public:
  static constexpr const char* file_name = "board2mqtt.db";

  /// Makes the file if there is none. `most_bytes` bounds it together with its log (0: no bound). `boot` is the
  /// kernel's boot id. The whole file is read once, so that damage is found now; of values and starts, rows whose
  /// checksum is wrong are removed. A file of an earlier version is brought to the present one; an earlier program
  /// refuses that, and leaves it as it is.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                              std::uint64_t most_bytes, const std::string& boot);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] Result<OutboxStore::Contents> contents();
  [[nodiscard]] Result<KeptMap> kept();
  /// What opening it removed, for people: keys of values.
  [[nodiscard]] const std::vector<std::string>& dropped() const noexcept;
  /// All or nothing.
  [[nodiscard]] Result<CommitDone> commit(const OutboxChanges& changes, const KeptMap& kept);
  /// What OutboxStore::load() asks for; damaged readings are removed.
  [[nodiscard]] Result<OutboxPage> read(MessageId after, MessageId through, std::size_t limit);

 private:
  class Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace b2m

#include "daemon/store/salvage.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "daemon/store/page_file.hpp"
#include "daemon/store/records.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/sqlite.hpp"

namespace b2m {
namespace {

namespace fs = std::filesystem;

constexpr const char* log_suffix = "-wal";

fs::path with(const fs::path& file, std::string_view suffix) { return file.string() + std::string(suffix); }

void remove_database(const fs::path& file) {
  std::error_code ignored;
  for (const char* suffix : {"", log_suffix, "-shm", "-journal"}) fs::remove(with(file, suffix), ignored);
}

/// Only the newest one is kept: a disk that damages files must not be filled with them.
void remove_older_asides(const fs::path& file) {
  const auto prefix = file.filename().string() + ".damaged-";
  std::vector<fs::path> old;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(file.parent_path(), error))
    if (entry.path().filename().string().starts_with(prefix)) old.push_back(entry.path());
  for (const auto& path : old) fs::remove(path, error);
}

fs::path move_aside(const fs::path& file) {
  remove_older_asides(file);
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const auto aside = with(file, fmt::format(".damaged-{:%Y%m%dT%H%M%SZ}", fmt::gmtime(now)));
  fs::rename(file, aside);
  std::error_code ignored;  // there may be no log
  fs::rename(with(file, log_suffix), with(aside, log_suffix), ignored);
  return aside;
}

/// Puts whole rows into a new database. A record tells by its shape which table it is of.
class Rescue {
 public:
  explicit Rescue(const fs::path& target) : to_(target) {
    to_.run("PRAGMA page_size = 4096");
    to_.run(rows::schema);
    insert_.emplace(to_.prepare(rows::insert_reading));
  }

  Salvaged all_of(PageFile source) {
    Transaction transaction(to_);
    RecordReader reader(source);
    for (std::uint32_t page = 2; page <= source.count(); ++page)
      reader.for_each(page, [this](const Record& record) { take(record); });
    name_lost_boots();
    transaction.commit();
    Salvaged result;
    result.readings = static_cast<std::uint64_t>(to_.number("SELECT count(*) FROM readings"));
    result.kept = static_cast<std::uint64_t>(to_.number("SELECT count(*) FROM kept"));
    return result;
  }

 private:
  void take(const Record& record) {
    using enum RecordField::Kind;
    const auto& fields = record.fields;
    if (const auto reading = rows::reading(record)) {
      rows::insert(*insert_, *reading, 0);
    } else if (has_shape(record, {text, blob})) {
      to_.prepare("INSERT OR REPLACE INTO kept VALUES(?,?)").bind(fields[0].bytes).bind_blob(fields[1].bytes).run();
    } else if (has_shape(record, {null, text, null}) || has_shape(record, {null, text, integer})) {
      to_.prepare("INSERT OR IGNORE INTO boots VALUES(?,?,nullif(?,0))")
          .bind(record.rowid)
          .bind(fields[1].bytes)
          .bind(fields[2].integer)
          .run();
    }
  }

  /// The number of a start that is lost must not become that of another: its clock is unknown.
  void name_lost_boots() {
    to_.run("INSERT OR IGNORE INTO boots SELECT DISTINCT boot, 'lost ' || boot, NULL FROM readings");
  }

  Connection to_;
  std::optional<Statement> insert_;  // after the connection, and thus gone before it
};

void move_back(const fs::path& aside, const fs::path& file) {
  std::error_code ignored;
  fs::rename(aside, file, ignored);
  fs::rename(with(aside, log_suffix), with(file, log_suffix), ignored);
}

Salvaged save(const fs::path& file) {
  const auto aside = move_aside(file);
  const auto fresh = with(file, ".new");
  try {
    remove_database(fresh);
    auto result = Rescue(fresh).all_of(PageFile(aside));
    fs::rename(fresh, file);
    result.aside = aside;
    return result;
  } catch (const std::exception&) {  // such as a disk without room for another file: later there may be
    remove_database(fresh);
    move_back(aside, file);
    throw;
  }
}

}  // namespace

Result<Salvaged> set_aside_and_save(const fs::path& file) {
  try {
    return save(file);
  } catch (const std::exception& error) {
    return fail(Errc::io, error.what());
  }
}

}  // namespace b2m

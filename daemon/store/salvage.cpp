#include "daemon/store/salvage.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <functional>
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
    insert_kept_.emplace(to_.prepare(rows::insert_kept));
    insert_boot_.emplace(to_.prepare(rows::insert_boot));
  }

  Salvaged all_of(PageFile source) {
    Transaction transaction(to_);
    from(source, [this](const Record& record) { take(record); });
    // What has no checksum is believed where nothing has one: in a file of version 1.
    if (!checked_) from(source, [this](const Record& record) { take_unchecked(record); });
    rows::name_lost_boots(to_);
    transaction.commit();
    Salvaged result;
    result.readings = static_cast<std::uint64_t>(to_.number("SELECT count(*) FROM readings"));
    result.kept = static_cast<std::uint64_t>(to_.number("SELECT count(*) FROM kept"));
    return result;
  }

 private:
  static void from(PageFile& source, const std::function<void(const Record&)>& take) {
    RecordReader reader(source);
    for (std::uint32_t page = 2; page <= source.count(); ++page) reader.for_each(page, take);
  }

  void take(const Record& record) {
    if (const auto reading = rows::reading(record)) return rows::insert(*insert_, *reading, 0);
    const auto kept = rows::kept(record);
    const auto boot = rows::boot(record);
    checked_ = checked_ || kept || boot;
    put(kept, boot);
  }
  void take_unchecked(const Record& record) { put(rows::unchecked_kept(record), rows::unchecked_boot(record)); }
  void put(const std::optional<rows::Kept>& kept, const std::optional<rows::Boot>& boot) {
    if (kept) rows::insert(*insert_kept_, kept->key, kept->value);
    if (boot) rows::insert(*insert_boot_, *boot);
  }

  Connection to_;
  // After the connection, and thus gone before it.
  std::optional<Statement> insert_;
  std::optional<Statement> insert_kept_;
  std::optional<Statement> insert_boot_;
  bool checked_ = false;  ///< a row was found that has the checksum which version 1 had not
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
  } catch (const fs::filesystem_error& error) {  // whose words hold the paths: the caller names the file
    return fail(Errc::io, "the damaged file cannot be set aside: " + error.code().message());
  } catch (const std::exception& error) {
    return fail(Errc::io, error.what());
  }
}

}  // namespace b2m

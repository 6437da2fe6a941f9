#include "daemon/store/salvage.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "daemon/store/rows.hpp"
#include "daemon/store/sqlite.hpp"

namespace b2m {
namespace {

namespace fs = std::filesystem;

constexpr const char* log_suffix = "-wal";
constexpr int most_failures = 20'000;  ///< of queries: each page that is damaged costs some

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

/// SQLite cannot even open a file whose first page is damaged. That page says the same in each of our files but for
/// the number of pages: a good one takes its place, in a copy.
void graft_first_page(const fs::path& damaged, const fs::path& copy) {
  const auto fresh = with(copy, ".fresh");
  remove_database(fresh);
  { Connection(fresh).run(rows::schema); }
  constexpr std::streamsize page_size = 4096;  // SQLite's default (fileformat2, section 1.3.2)
  std::array<char, static_cast<std::size_t>(page_size)> page{};
  std::ifstream(fresh, std::ios::binary).read(page.data(), page_size);
  remove_database(fresh);

  fs::copy_file(damaged, copy, fs::copy_options::overwrite_existing);
  const auto pages = static_cast<std::uint32_t>(fs::file_size(copy) / page.size());
  constexpr std::size_t pages_at = 28;  // fileformat2, section 1.3: big-endian
  for (std::size_t i = 0; i < 4; ++i) page[pages_at + i] = static_cast<char>(pages >> (24U - 8U * i));
  std::fstream out(copy, std::ios::binary | std::ios::in | std::ios::out);
  out.write(page.data(), page_size);
}

/// Copies from one database into another what can be read.
class Copier {
 public:
  Copier(Connection& from, Connection& to) : from_(from), insert_(to.prepare(rows::insert_reading)), to_(to) {}

  void copy_all(Salvaged& result) {
    Transaction transaction(to_);
    copy_table("SELECT number, id, clock_offset FROM boots", [this](const Statement& row) { copy_boot(row); });
    copy_table("SELECT key, value FROM kept", [&](const Statement& row) {
      to_.prepare("INSERT OR REPLACE INTO kept VALUES(?,?)").bind(row.bytes(0)).bind_blob(row.bytes(1)).run();
      ++result.kept;
    });
    if (const auto bounds = find_bounds()) copy_readings(bounds->first, bounds->second);
    transaction.commit();
    result.readings = readings_;
  }

 private:
  void copy_boot(const Statement& row) {
    auto add = to_.prepare("INSERT OR IGNORE INTO boots VALUES(?,?,nullif(?,0))");
    add.bind(row.integer(0)).bind(row.bytes(1)).bind(row.integer(2)).run();
  }

  template <class Copy>
  void copy_table(std::string_view query, Copy copy) {
    try {
      auto rows = from_.prepare(query);
      while (rows.step()) copy(rows);
    } catch (const SqliteError&) {
      ++failures_;  // what came before it is saved
    }
  }

  std::optional<std::int64_t> try_number(const std::string& query) {
    try {
      auto found = from_.prepare(query);
      if (found.step() && !found.is_null(0)) return found.integer(0);
    } catch (const SqliteError&) {
      ++failures_;
    }
    return std::nullopt;
  }

  /// The numbers that readings may have. An end that is damaged is looked for by its bits.
  std::optional<std::pair<std::int64_t, std::int64_t>> find_bounds() {
    constexpr int bits = 48;
    auto low = try_number("SELECT min(id) FROM readings");
    auto high = try_number("SELECT max(id) FROM readings");
    for (int bit = 0; bit < bits && !low; ++bit)
      low =
          try_number(fmt::format("SELECT id FROM readings WHERE id >= {} ORDER BY id LIMIT 1", std::int64_t{1} << bit));
    for (int bit = bits; bit > 0 && !high; --bit)
      high = try_number(
          fmt::format("SELECT id FROM readings WHERE id <= {} ORDER BY id DESC LIMIT 1", std::int64_t{1} << bit));
    if (!low && !high) return std::nullopt;
    constexpr std::int64_t around = 1'000'000;  // more readings than a bounded file usually has
    return std::pair(low.value_or(high.value_or(0) - around), high.value_or(low.value_or(0) + around));
  }

  /// All from `first` to `last`; around a damage, by halves.
  void copy_readings(std::int64_t first, std::int64_t last) {
    if (first > last || failures_ > most_failures) return;
    std::int64_t next = first;
    try {
      auto rows = from_.prepare(rows::select_readings);
      rows.bind(first - 1).bind(last).bind(std::int64_t{-1});
      while (rows.step()) {
        if (const auto reading = rows::reading(rows)) {
          rows::insert(insert_, *reading, 0);
          ++readings_;
        }
        next = rows.integer(0) + 1;
      }
      return;
    } catch (const SqliteError&) {
      ++failures_;
    }
    if (first == last) return;
    if (next > first) return copy_readings(next, last);
    const auto middle = first + (last - first) / 2;
    copy_readings(first, middle);
    copy_readings(middle + 1, last);
  }

  Connection& from_;
  Statement insert_;
  Connection& to_;
  int failures_ = 0;
  std::uint64_t readings_ = 0;
};

void copy_from(const fs::path& source, const fs::path& target, Salvaged& result) {
  Connection from(source, true);
  from.run("PRAGMA locking_mode = EXCLUSIVE");
  Connection to(target);
  to.run(rows::schema);
  Copier(from, to).copy_all(result);
}

/// Whether SQLite can find its way into the tables.
bool can_be_opened(const fs::path& file) {
  try {
    Connection connection(file, true);
    connection.run("PRAGMA locking_mode = EXCLUSIVE");
    const auto statement = connection.prepare("SELECT id FROM readings LIMIT 1");
    return true;
  } catch (const SqliteError&) {
    return false;
  }
}

Salvaged save(const fs::path& file) {
  Salvaged result{.aside = move_aside(file)};
  const auto fresh = with(file, ".new");
  const auto copy = with(file, ".copy");
  remove_database(fresh);
  if (can_be_opened(result.aside)) {
    copy_from(result.aside, fresh, result);
  } else {
    graft_first_page(result.aside, copy);
    try {
      copy_from(copy, fresh, result);
    } catch (const SqliteError&) {  // nothing to be saved; a file without rows takes its place
      remove_database(fresh);
    }
    remove_database(copy);
  }
  if (fs::exists(fresh)) fs::rename(fresh, file);
  return result;
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

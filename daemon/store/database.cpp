#include "daemon/store/database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "daemon/store/rows.hpp"

namespace b2m {
namespace {

constexpr std::uint64_t largest_log = 4'000'000;  ///< bytes of the write-ahead log
constexpr std::size_t page_bytes = 1'000'000;     ///< of readings that are read at a time
constexpr std::int64_t trim_rows = 64;            ///< that are dropped at a time
constexpr std::int64_t most_boots = 1000;

/// The share of the write-ahead log in the bound.
std::uint64_t log_share(std::uint64_t most_bytes) {
  return most_bytes == 0 ? largest_log : std::min(most_bytes / 4, largest_log);
}

/// The rest, less what a commit may add before it drops the oldest.
std::uint64_t file_share(std::uint64_t most_bytes) {
  return most_bytes == 0 ? 0 : most_bytes - log_share(most_bytes) - std::min<std::uint64_t>(most_bytes / 16, 1'000'000);
}

template <class Call>
auto guarded(Call call) -> Result<decltype(call())> {
  try {
    return call();
  } catch (const SqliteError& error) {
    return fail(error.damaged() ? Errc::checksum : Errc::io, error.what());
  } catch (const std::exception& error) {
    return fail(Errc::io, error.what());
  }
}

}  // namespace

class Database::Impl {
 public:
  Impl(const std::filesystem::path& file, std::uint64_t most_bytes, const std::string& boot)
      : connection_(file), most_bytes_(file_share(most_bytes)), boot_id_(boot) {
    set_up(most_bytes);
    dropped_ = rows::drop_damaged(connection_);  // readings are looked at when they are read
    boot_ = number_of_boot();
  }

  OutboxStore::Contents contents();
  KeptMap kept();
  [[nodiscard]] const std::vector<std::string>& dropped() const noexcept { return dropped_; }
  CommitDone commit(const OutboxChanges& changes, const KeptMap& kept);
  OutboxPage read(MessageId after, MessageId through, std::size_t limit);

 private:
  void set_up(std::uint64_t most_bytes);
  BootNumber number_of_boot();
  [[nodiscard]] bool too_large();
  CommitDone trim();

  Connection connection_;
  std::uint64_t most_bytes_;  ///< of the main file; 0: no bound
  std::int64_t page_size_ = 0;
  std::string boot_id_;
  BootNumber boot_ = 0;
  std::vector<std::string> dropped_;
  // After the connection, and thus gone before it.
  std::optional<Statement> insert_;
  std::optional<Statement> erase_;
  std::optional<Statement> select_;
};

void Database::Impl::set_up(std::uint64_t most_bytes) {
  connection_.run("PRAGMA locking_mode = EXCLUSIVE");  // no shared memory file: nobody else may use it
  connection_.run("PRAGMA page_size = 4096");          // a salvage reads the pages itself: PageFile
  // Nothing that was deleted stays readable on a page: a salvage must not bring back what the broker has.
  connection_.run("PRAGMA secure_delete = ON");
  connection_.run("PRAGMA journal_mode = WAL");
  connection_.run("PRAGMA synchronous = FULL");  // a commit survives a power cut
  connection_.run("PRAGMA cache_size = -512");
  page_size_ = connection_.number("PRAGMA page_size");
  const auto share = static_cast<std::int64_t>(log_share(most_bytes));
  connection_.run(
      fmt::format("PRAGMA wal_autocheckpoint = {}", std::max<std::int64_t>(share / 2 / page_size_, 4)).c_str());
  connection_.run(fmt::format("PRAGMA journal_size_limit = {}", share).c_str());
  const auto version = connection_.number("PRAGMA user_version");
  if (version > rows::schema_version) throw std::runtime_error("it was written by a newer board2mqtt");
  if (version == 0) connection_.run(rows::schema);
  auto check = connection_.prepare("PRAGMA quick_check(1)");
  if (check.step() && check.bytes(0) != "ok") throw SqliteError(SQLITE_CORRUPT, check.bytes(0));
  check.reset();
  if (!rows::has_checksums(connection_)) rows::upgrade(connection_);
  insert_.emplace(connection_.prepare(rows::insert_reading));
  erase_.emplace(connection_.prepare("DELETE FROM readings WHERE id BETWEEN ? AND ?"));
  select_.emplace(connection_.prepare(rows::select_readings));
}

BootNumber Database::Impl::number_of_boot() {
  auto find = connection_.prepare("SELECT number FROM boots WHERE +id = ?");  // past the index: it has no checksums
  if (find.bind(boot_id_).step()) return static_cast<BootNumber>(find.integer(0));
  const auto number = connection_.number("SELECT max(number) FROM boots") + 1;
  auto add = connection_.prepare(rows::insert_boot);
  rows::insert(add, {.number = number, .id = boot_id_});
  connection_.run(fmt::format("DELETE FROM boots WHERE number < {}", number - most_boots).c_str());
  return static_cast<BootNumber>(number);
}

OutboxStore::Contents Database::Impl::contents() {
  OutboxStore::Contents contents;
  auto bounds = connection_.prepare("SELECT count(*), min(id), max(id) FROM readings");
  bounds.step();
  contents.count = static_cast<std::uint64_t>(bounds.integer(0));
  contents.first = static_cast<MessageId>(bounds.integer(1));
  contents.last = static_cast<MessageId>(bounds.integer(2));
  auto boots = connection_.prepare("SELECT number, clock_offset FROM boots WHERE clock_offset IS NOT NULL");
  while (boots.step()) {
    const auto number = static_cast<BootNumber>(boots.integer(0));
    contents.clock_offsets[number == boot_ ? 0 : number] = std::chrono::nanoseconds(boots.integer(1));
  }
  return contents;
}

KeptMap Database::Impl::kept() {
  KeptMap map;
  auto rows = connection_.prepare("SELECT key, value FROM kept");
  while (rows.step()) map[rows.bytes(0)] = rows.bytes(1);
  return map;
}

CommitDone Database::Impl::commit(const OutboxChanges& changes, const KeptMap& kept) {
  Transaction transaction(connection_);
  for (const auto& range : changes.erase.ranges())
    erase_->bind(static_cast<std::int64_t>(range.first)).bind(static_cast<std::int64_t>(range.last)).run();
  for (const auto& reading : changes.put) rows::insert(*insert_, reading, boot_);
  if (!kept.empty()) {
    auto keep = connection_.prepare(rows::insert_kept);
    for (const auto& [key, value] : kept) rows::insert(keep, key, value);
  }
  if (changes.clock_offset) {
    auto note = connection_.prepare(rows::insert_boot);
    rows::insert(note, {.number = boot_, .id = boot_id_, .clock_offset = changes.clock_offset->count()});
  }
  const auto done = trim();
  transaction.commit();
  return done;
}

bool Database::Impl::too_large() {
  const auto pages = connection_.number("PRAGMA page_count") - connection_.number("PRAGMA freelist_count");
  return static_cast<std::uint64_t>(pages * page_size_) > most_bytes_;
}

/// Pages that become free are used again, so the file does not grow beyond.
CommitDone Database::Impl::trim() {
  CommitDone done;
  while (most_bytes_ != 0 && too_large()) {
    auto last = connection_.prepare("SELECT max(id) FROM (SELECT id FROM readings ORDER BY id LIMIT ?)");
    last.bind(trim_rows).step();
    if (last.is_null(0)) break;  // it is something else that takes the room
    const auto through = last.integer(0);
    last.reset();
    erase_->bind(std::int64_t{0}).bind(through).run();
    done.dropped += static_cast<std::uint64_t>(connection_.changes());
    done.dropped_through = static_cast<MessageId>(through);
  }
  return done;
}

OutboxPage Database::Impl::read(MessageId after, MessageId through, std::size_t limit) {
  OutboxPage page{.through = through};
  IdRanges damaged;
  std::size_t rows = 0;
  std::size_t bytes = 0;
  select_->bind(static_cast<std::int64_t>(after)).bind(static_cast<std::int64_t>(through));
  select_->bind(static_cast<std::int64_t>(limit));
  while (select_->step()) {
    const auto id = static_cast<MessageId>(select_->integer(0));
    if (auto reading = rows::reading(*select_)) {
      if (reading->taken.boot == boot_) reading->taken.boot = 0;
      bytes += reading->message.payload.size() + reading->message.topic.size();
      page.readings.push_back(std::move(*reading));
    } else {
      damaged.add(id);
    }
    if (++rows == limit || bytes >= page_bytes) {
      page.through = id;
      break;
    }
  }
  select_->reset();
  page.damaged = damaged.count_through(through);
  for (const auto& range : damaged.ranges())
    erase_->bind(static_cast<std::int64_t>(range.first)).bind(static_cast<std::int64_t>(range.last)).run();
  return page;
}

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, std::uint64_t most_bytes,
                                                 const std::string& boot) {
  return guarded(
      [&] { return std::unique_ptr<Database>(new Database(std::make_unique<Impl>(file, most_bytes, boot))); });
}

Result<OutboxStore::Contents> Database::contents() {
  return guarded([&] { return impl_->contents(); });
}
Result<KeptMap> Database::kept() {
  return guarded([&] { return impl_->kept(); });
}
const std::vector<std::string>& Database::dropped() const noexcept { return impl_->dropped(); }
Result<CommitDone> Database::commit(const OutboxChanges& changes, const KeptMap& kept) {
  return guarded([&] { return impl_->commit(changes, kept); });
}
Result<OutboxPage> Database::read(MessageId after, MessageId through, std::size_t limit) {
  return guarded([&] { return impl_->read(after, through, limit); });
}

}  // namespace b2m

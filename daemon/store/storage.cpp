#include "daemon/store/storage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <span>
#include <utility>

#include "daemon/log/log.hpp"
#include "daemon/store/salvage.hpp"
#include "daemon/store/state_directory.hpp"

namespace b2m {
namespace {

constexpr std::chrono::seconds close_limit{1};  ///< the files are closed at the end, when nobody waits for the loop
constexpr std::size_t most_events = 64;         ///< at most a commit and a page are under way
constexpr std::size_t most_named = 8;           ///< rows in a message
constexpr std::string_view overtaken_key = "outbox/overtaken";

class Task final : public Job {
 public:
  explicit Task(std::function<void()> work) : work_(std::move(work)) {}
  std::optional<std::chrono::microseconds> step() override {
    work_();
    return std::nullopt;
  }

 private:
  std::function<void()> work_;
};

/// Of this start of the machine (random(4)).
std::string boot_id() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id;
}

}  // namespace

/// The directory, the database in it, and what it takes to begin anew. Worker only.
struct Storage::Files {
  std::filesystem::path directory;
  std::uint64_t most_bytes = 0;
  std::filesystem::path file = directory / Database::file_name;
  std::optional<StateDirectory> claimed = {};
  std::unique_ptr<Database> database = {};

  /// Also after an attempt that failed half way.
  Result<Opened> begin() {
    if (!claimed) {
      B2M_ASSIGN(claimed, StateDirectory::claim(directory));
    }
    Opened opened;
    B2M_ASSIGN(opened.saved, open());
    B2M_ASSIGN(opened.contents, database->contents());
    B2M_ASSIGN(opened.kept, database->kept());
    return opened;
  }

  /// Opens the database; a damaged one is set aside first, and damaged rows are dropped: that is what the text tells.
  Result<std::optional<std::string>> open() {
    database.reset();
    auto opened = Database::open(file, most_bytes, boot_id());
    std::optional<std::string> saved;
    if (!opened && opened.error().code == Errc::checksum) {
      B2M_ASSIGN(saved, set_aside(opened.error().detail));
      opened = Database::open(file, most_bytes, boot_id());
    }
    if (!opened) return tl::unexpected(opened.error());
    database = std::move(*opened);
    if (!database->dropped().empty()) saved = words_on_dropped();
    return saved;
  }

  /// Does something with the database, once more after a damaged one was set aside.
  template <class Use>
  auto use(Use use_it, std::optional<std::string>& saved) -> decltype(use_it(*database)) {
    if (!database) {
      auto opened = open();
      if (!opened) return tl::unexpected(opened.error());
      saved = std::move(*opened);
    }
    auto result = use_it(*database);
    if (result) return result;
    database.reset();  // whatever it was, the next attempt begins with an open file
    if (result.error().code != Errc::checksum) return result;
    auto words = set_aside(result.error().detail);
    if (!words) return tl::unexpected(words.error());
    saved = std::move(*words);
    B2M_TRY(open());
    return use_it(*database);
  }

 private:
  [[nodiscard]] std::string words_on_dropped() const {
    const auto& rows = database->dropped();
    const auto named = std::span(rows).first(std::min(rows.size(), most_named));
    return fmt::format("{} has changed bytes; damaged and dropped, {} in all: {}{}", file.string(), rows.size(),
                       fmt::join(named, ", "), named.size() < rows.size() ? ", ..." : "");
  }

  Result<std::string> set_aside(const std::string& why) {
    B2M_ASSIGN(const Salvaged salvaged, set_aside_and_save(file));
    return fmt::format("{} was damaged ({}); {} readings and {} values of it are saved, the rest is beside it in {}",
                       file.string(), why, salvaged.readings, salvaged.kept, salvaged.aside.filename().string());
  }
};

Storage::Storage(EventLoop& loop, const std::filesystem::path& directory, std::uint64_t most_bytes, StorageTimes times,
                 std::unique_ptr<Worker> worker)
    : directory_(directory),
      times_(times),
      worker_(std::move(worker)),
      files_(std::make_shared<Files>(Files{directory, most_bytes})),
      mailbox_(loop, most_events, [this](Event event) { on_event(std::move(event)); }),
      tick_timer_(loop, [this] { tick(); }),
      stall_timer_(loop, [this] { on_stall(); }),
      stop_timer_(loop, [this] { finish_stop(); }),
      retry_(times.retry_min, times.retry_max) {
  try_to_open();
  const bool answered_in_time = opening_.wait_for(times.open) == std::future_status::ready;
  stall_timer_.cancel();  // nobody has looked at it meanwhile
  if (answered_in_time) take_opened();
  numbering_.late = !opened_;
  if (!answered_in_time) on_stall();
}

Storage::~Storage() = default;

OutboxStore::Contents Storage::attach(Client& client) {
  client_ = &client;
  return numbering_.late ? Contents{.last = begin_of_late - 1} : contents_;
}

// ---- opening ----

void Storage::try_to_open() {
  auto answer = std::make_shared<std::promise<Result<Opened>>>();
  opening_ = answer->get_future();
  post([files = files_, sender = mailbox_.sender(), answer] {
    answer->set_value(files->begin());
    sender.try_push(Event(Tried()));
  });
}

/// How the first attempt went was perhaps seen at the start already.
void Storage::on(Tried) {
  if (opening_.valid() && opening_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) take_opened();
}

void Storage::take_opened() {
  auto opened = opening_.get();
  opened ? adopt(std::move(*opened)) : cannot_open(opened.error());
}

void Storage::cannot_open(const Error& error) {
  if (!std::exchange(told_failure_, true))
    log::warning(
        {.error = name(error.code)},
        "store: {}: {}. What waits for the broker, counters and states are kept in memory only until it can be "
        "used",
        directory_.string(), error.detail);
  if (stopped_) return finish_stop();
  tick_timer_.arm_after(retry_.next(0));
}

void Storage::adopt(Opened opened) {
  opened_ = true;
  retry_.reset();
  tell_saved(opened.saved);
  if (std::exchange(told_failure_, false)) log::notice({}, "store: {} can be used now", directory_.string());
  contents_ = std::move(opened.contents);
  if (const auto at = opened.kept.find(overtaken_key); at != opened.kept.end()) {
    std::from_chars(at->second.data(), at->second.data() + at->second.size(), contents_.overtaken);
    opened.kept.erase(at);
  }
  if (contents_.count != 0) log::info({}, "store: {} readings of an earlier run wait", contents_.count);
  if (!numbering_.late) {
    kept_ = std::move(opened.kept);
    return;
  }
  for (const auto& [key, value] : opened.kept) {
    found_late_.insert(key);
    kept_changes_.erase(key);
  }
  numbering_.last = std::max(contents_.last, contents_.overtaken);
  if (client_ != nullptr) client_->found(contents_);
  if (dirty_ || stopped_) changed(true);
}

// ---- values ----

std::optional<std::string> Storage::find(std::string_view key) const {
  const auto at = kept_.find(key);
  return at == kept_.end() ? std::nullopt : std::optional(at->second);
}

void Storage::keep(std::string_view key, std::string value) {
  auto& kept = kept_[std::string(key)];
  if (kept == value) return;
  kept = value;
  if (found_late_.contains(key)) return;
  kept_changes_[std::string(key)] = std::move(value);
  changed(false);
}

// ---- to the disk ----

/// The tick is armed only when there is something to do, so an idle daemon does not wake.
void Storage::changed(bool soon) {
  dirty_ = true;
  if (!opened_ || committing_ || failing_ || ended_) return;  // what ends that arms it
  if (soon) return tick_timer_.arm(SteadyClock::now());
  // Not at once: what is acknowledged meanwhile need not be written. The last quarter is for the commit itself.
  if (!tick_timer_.armed()) tick_timer_.arm_after(times_.sync * 3 / 4);
}

void Storage::tick() {
  if (committing_) return;
  if (!opened_) return opening_.valid() ? void() : try_to_open();
  dirty_ = false;
  committing_ = true;
  Committed lot{.kept = std::exchange(kept_changes_, {})};
  if (client_ != nullptr) lot.changes = client_->collect();
  auto& changes = lot.changes;
  for (auto& reading : changes.put) reading.id = numbering_.to_disk(reading.id);
  changes.erase = changes.erase.renumbered([this](MessageId id) { return numbering_.to_disk(id); });
  if (changes.overtaken) lot.kept[std::string(overtaken_key)] = std::to_string(numbering_.to_disk(*changes.overtaken));
  if (changes.put.empty() && changes.erase.empty() && !changes.clock_offset && lot.kept.empty() && !failing_)
    return on(std::move(lot));  // everything was acknowledged before the tick: nothing to write
  auto shared = std::make_shared<Committed>(std::move(lot));
  post([files = files_, sender = mailbox_.sender(), shared] {
    shared->done =
        files->use([&](Database& database) { return database.commit(shared->changes, shared->kept); }, shared->saved);
    shared->changes.put.clear();  // the loop has them still
    sender.try_push(Event(std::move(*shared)));
  });
}

void Storage::load(MessageId after, MessageId through, std::size_t limit) {
  if (ended_) return;
  const auto first = numbering_.to_disk(after);
  const auto last = numbering_.to_disk(through);
  post([files = files_, sender = mailbox_.sender(), first, last, limit] {
    Loaded loaded;
    loaded.page = files->use([&](Database& database) { return database.read(first, last, limit); }, loaded.saved);
    sender.try_push(Event(std::move(loaded)));
  });
}

void Storage::post(std::function<void()> work) {
  if (!worker_->post(std::make_shared<Task>(std::move(work)), Worker::Lane::command)) return;
  ++under_way_;
  if (!stall_timer_.armed()) stall_timer_.arm_after(times_.stall);
}

void Storage::on_stall() {
  if (std::exchange(stalled_, true)) return;
  log::warning({.error = "timeout"},
               "store: {} has not answered for {} s; readings are kept in memory only until it does",
               directory_.string(), std::chrono::duration<double>(times_.stall).count());
  if (client_ != nullptr) client_->availability_changed();
}

// ---- from the disk ----

void Storage::on_event(Event event) {
  --under_way_;
  answered();
  std::visit([this](auto& what) { on(std::move(what)); }, event);
}

void Storage::answered() {
  stall_timer_.cancel();
  if (under_way_ != 0) stall_timer_.arm_after(times_.stall);
  if (!std::exchange(stalled_, false)) return;
  log::notice({}, "store: {} answers again", directory_.string());
  if (client_ != nullptr) client_->availability_changed();
}

void Storage::tell_saved(const std::optional<std::string>& saved) {
  if (saved) log::error({.error = "checksum", .message_id = log::id_dropped}, "store: {}", *saved);
}

/// What this run knows goes there again: a salvage may have lost some of it.
void Storage::tell_rewritten() {
  for (const auto& [key, value] : kept_)
    if (!found_late_.contains(key)) kept_changes_.try_emplace(key, value);
  if (client_ != nullptr) client_->rewritten();
  changed(true);
}

void Storage::on(Committed event) {
  tell_saved(event.saved);
  committing_ = false;
  const bool rewritten = event.saved.has_value();
  if (event.done) {
    commit_done(*event.done, event.changes.more);
  } else {
    commit_failed(std::move(event));
  }
  if (rewritten) tell_rewritten();
}

void Storage::commit_done(const CommitDone& done, bool more) {
  // A disk that is nearly full takes one lot and refuses the next: that is not told each time.
  if (told_failure_ && SteadyClock::now() - failed_at_ >= times_.settled) {
    log::notice({}, "store: {} can be written again", directory_.string());
    told_failure_ = false;
    retry_.reset();
  }
  if (std::exchange(failing_, false)) {
    unreadable_ = false;
    if (client_ != nullptr) client_->availability_changed();
  }
  if (client_ != nullptr) client_->committed(done.dropped, numbering_.to_client(done.dropped_through));
  if (more || dirty_) return changed(more || stopped_);
  if (stopped_) finish_stop();
}

/// Nothing is given up: it is tried again with what there is then.
void Storage::commit_failed(Committed event) {
  failing_ = true;
  failed_at_ = SteadyClock::now();
  if (!std::exchange(told_failure_, true))
    log::warning({.error = "io"}, "store: {}: {}; readings are kept in memory only until it can be written",
                 directory_.string(), event.done.error().detail);
  kept_changes_.merge(event.kept);  // a newer value stays
  if (client_ != nullptr) {
    client_->not_committed(event.changes.erase.renumbered([this](MessageId id) { return numbering_.to_client(id); }));
    client_->availability_changed();
  }
  if (stopped_) return finish_stop();
  tick_timer_.arm_after(retry_.next(0));
}

void Storage::on(Loaded event) {
  tell_saved(event.saved);
  if (event.saved) tell_rewritten();
  if (client_ == nullptr) return;
  if (event.page) {
    unreadable_ = false;
    event.page->through = numbering_.to_client(event.page->through);
    for (auto& reading : event.page->readings) reading.id = numbering_.to_client(reading.id);
    return client_->loaded(std::move(*event.page));
  }
  if (!std::exchange(unreadable_, true))
    log::warning({.error = "io"}, "store: {}: {}; what waits there will be tried again", directory_.string(),
                 event.page.error().detail);
  failing_ = true;  // the next commit finds out whether the disk is back
  client_->loaded(std::nullopt);
  client_->availability_changed();
  if (!tick_timer_.armed()) tick_timer_.arm_after(retry_.next(0));
}

// ---- the end ----

void Storage::stop(std::function<void(bool)> done) {
  stopped_ = std::move(done);
  stop_timer_.arm_after(times_.stop);
  dirty_ = true;
  if (!opened_ && !opening_.valid()) return finish_stop();
  tick_timer_.arm(SteadyClock::now());
}

void Storage::finish_stop() {
  if (std::exchange(ended_, true)) return;
  tick_timer_.cancel();
  stall_timer_.cancel();
  stop_timer_.cancel();
  const auto deadline = SteadyClock::now() + close_limit;
  const auto closed = std::make_shared<std::promise<void>>();
  auto future = closed->get_future();
  worker_->post(std::make_shared<Task>([files = std::move(files_), closed] {
                  files->database.reset();
                  files->claimed.reset();
                  closed->set_value();
                }),
                Worker::Lane::command);
  const bool clean = future.wait_until(deadline) == std::future_status::ready && worker_->join_until(deadline);
  if (const auto done = std::exchange(stopped_, nullptr)) done(clean);
}

}  // namespace b2m

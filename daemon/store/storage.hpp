// What outlives the daemon: readings that wait and values to keep, on a worker of their own.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "daemon/flow/kept_values.hpp"
#include "daemon/loop/backoff.hpp"
#include "daemon/loop/event_loop.hpp"
#include "daemon/loop/mailbox.hpp"
#include "daemon/loop/worker.hpp"
#include "daemon/mqtt/outbox_store.hpp"
#include "daemon/store/database.hpp"

namespace b2m {

/// What a storage waits for; a test makes them small.
struct StorageTimes {
  std::chrono::nanoseconds sync = std::chrono::seconds(1);  ///< between two commits
  std::chrono::milliseconds open{15'000};                   ///< a start does not wait longer for the disk
  std::chrono::milliseconds stall{5'000};                   ///< no answer for so long: the disk does not answer
  std::chrono::milliseconds retry_min{5'000};               ///< after a commit or an opening that failed
  std::chrono::milliseconds retry_max{300'000};
  std::chrono::milliseconds settled{60'000};  ///< without a failure: the disk is back
  std::chrono::milliseconds stop{1'500};      ///< for the last commit
};

/// Readings of this run begin here when what is on disk is not known yet: whatever is found there is lower.
inline constexpr MessageId begin_of_late = MessageId{1} << 40U;

/// The numbers of readings, which the client gives, as those in the file. They differ when the file was opened late.
struct Numbering {
  bool late = false;
  MessageId last = 0;  ///< in the file when it was opened

  [[nodiscard]] MessageId to_disk(MessageId id) const noexcept {
    if (!late) return id;
    return id < begin_of_late ? std::min(id, last) : id - begin_of_late + last + 1;
  }
  [[nodiscard]] MessageId to_client(MessageId id) const noexcept {
    return !late || id <= last ? id : id - last - 1 + begin_of_late;
  }
};

/// One commit per tick, never on the loop. While the directory cannot be used, the disk fails or does not answer,
/// everything stays in memory; that is said once, tried again and again, and said when it is over. Loop only.
class Storage final : public OutboxStore, public KeptValues {
 public:
  /// Claims the directory and reads what is there, and waits at most for `times.open`. A damaged database is set aside,
  /// and what is good of it saved. `most_bytes` bounds the files; 0: no bound. What cannot be opened now is opened
  /// later: readings found then are handed to the client; values found then stay on disk as they are, and those of this
  /// run that have the same key are in memory only, since they began without knowing the earlier ones. A test may hold
  /// `worker`.
  Storage(EventLoop& loop, const std::filesystem::path& directory, std::uint64_t most_bytes, StorageTimes times = {},
          std::unique_ptr<Worker> worker = std::make_unique<Worker>("storage"));
  ~Storage() override;

  // OutboxStore
  Contents attach(Client& client) override;
  void detach() override { client_ = nullptr; }
  void changed(bool soon) override;
  void load(MessageId after, MessageId through, std::size_t limit) override;
  [[nodiscard]] bool readable() const override { return opened_ && !stalled_ && !unreadable_; }
  [[nodiscard]] bool writable() const override { return opened_ && !stalled_ && !failing_; }

  // KeptValues
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const override;
  void keep(std::string_view key, std::string value) override;

  /// Commits what is left, at most for `times.stop`; then `done` is called, false when the disk hangs and its worker
  /// was left behind. Nothing is kept afterwards.
  void stop(std::function<void(bool clean)> done);

 private:
  struct Files;
  struct Opened {
    Contents contents = {};
    KeptMap kept = {};
    std::optional<std::string> saved = {};  ///< what was done about damage; for people
  };
  struct Committed {
    Result<CommitDone> done = CommitDone{};
    OutboxChanges changes = {};
    KeptMap kept = {};
    std::optional<std::string> saved = {};
  };
  struct Loaded {
    Result<OutboxPage> page = OutboxPage{};
    std::optional<std::string> saved = {};
  };
  struct Tried {};  ///< to open it; how that went is in opening_
  using Event = std::variant<Committed, Loaded, Tried>;

  void try_to_open();
  void take_opened();
  void cannot_open(const Error& error);
  void adopt(Opened opened);
  void tick();
  void post(std::function<void()> work);
  void on_event(Event event);
  void on(Committed event);
  void on(Loaded event);
  void on(Tried);
  void answered();
  void tell_saved(const std::optional<std::string>& saved);
  void tell_rewritten();
  void commit_failed(Committed event);
  void commit_done(const CommitDone& done, bool more);
  void on_stall();
  void finish_stop();

  std::filesystem::path directory_;
  StorageTimes times_;
  std::unique_ptr<Worker> worker_;
  std::shared_ptr<Files> files_;  ///< the worker's
  std::future<Result<Opened>> opening_;
  bool opened_ = false;
  Contents contents_;
  Numbering numbering_;
  KeptMap kept_;
  KeptMap kept_changes_;
  std::set<std::string, std::less<>> found_late_;  ///< keys whose values stay on disk as they are
  Client* client_ = nullptr;
  Mailbox<Event> mailbox_;
  Timer tick_timer_;
  Timer stall_timer_;
  Timer stop_timer_;
  Backoff retry_;
  std::size_t under_way_ = 0;  ///< jobs
  bool dirty_ = false;
  bool committing_ = false;
  bool failing_ = false;
  bool told_failure_ = false;
  SteadyTime failed_at_{};
  bool unreadable_ = false;
  bool stalled_ = false;
  bool ended_ = false;
  std::function<void(bool)> stopped_;
};

}  // namespace b2m

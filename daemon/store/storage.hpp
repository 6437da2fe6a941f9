// What outlives the daemon: readings that wait and values to keep, on a worker of their own.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "daemon/flow/kept_values.hpp"
#include "daemon/loop/backoff.hpp"
#include "daemon/loop/event_loop.hpp"
#include "daemon/loop/mailbox.hpp"
#include "daemon/loop/worker.hpp"
#include "daemon/mqtt/outbox_store.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/state_directory.hpp"

namespace b2m {

/// What a storage waits for; a test makes them small.
struct StorageTimes {
  std::chrono::nanoseconds sync = std::chrono::seconds(1);  ///< between two commits
  std::chrono::milliseconds open{15'000};                   ///< a start does not wait longer for the disk
  std::chrono::milliseconds stall{5'000};                   ///< no answer for so long: the disk does not answer
  std::chrono::milliseconds retry_min{5'000};               ///< after a commit that failed
  std::chrono::milliseconds retry_max{300'000};
  std::chrono::milliseconds settled{60'000};  ///< without a failure: the disk is back
  std::chrono::milliseconds stop{1'500};      ///< for the last commit
};

/// One commit per tick, never on the loop. While the disk fails or does not answer, everything stays in memory; that is
/// said once, and tried again and again. Loop only.
class Storage final : public OutboxStore, public KeptValues {
 public:
  /// Claims the directory and reads what is there, at most for `times.open`. A damaged database is set aside, and what
  /// is good of it saved. `most_bytes` bounds the files; 0: no bound. The error says why there is no storage.
  [[nodiscard]] static Result<std::unique_ptr<Storage>> open(EventLoop& loop, const std::filesystem::path& directory,
                                                             std::uint64_t most_bytes, StorageTimes times = {});
  ~Storage() override;

  // OutboxStore
  Contents attach(Client& client) override;
  void detach() override { client_ = nullptr; }
  void changed(bool soon) override;
  void load(MessageId after, MessageId through, std::size_t limit) override;
  [[nodiscard]] bool readable() const override { return !stalled_ && !unreadable_; }
  [[nodiscard]] bool writable() const override { return !stalled_ && !failing_; }

  // KeptValues
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const override;
  void keep(std::string_view key, std::string value) override;

  /// Commits what is left, at most for `times.stop`; then `done` is called, false when the disk hangs and its worker
  /// was left behind. Nothing is kept afterwards.
  void stop(std::function<void(bool clean)> done);

 private:
  struct Files;
  struct Opened;
  struct Committed {
    Result<CommitDone> done = CommitDone{};
    OutboxChanges changes = {};
    KeptMap kept = {};
    std::optional<std::string> saved = {};  ///< a damaged database was set aside; for people
  };
  struct Loaded {
    Result<OutboxPage> page = OutboxPage{};
    std::optional<std::string> saved = {};
  };
  using Event = std::variant<Committed, Loaded>;

  Storage(EventLoop& loop, StateDirectory directory, std::unique_ptr<Worker> worker, Opened opened, StorageTimes times);
  void tick();
  void post(std::function<void()> work);
  void on_event(Event event);
  void on(Committed event);
  void on(Loaded event);
  void answered();
  void tell_saved(const std::optional<std::string>& saved);
  void tell_rewritten();
  void commit_failed(Committed event);
  void commit_done(const CommitDone& done, bool more);
  void on_stall();
  void finish_stop();

  StateDirectory directory_;
  StorageTimes times_;
  std::unique_ptr<Worker> worker_;
  std::shared_ptr<Files> files_;  ///< the worker's
  Contents contents_;
  KeptMap kept_;
  KeptMap kept_changes_;
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

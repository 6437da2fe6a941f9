// A disk that a test turns by hand.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "daemon/mqtt/outbox_store.hpp"

namespace b2m {

/// Keeps rows in memory; does nothing until work() or work_once() is called, as a disk that is slow.
class FakeOutboxStore final : public OutboxStore {
 public:
  std::map<MessageId, KeptReading> rows;
  std::map<BootNumber, std::chrono::nanoseconds> offsets;
  MessageId overtaken = 0;
  std::size_t most_rows = 0;  ///< the oldest are dropped beyond; 0: no bound
  bool usable = true;
  bool always_usable = true;  ///< for the test to remember

  Contents attach(Client& client) override {
    client_ = &client;
    return contents();
  }
  void detach() override {
    client_ = nullptr;
    changed_ = false;
    load_.reset();
  }
  void changed(bool) override { changed_ = true; }
  void load(MessageId after, MessageId through, std::size_t limit) override { load_ = Load{after, through, limit}; }
  [[nodiscard]] bool readable() const override { return usable; }
  [[nodiscard]] bool writable() const override { return usable; }

  /// One commit or one page, the way a worker would do it, if there is anything to do.
  bool work_once() {
    if (client_ == nullptr) return false;
    if (load_) {
      const auto load = *std::exchange(load_, std::nullopt);
      client_->loaded(usable ? std::optional(read(load)) : std::nullopt);
      return true;
    }
    if (!std::exchange(changed_, false)) return false;
    auto changes = client_->collect();
    if (changes.more) changed_ = true;
    if (usable) {
      commit(changes);
    } else {
      client_->not_committed(std::move(changes.erase));
      changed_ = true;
    }
    return usable;
  }
  void work() {
    while (work_once()) {
    }
  }

  [[nodiscard]] Contents contents() const {
    if (rows.empty()) return {.clock_offsets = offsets, .overtaken = overtaken};
    return {rows.size(), rows.begin()->first, rows.rbegin()->first, offsets, overtaken};
  }

 private:
  struct Load {
    MessageId after;
    MessageId through;
    std::size_t limit;
  };

  void commit(OutboxChanges& changes) {
    for (auto& row : changes.put) rows[row.id] = std::move(row);
    for (const auto& range : changes.erase.ranges())
      rows.erase(rows.lower_bound(range.first), rows.upper_bound(range.last));
    if (changes.clock_offset) offsets[0] = *changes.clock_offset;
    overtaken = changes.overtaken.value_or(overtaken);
    std::uint64_t dropped = 0;
    MessageId through = 0;
    for (; most_rows != 0 && rows.size() > most_rows; ++dropped) {
      through = rows.begin()->first;
      rows.erase(rows.begin());
    }
    client_->committed(dropped, through);
  }

  OutboxPage read(const Load& load) {
    OutboxPage page{.through = load.through};
    for (auto row = rows.upper_bound(load.after); row != rows.end() && row->first <= load.through; ++row) {
      if (page.readings.size() == load.limit) {
        page.through = page.readings.back().id;
        break;
      }
      page.readings.push_back(row->second);
    }
    return page;
  }

  Client* client_ = nullptr;
  bool changed_ = false;
  std::optional<Load> load_;
};

}  // namespace b2m

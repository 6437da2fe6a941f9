// Where the outbox keeps readings beyond the memory and across a crash: the disk, as a port.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/mqtt/id_ranges.hpp"
#include "daemon/mqtt/message.hpp"

namespace b2m {

/// A reading as it is kept.
struct KeptReading {
  MessageId id = 0;
  Message message = {};
  Taken taken = {};
};

/// What the disk has to learn: in this order, in one commit.
struct OutboxChanges {
  std::vector<KeptReading> put = {};  ///< in the order of their numbers
  IdRanges erase = {};
  MessageId through = 0;  ///< everything up to this number is on disk afterwards, or is not needed there
  std::optional<std::chrono::nanoseconds> clock_offset = {};  ///< wall clock minus monotonic clock in this boot
  std::optional<MessageId> overtaken = {};                    ///< newer readings have left before those up to this
  bool more = false;                                          ///< not everything had room
};

/// What was read.
struct OutboxPage {
  std::vector<KeptReading> readings = {};  ///< in the order of their numbers
  std::uint64_t damaged = 0;               ///< readings that were there, and are lost
  MessageId through = 0;                   ///< nothing is left up to this number
};

/// Loop only. No call waits for the disk; answers come later, from the loop.
class OutboxStore {
 public:
  /// What an earlier run has left.
  struct Contents {
    std::uint64_t count = 0;  ///< readings
    MessageId first = 0;      ///< their lowest and highest number
    MessageId last = 0;
    std::map<BootNumber, std::chrono::nanoseconds> clock_offsets = {};  ///< of boots whose clock was synchronised later
    MessageId overtaken = 0;                                            ///< as it was told; 0: never
  };

  /// The one whose readings are kept.
  class Client {
   public:
    virtual ~Client() = default;
    /// What has changed since the last call. At most one lot is under way at a time.
    [[nodiscard]] virtual OutboxChanges collect() = 0;
    /// The lot has reached the disk. To keep within its bound, the disk has dropped its `dropped` oldest readings, up
    /// to `dropped_through`.
    virtual void committed(std::uint64_t dropped, MessageId dropped_through) = 0;
    /// The lot has not; it will be collected again once the disk can be written. `erase` is handed back.
    virtual void not_committed(IdRanges erase) = 0;
    /// The answer to load(); none when the disk cannot be read.
    virtual void loaded(std::optional<OutboxPage> page) = 0;
    /// A store that could not be opened at attach() is open now, and this is what an earlier run has left. All its
    /// numbers are lower than those given since.
    virtual void found(const Contents& contents) = 0;
    /// The disk can be used again, or can no more.
    virtual void availability_changed() = 0;
    /// What was kept was damaged, and has been saved as far as it could be read.
    virtual void rewritten() = 0;
  };

  virtual ~OutboxStore() = default;
  /// From now on `client`, which outlives the store's use, is asked and told. A store that cannot be opened yet has no
  /// readings, and a `last` that leaves room below it for those that may be found().
  virtual Contents attach(Client& client) = 0;
  virtual void detach() = 0;
  /// Something is to be collected: within the time between two commits, or as soon as can be.
  virtual void changed(bool soon) = 0;
  /// Reads at most `limit` readings numbered after `after` and up to `through`; at most one call is under way.
  virtual void load(MessageId after, MessageId through, std::size_t limit) = 0;
  /// False while the disk cannot be read or does not answer.
  [[nodiscard]] virtual bool readable() const = 0;
  /// False while it takes nothing: it is full, read-only, or not readable either.
  [[nodiscard]] virtual bool writable() const = 0;
};

}  // namespace b2m

// The lines of an edge sensor: requested, watched or polled, debounced, their changes in the order in which they came.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/flow/bus.hpp"
#include "daemon/flow/debounce.hpp"
#include "drivers/api/board.hpp"
#include "drivers/api/edge_sensor.hpp"

namespace b2m {

/// How an input's line is to be requested. The rows `active_low` and `pull` are those of its driver. Pure.
[[nodiscard]] InputSettings input_settings(const Options& options);

/// Loop only. Edges come with the kernel's time of them. Where the chip has no interrupts, or `poll` is configured, a
/// worker reads the levels, and a change has the time at which it was seen.
class EdgeLines {
 public:
  /// How often lines without interrupts are read unless `poll` says otherwise: a press of 50 ms is seen.
  static constexpr std::chrono::milliseconds default_poll{20};

  struct Listener {
    /// The changes since the last call, perhaps none. Nothing else happened on the lines before `until`.
    std::function<void(std::span<const LineChange>, SteadyTime until)> changed;
    /// They cannot be used any longer; close() has been called.
    std::function<void(const Error&)> lost;
  };
  /// The bus whose worker reads lines without interrupts; asked for only when it is needed, and outlives these lines.
  using PollBus = std::function<Bus&()>;

  /// `config` outlives it.
  EdgeLines(EventLoop& loop, const SensorConfig& config, std::shared_ptr<Board> board, std::vector<LineUse> uses,
            PollBus poll_bus, Listener listener);
  ~EdgeLines();
  EdgeLines(const EdgeLines&) = delete;
  EdgeLines& operator=(const EdgeLines&) = delete;

  /// Requests the lines; gives the levels found, in the order of the uses. Changes are told from then on.
  Result<std::vector<bool>> open();
  void close();
  /// Takes the edges that wait and calls `changed`, also when there are none. Lines that are polled tell when they are
  /// read next.
  void catch_up();

  [[nodiscard]] bool polled() const noexcept { return poll_interval_.has_value(); }
  /// Edges that the kernel had to drop since the start of the daemon.
  [[nodiscard]] std::uint64_t lost_edges() const noexcept { return lost_edges_; }

 private:
  class LevelJob;
  using InputLines = std::vector<std::unique_ptr<InputLine>>;

  Result<> request(bool edges);
  Result<std::vector<bool>> levels();
  Result<bool> take_edges(std::size_t line);
  void edge(std::size_t line, const LineEvent& event);
  void settle(std::size_t line, SteadyTime now);
  void tell(SteadyTime until);
  void poll();
  void on_levels(const Result<std::vector<bool>>& levels, SteadyTime time);
  void lose(const Error& error);

  EventLoop& loop_;
  const SensorConfig& config_;
  std::shared_ptr<Board> board_;
  std::vector<LineUse> uses_;
  PollBus poll_bus_;
  Listener listener_;
  Timer settle_timer_;
  Timer poll_timer_;

  std::shared_ptr<InputLines> lines_;  ///< shared with a poll under way
  std::vector<std::unique_ptr<ReadWatch>> watches_;
  std::vector<Debounce> debounces_;
  std::vector<LineChange> changes_;
  std::optional<std::chrono::nanoseconds> poll_interval_;
  std::vector<bool> polled_levels_;
  std::shared_ptr<LevelJob> poll_job_;
  std::optional<BusMember> poll_member_;  ///< while the lines are polled; a read under way ends with it
  std::uint64_t lost_edges_ = 0;
};

}  // namespace b2m

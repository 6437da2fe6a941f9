#include "daemon/sim/simulated_timed_lines.hpp"

#include <mutex>
#include <string>
#include <tuple>

namespace b2m {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr unsigned word_bits = 24;

using LineKey = std::tuple<std::string, unsigned, std::string>;
LineKey key_of(const LineId& line) { return {line.chip, line.offset, line.name}; }

}  // namespace

/// Shared with the lines that were handed out. Any thread.
class SimulatedTimedLines::State {
 public:
  void attach(const LineId& line, LineModel model) {
    const std::lock_guard lock(mutex_);
    models_[key_of(line)] = std::move(model);
  }
  /// What the part on a line gives by one of its functions; none without a part or without the function.
  template <class T>
  std::optional<T> ask(const LineId& line, std::function<T()> LineModel::*function) {
    const std::lock_guard lock(mutex_);
    const auto model = models_.find(key_of(line));
    if (model == models_.end() || !(model->second.*function)) return std::nullopt;
    return (model->second.*function)();
  }

 private:
  std::mutex mutex_;
  std::map<LineKey, LineModel> models_;
};

namespace {

/// Worker only.
class SimulatedClockedLines final : public ClockedLines {
 public:
  SimulatedClockedLines(std::shared_ptr<SimulatedTimedLines::State> state, LineId data)
      : state_(std::move(state)), data_(std::move(data)) {}

  /// Low as soon as a word is there; a line without a part is pulled up.
  Result<bool> data() override { return !state_->ask(data_, &LineModel::word).has_value(); }

  Result<std::uint32_t> clock_in(unsigned bits, unsigned /*trailing*/, nanoseconds /*longest*/) override {
    const auto word = state_->ask(data_, &LineModel::word).value_or((1U << word_bits) - 1);
    return bits < word_bits ? word >> (word_bits - bits) : word;
  }

 private:
  std::shared_ptr<SimulatedTimedLines::State> state_;
  LineId data_;
};

}  // namespace

std::vector<LineEvent> dht_edges(std::span<const std::uint8_t> frame) {
  std::vector<LineEvent> edges;
  std::chrono::steady_clock::time_point now{1s};
  const auto edge = [&](nanoseconds after, bool high) { edges.push_back({.active = high, .time = now += after}); };
  edge(30us, false);
  edge(80us, true);
  edge(80us, false);
  for (const auto byte : frame) {
    for (int bit = 7; bit >= 0; --bit) {
      edge(50us, true);
      edge((byte >> bit & 1) != 0 ? 70us : 27us, false);
    }
  }
  edge(50us, true);
  return edges;
}

SimulatedTimedLines::SimulatedTimedLines() : state_(std::make_shared<State>()) {}
SimulatedTimedLines::~SimulatedTimedLines() = default;

Result<std::vector<LineEvent>> SimulatedTimedLines::wake_and_record(const LineId& line, Nanoseconds /*low*/,
                                                                    std::size_t most, Nanoseconds /*quiet*/) {
  const auto frame = state_->ask(line, &LineModel::frame);
  if (!frame || frame->empty()) return std::vector<LineEvent>{};
  auto edges = dht_edges(*frame);
  if (edges.size() > most) edges.resize(most);
  return edges;
}

Result<TimedLines::Nanoseconds> SimulatedTimedLines::echo(const LineId& /*trigger*/, const LineId& echo,
                                                          Nanoseconds /*pulse*/, Nanoseconds timeout) {
  const auto width = state_->ask(echo, &LineModel::echo);
  if (!width || !*width) return fail(Errc::timeout, "no echo begins");
  if (**width > timeout) return fail(Errc::timeout, "the echo does not end");
  return **width;
}

Result<std::unique_ptr<ClockedLines>> SimulatedTimedLines::clocked(const LineId& /*clock*/, const LineId& data) {
  return std::make_unique<SimulatedClockedLines>(state_, data);
}

void SimulatedTimedLines::attach(const LineId& line, LineModel model) { state_->attach(line, std::move(model)); }

}  // namespace b2m

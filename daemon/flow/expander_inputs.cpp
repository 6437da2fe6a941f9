#include "daemon/flow/expander_inputs.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <utility>

#include "daemon/log/log.hpp"
#include "daemon/loop/wakeup.hpp"
#include "drivers/api/i2c_name.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t waiting_events = 16;  // as many as the kernel keeps for a line
// How often a chip is read whose interrupt line cannot be had, or stays active after the chip was read.
constexpr std::chrono::nanoseconds poll_instead_of_interrupt = 50ms;

}  // namespace

ExpanderInterrupt::ExpanderInterrupt(EventLoop& loop, GpioPort& gpio, LineId line)
    : loop_(loop), gpio_(gpio), id_(std::move(line)) {}

/// The output is open drain: where the chip of the board has pull-ups, none is needed on the module.
bool ExpanderInterrupt::open() {
  if (line_) return true;
  auto line = gpio_.request_input(id_, {.active_low = true, .bias = Bias::pull_up});
  if (!line && line.error().code == Errc::unsupported) line = gpio_.request_input(id_, {.active_low = true});
  if (!line) {
    lose(line.error());
    return false;
  }
  last_error_.reset();
  line_ = std::move(*line);
  watch_.emplace(loop_, line_->fd(), [this] { on_readable(); });
  return true;
}

void ExpanderInterrupt::close() {
  watch_.reset();
  line_.reset();
}

bool ExpanderInterrupt::active() { return line_ && line_->active().value_or(false); }

void ExpanderInterrupt::on_readable() {
  bool told = false;
  for (;;) {
    const auto event = line_->next_event();
    if (!event) return lose(event.error());
    if (!*event) break;
    told = told || (*event)->active;
  }
  if (!told) return;
  for (const auto& [owner, listener] : listeners_) listener();
}

void ExpanderInterrupt::lose(const Error& error) {
  close();
  if (last_error_ != error)
    log::warning({.error = name(error.code)}, "the interrupt line of an expander cannot be used, it is polled: {}",
                 to_string(error));
  last_error_ = error;
}

/// What a line handed out shares with its watch. The level may be looked at by any thread.
struct ExpanderWatch::InputState {
  InputState(unsigned number, bool low, bool is_high) : line(number), active_low(low), high(is_high) {}

  const unsigned line;
  const bool active_low;
  std::atomic<bool> high;
  Wakeup wakeup;
  std::deque<LineEvent> events;
  std::uint32_t lost = 0;
  std::optional<Error> error;

  void level(bool now_high, SteadyTime time) {
    if (high.exchange(now_high) == now_high) return;
    if (events.size() == waiting_events) {
      ++lost;
      return;
    }
    events.push_back({now_high != active_low, time, std::exchange(lost, 0)});
    wakeup.signal();
  }
  void fail(const Error& why) {
    error = why;
    wakeup.signal();
  }
};

class ExpanderWatch::Input final : public InputLine {
 public:
  explicit Input(std::shared_ptr<InputState> state) : state_(std::move(state)) {}
  [[nodiscard]] int fd() const override { return state_->wakeup.fd(); }
  Result<std::optional<LineEvent>> next_event() override {
    if (!state_->events.empty()) {
      const auto event = state_->events.front();
      state_->events.pop_front();
      return event;
    }
    state_->wakeup.clear();
    if (state_->error) return tl::unexpected(*state_->error);
    return std::nullopt;
  }
  Result<bool> active() override { return state_->high != state_->active_low; }

 private:
  std::shared_ptr<InputState> state_;
};

/// One read of the chip, used again for each. Keeps alive what it uses while it hangs.
class ExpanderWatch::ReadJob final : public BusJob {
 public:
  using Finished = std::function<void(const Result<ExpanderChip::Reading>&, SteadyTime)>;
  ReadJob(std::shared_ptr<ExpanderBoard> board, std::shared_ptr<ExpanderChip> chip, Finished finished)
      : board_(std::move(board)), chip_(std::move(chip)), finished_(std::move(finished)) {}

 private:
  std::optional<std::chrono::microseconds> work() override {
    reading_ = chip_->read();
    time_ = SteadyClock::now();
    return std::nullopt;
  }
  void finish() override { finished_(reading_, time_); }

  std::shared_ptr<ExpanderBoard> board_;
  std::shared_ptr<ExpanderChip> chip_;
  Finished finished_;
  Result<ExpanderChip::Reading> reading_ = b2m::fail(Errc::cancelled);
  SteadyTime time_{};
};

ExpanderWatch::ExpanderWatch(EventLoop& loop, ExpanderConfig config, Bus& bus, std::shared_ptr<ExpanderBoard> board,
                             ExpanderInterrupt* interrupt)
    : config_(std::move(config)),
      interrupt_(interrupt),
      bus_(bus,
           [this](bool stuck) {
             if (stuck && !stopped_) fail({Errc::bus_stuck, bus_.name()});
           }),
      timer_(loop, [this] { read(); }),
      backoff_(1s, 60s) {
  auto chip = board->chip(config_.chip);
  job_ = std::make_shared<ReadJob>(std::move(board), std::move(chip),
                                   [this](const auto& reading, SteadyTime time) { on_read(reading, time); });
  if (interrupt_ != nullptr) interrupt_->on_interrupt(this, [this] { read(); });
}

ExpanderWatch::~ExpanderWatch() {
  if (interrupt_ != nullptr) interrupt_->forget(this);
}

void ExpanderWatch::stop() {
  stopped_ = true;
  timer_.cancel();
  waiting_.clear();
}

void ExpanderWatch::when_known(std::function<void()> known) {
  if (known_) return known();
  waiting_.push_back(std::move(known));
}

/// An interrupt during a read may tell of a change after it: then the chip is read once more.
void ExpanderWatch::read() {
  if (stopped_) return;
  if (under_way_) {
    again_ = true;
    return;
  }
  if (!bus_.post(job_, Worker::Lane::poll)) return fail({Errc::bus_stuck, bus_.name()});
  under_way_ = true;
  timer_.cancel();
}

void ExpanderWatch::on_read(const Result<ExpanderChip::Reading>& reading, SteadyTime time) {
  under_way_ = false;
  if (stopped_) return;
  if (!reading) return fail(reading.error());
  if (reading->restored)
    log::warning({.bus = bus_.name()}, "{} had lost its set-up and was set up again", config_.chip);
  backoff_.reset();
  tell_levels(reading->levels, time);
  if (std::exchange(again_, false)) return read();
  arm();
}

void ExpanderWatch::arm() {
  const bool can_wait = interrupt_ != nullptr && interrupt_->open() && !interrupt_->active();
  const bool instead = interrupt_ != nullptr && !can_wait;
  timer_.arm_after(instead ? std::min(config_.poll, poll_instead_of_interrupt) : config_.poll);
}

void ExpanderWatch::tell_levels(std::uint16_t levels, SteadyTime time) {
  levels_ = levels;
  std::erase_if(inputs_, [](const auto& input) { return input.expired(); });
  for (const auto& weak : inputs_)
    if (const auto input = weak.lock()) input->level((levels >> input->line & 1) != 0, time);
  known_ = true;
  for (const auto& known : std::exchange(waiting_, {})) known();
}

void ExpanderWatch::fail(const Error& error) {
  levels_.reset();
  again_ = false;
  last_error_ = {error.code, config_.chip + ": " + error.detail};
  for (const auto& weak : std::exchange(inputs_, {}))
    if (const auto input = weak.lock()) input->fail(last_error_);
  timer_.arm_after(backoff_.next(0));
  known_ = true;
  for (const auto& known : std::exchange(waiting_, {})) known();
}

Result<std::unique_ptr<InputLine>> ExpanderWatch::open(unsigned line, const InputSettings& settings) {
  if (!levels_) return tl::unexpected(last_error_);
  auto state = std::make_shared<InputState>(line, settings.active_low, (*levels_ >> line & 1) != 0);
  inputs_.push_back(state);
  return std::make_unique<Input>(std::move(state));
}

ExpanderInputs::ExpanderInputs(EventLoop& loop, std::span<const ExpanderConfig> expanders,
                               std::shared_ptr<ExpanderBoard> board, FindBus bus)
    : loop_(loop), board_(std::move(board)), bus_(std::move(bus)) {
  change(expanders);
  board_->set_input_source(this);
}

ExpanderInputs::~ExpanderInputs() { board_->set_input_source(nullptr); }

void ExpanderInputs::change(std::span<const ExpanderConfig> expanders) {
  const auto still_wanted = [&](const ExpanderWatch& watch) {
    return std::any_of(expanders.begin(), expanders.end(), [&](const ExpanderConfig& config) {
      return config.chip == watch.config().chip && config.inputs != 0 &&
             config.interrupt_line == watch.config().interrupt_line;
    });
  };
  std::erase_if(watches_, [&](const auto& entry) {
    if (still_wanted(*entry.second)) return false;
    std::erase(fresh_, entry.second.get());
    return true;
  });
  std::erase_if(interrupts_, [](const auto& entry) { return entry.second->unused(); });
  for (const auto& config : expanders)
    if (config.inputs != 0) follow(config);
}

void ExpanderInputs::follow(const ExpanderConfig& config) {
  auto& watch = watches_[config.chip];
  if (watch) return watch->set_poll(config.poll);
  watch = std::make_unique<ExpanderWatch>(loop_, config, bus_(adapter_of(config.bus)), board_, interrupt_of(config));
  fresh_.push_back(watch.get());
}

ExpanderInterrupt* ExpanderInputs::interrupt_of(const ExpanderConfig& config) {
  if (!config.interrupt_line) return nullptr;
  for (const auto& [line, interrupt] : interrupts_)
    if (line == *config.interrupt_line) return interrupt.get();
  interrupts_.emplace_back(*config.interrupt_line,
                           std::make_unique<ExpanderInterrupt>(loop_, board_->own_gpio(), *config.interrupt_line));
  return interrupts_.back().second.get();
}

void ExpanderInputs::start() {
  for (auto* watch : std::exchange(fresh_, {})) watch->start();
}

void ExpanderInputs::stop() {
  for (const auto& [chip, watch] : watches_) watch->stop();
  for (const auto& [line, interrupt] : interrupts_) interrupt->close();
}

void ExpanderInputs::when_known(const Lines& lines, std::function<void()> ready) {
  for (const auto& [option, line] : lines)
    if (const auto at = watches_.find(line.chip); at != watches_.end()) return at->second->when_known(std::move(ready));
  ready();
}

Result<std::unique_ptr<InputLine>> ExpanderInputs::open_input(const LineId& line, const InputSettings& settings) {
  const auto at = watches_.find(line.chip);
  if (at == watches_.end()) return fail(Errc::gone, line.chip + " has no configured input");
  return at->second->open(line.offset, settings);
}

}  // namespace b2m

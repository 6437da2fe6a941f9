#include "daemon/sim/simulated_gpio.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "drivers/api/timespec.hpp"

namespace b2m {
namespace {

/// As many events as the kernel keeps for a line (linux/gpio.h: 16 for each line requested).
constexpr std::size_t waiting_events = 16;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> kernel_error(const char* what) {
  return fail(Errc::io, fmt::format("{}: {}", what, std::strerror(errno)));
}

/// The count of an eventfd or timerfd, which it resets; 0 when it has none. Never blocks.
std::uint64_t take_count(const Descriptor& descriptor) {
  std::uint64_t count = 0;
  return ::read(descriptor.get(), &count, sizeof count) == sizeof count ? count : 0;
}

using LineKey = std::tuple<std::string, unsigned, std::string>;
LineKey key_of(const LineId& line) { return {line.chip, line.by_name() ? 0 : line.offset, line.name}; }

std::string words(const LineId& line) {
  return line.by_name() ? fmt::format("the line named \"{}\"", line.name)
                        : fmt::format("line {} of {}", line.offset, line.chip);
}

/// A chip has a number of lines; every name is one of a line, as the board is made for the configuration.
Result<> check_exists(const LineId& line) {
  if (line.by_name()) return {};
  if (line.chip.empty()) return fail(Errc::gone, "no GPIO chip has an empty name");
  if (line.offset < SimulatedGpio::lines) return {};
  return fail(Errc::out_of_range, fmt::format("{} has lines 0 to {}", line.chip, SimulatedGpio::lines - 1));
}

}  // namespace

/// The lines of all chips; shared by the port and the lines it handed out. Any thread.
class SimulatedGpio::State {
 public:
  struct Waiting {
    bool high;
    std::chrono::steady_clock::time_point time;
    std::uint32_t lost_before;
  };
  struct Line {
    std::optional<bool> high;
    bool held = false;
    Descriptor wake;  ///< eventfd of the input that watches the line
    InputSettings settings = {};
    std::optional<LineMotion> motion;
    std::deque<Waiting> events;
    std::uint32_t lost = 0;
  };

  State(SimulationClock clock, Inputs inputs) : clock_(std::move(clock)), inputs_(inputs) {}

  [[nodiscard]] bool self_moving() const noexcept { return inputs_ == Inputs::self_moving; }

  /// `high`: the level that the request brings with it; `wake`: where events of the line are told.
  Result<> hold(const LineId& id, std::optional<bool> high, Descriptor wake, const InputSettings& settings = {}) {
    B2M_TRY(check_exists(id));
    const std::lock_guard lock(mutex_);
    auto& line = lines_[key_of(id)];
    if (line.held) return fail(Errc::busy, words(id) + " is held by board2mqtt");
    line.held = true;
    line.wake = std::move(wake);
    line.settings = settings;
    if (high) line.high = high;
    return {};
  }

  void release(const LineId& id) {
    const std::lock_guard lock(mutex_);
    auto& line = lines_[key_of(id)];
    line.held = false;
    line.wake = Descriptor();
    line.events.clear();
    line.lost = 0;
  }

  void set(const LineId& id, bool high) {
    const std::lock_guard lock(mutex_);
    auto& line = lines_[key_of(id)];
    if (std::exchange(line.high, high) == high || line.wake.get() < 0) return;
    push(line, high);
  }

  void move(const LineId& id, LineMotion motion) {
    const std::lock_guard lock(mutex_);
    lines_[key_of(id)].motion = std::move(motion);
  }
  [[nodiscard]] LineMotion motion(const LineId& id) const {
    const std::lock_guard lock(mutex_);
    const auto at = lines_.find(key_of(id));
    if (at != lines_.end() && at->second.motion) return *at->second.motion;
    return contact_motion(id.by_name() ? seed_of(id.name) : seed_of(id.chip) + id.offset);
  }

  [[nodiscard]] std::optional<bool> level(const LineId& id) const {
    const std::lock_guard lock(mutex_);
    const auto at = lines_.find(key_of(id));
    return at == lines_.end() ? std::nullopt : at->second.high;
  }

  std::optional<Waiting> next_event(const LineId& id) {
    const std::lock_guard lock(mutex_);
    auto& line = lines_[key_of(id)];
    if (line.events.empty()) return std::nullopt;
    const auto event = line.events.front();
    line.events.pop_front();
    if (line.events.empty()) take_count(line.wake);
    return event;
  }

 private:
  /// A full queue drops the new event, as the kernel does, and the next one that fits tells how many.
  void push(Line& line, bool high) {
    const auto kind = high != line.settings.active_low ? Edges::to_active : Edges::to_inactive;
    if (line.settings.told != Edges::both && line.settings.told != kind) return;
    if (line.events.size() == waiting_events) {
      ++line.lost;
      return;
    }
    line.events.push_back({high, clock_(), std::exchange(line.lost, 0)});
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written =
        ::write(line.wake.get(), &one, sizeof one);  // fails only when already readable
  }

  SimulationClock clock_;
  Inputs inputs_;
  mutable std::mutex mutex_;
  std::map<LineKey, Line> lines_;
};

namespace {

using State = SimulatedGpio::State;

/// Its descriptor is an epoll instance over the eventfd of driven changes and the timer of its own ones. Loop only.
class Input final : public InputLine {
 public:
  Input(std::shared_ptr<State> state, LineId id, const InputSettings& settings)
      : state_(std::move(state)), id_(std::move(id)), settings_(settings), active_low_(settings.active_low) {}
  ~Input() override {
    if (held_) state_->release(id_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  Result<> open() {
    bool initially_high = settings_.bias == Bias::pull_up;
    Descriptor wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    poll_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
    if (wake.get() < 0 || poll_.get() < 0) return kernel_error("simulated line");
    B2M_TRY(watch(wake));
    if (state_->self_moving()) {
      motion_ = state_->motion(id_);
      initially_high = motion_.active_at(std::chrono::steady_clock::now()) != active_low_;
    } else {
      initially_high = state_->level(id_).value_or(initially_high);
    }
    B2M_TRY(state_->hold(id_, initially_high, std::move(wake), settings_));
    held_ = true;
    if (state_->self_moving()) B2M_TRY(start_moving());
    return {};
  }

  [[nodiscard]] int fd() const override { return poll_.get(); }

  Result<std::optional<LineEvent>> next_event() override {
    B2M_TRY(catch_up());
    const auto event = state_->next_event(id_);
    if (!event) return std::nullopt;
    return LineEvent{event->high != active_low_, event->time, event->lost_before};
  }

  Result<bool> active() override {
    B2M_TRY(catch_up());
    return state_->level(id_).value_or(false) != active_low_;
  }

 private:
  Result<> catch_up() {
    if (timer_.get() < 0 || take_count(timer_) == 0) return {};
    return move();
  }

  Result<> watch(const Descriptor& descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, descriptor.get(), &event) != 0) return kernel_error("simulated line");
    return {};
  }

  Result<> start_moving() {
    timer_ = Descriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    if (timer_.get() < 0) return kernel_error("simulated line");
    B2M_TRY(watch(timer_));
    return move();
  }

  /// To where it should be by now, and a timer for the next change.
  Result<> move() {
    const auto now = std::chrono::steady_clock::now();
    state_->set(id_, motion_.active_at(now) != active_low_);
    const itimerspec once{{0, 0}, to_timespec(motion_.next_change(now).time_since_epoch())};
    if (::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &once, nullptr) != 0) return kernel_error("simulated line");
    return {};
  }

  std::shared_ptr<State> state_;
  LineId id_;
  InputSettings settings_;
  bool active_low_;
  bool held_ = false;
  Descriptor poll_;
  Descriptor timer_;
  LineMotion motion_;
};

/// Worker only.
class Output final : public OutputLine {
 public:
  Output(std::shared_ptr<State> state, LineId id, bool active_low)
      : state_(std::move(state)), id_(std::move(id)), active_low_(active_low) {}
  ~Output() override { state_->release(id_); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Result<> set(bool active) override {
    state_->set(id_, active != active_low_);
    return {};
  }
  Result<bool> active() override { return state_->level(id_).value_or(false) != active_low_; }

 private:
  std::shared_ptr<State> state_;
  LineId id_;
  bool active_low_;
};

}  // namespace

SimulatedGpio::SimulatedGpio(SimulationClock clock, Inputs inputs)
    : state_(std::make_shared<State>(std::move(clock), inputs)) {}
SimulatedGpio::~SimulatedGpio() = default;

Result<std::unique_ptr<InputLine>> SimulatedGpio::request_input(const LineId& line, const InputSettings& settings) {
  auto input = std::make_unique<Input>(state_, line, settings);
  B2M_TRY(input->open());
  return input;
}

Result<std::unique_ptr<OutputLine>> SimulatedGpio::request_output(const LineId& line, const OutputSettings& settings) {
  const bool found = state_->level(line).value_or(settings.active_low);
  B2M_TRY(state_->hold(line, settings.initial ? *settings.initial != settings.active_low : found, Descriptor()));
  return std::make_unique<Output>(state_, line, settings.active_low);
}

void SimulatedGpio::move(const LineId& line, LineMotion motion) { state_->move(line, std::move(motion)); }
void SimulatedGpio::drive(const LineId& line, bool high) { state_->set(line, high); }
std::optional<bool> SimulatedGpio::level(const LineId& line) const { return state_->level(line); }

}  // namespace b2m

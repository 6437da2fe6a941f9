#include "daemon/flow/edge_lines.hpp"

#include <algorithm>
#include <utility>

#include "daemon/log/log.hpp"

namespace b2m {
namespace {

/// Edges of a line that are taken at a time, so that one that never rests leaves the loop to others.
constexpr std::size_t most_edges = 4096;

SteadyClock::duration steady(std::chrono::nanoseconds duration) {
  return std::chrono::duration_cast<SteadyClock::duration>(duration);
}

/// An expander's chip is read at that pace by whoever follows it, and its lines have edges.
std::optional<std::chrono::nanoseconds> configured_poll(const SensorConfig& config) {
  const auto on_expander = [](const auto& entry) { return entry.second.on_expander(); };
  if (!config.options.has("poll") || std::any_of(config.lines.begin(), config.lines.end(), on_expander)) return {};
  return config.options.duration("poll");
}

Result<std::vector<bool>> read_levels(const std::vector<std::unique_ptr<InputLine>>& lines) {
  std::vector<bool> levels;
  for (const auto& line : lines) {
    B2M_ASSIGN(const bool active, line->active());
    levels.push_back(active);
  }
  return levels;
}

}  // namespace

InputSettings input_settings(const Options& options) {
  InputSettings settings{.active_low = options.flag("active_low")};
  if (!options.has("pull")) return settings;
  const auto& pull = options.text("pull");
  if (pull == "up") settings.bias = Bias::pull_up;
  if (pull == "down") settings.bias = Bias::pull_down;
  if (pull == "none") settings.bias = Bias::disabled;
  return settings;
}

/// Reads the levels of the lines, which may sleep for those of an expander. Keeps alive what it uses while it hangs.
class EdgeLines::LevelJob final : public BusJob {
 public:
  using Finished = std::function<void(const Result<std::vector<bool>>&, SteadyTime)>;

  LevelJob(std::shared_ptr<Board> board, std::shared_ptr<InputLines> lines, Finished finished)
      : board_(std::move(board)), lines_(std::move(lines)), finished_(std::move(finished)) {}
  [[nodiscard]] bool under_way() const noexcept { return under_way_; }
  void set_under_way() noexcept { under_way_ = true; }

 private:
  std::optional<std::chrono::microseconds> work() override {
    time_ = SteadyClock::now();
    levels_ = read_levels(*lines_);
    return std::nullopt;
  }
  void finish() override {
    under_way_ = false;
    finished_(levels_, time_);
  }

  std::shared_ptr<Board> board_;
  std::shared_ptr<InputLines> lines_;
  Finished finished_;
  bool under_way_ = false;
  SteadyTime time_{};
  Result<std::vector<bool>> levels_ = fail(Errc::cancelled);
};

EdgeLines::EdgeLines(EventLoop& loop, const SensorConfig& config, std::shared_ptr<Board> board,
                     std::vector<LineUse> uses, PollBus poll_bus, Listener listener)
    : loop_(loop),
      config_(config),
      board_(std::move(board)),
      uses_(std::move(uses)),
      poll_bus_(std::move(poll_bus)),
      listener_(std::move(listener)),
      settle_timer_(loop, [this] { catch_up(); }),
      poll_timer_(loop, [this] { poll(); }),
      poll_interval_(configured_poll(config)) {
  for (const auto& use : uses_) debounces_.emplace_back(steady(use.debounce));
}

EdgeLines::~EdgeLines() { close(); }

Result<std::vector<bool>> EdgeLines::open() {
  auto requested = request(!polled());
  if (!requested && requested.error().code == Errc::unsupported && !polled()) {
    const auto why = requested.error();
    requested = request(false);
    if (requested) {
      poll_interval_ = default_poll;
      log::notice({.device = config_.id}, "there are no edges, so the level is read every {} ms: {}",
                  default_poll.count(), to_string(why));
    }
  }
  auto found = requested ? levels() : tl::unexpected(requested.error());
  if (!found) close();
  return found;
}

Result<> EdgeLines::request(bool edges) {
  close();
  auto settings = input_settings(config_.options);
  settings.edges = edges;
  auto lines = std::make_shared<InputLines>();
  for (const auto& use : uses_) {
    settings.told = use.debounce.count() == 0 ? use.edges : Edges::both;
    B2M_ASSIGN(auto line, board_->gpio().request_input(config_.lines.at(std::string(use.option)), settings));
    lines->push_back(std::move(line));
  }
  lines_ = std::move(lines);
  return {};
}

/// Takes the first levels and begins to follow them.
Result<std::vector<bool>> EdgeLines::levels() {
  B2M_ASSIGN(auto found, read_levels(*lines_));
  for (std::size_t i = 0; i < found.size(); ++i) debounces_[i].start(found[i]);
  if (polled()) {
    polled_levels_ = found;
    poll_member_.emplace(poll_bus_());
    poll_job_ = std::make_shared<LevelJob>(board_, lines_,
                                           [this](const auto& levels, SteadyTime time) { on_levels(levels, time); });
    poll_timer_.arm_after(*poll_interval_);
  } else {
    for (const auto& line : *lines_)
      watches_.push_back(std::make_unique<ReadWatch>(loop_, line->fd(), [this] { catch_up(); }));
  }
  return found;
}

void EdgeLines::close() {
  settle_timer_.cancel();
  poll_timer_.cancel();
  poll_member_.reset();
  poll_job_.reset();
  watches_.clear();
  lines_.reset();
  changes_.clear();
}

void EdgeLines::catch_up() {
  if (!lines_ || polled()) return;
  const auto now = SteadyClock::now();
  bool more = false;
  for (std::size_t i = 0; i < lines_->size(); ++i) {
    const auto all = take_edges(i);
    if (!all) return lose(all.error());
    more = more || !*all;
  }
  tell(more && !changes_.empty() ? changes_.back().time : now);
  if (more && lines_) settle_timer_.arm(now);  // a descriptor need not be readable for edges that were read already
}

/// False when more of them wait.
Result<bool> EdgeLines::take_edges(std::size_t line) {
  for (std::size_t taken = 0; taken < most_edges; ++taken) {
    B2M_ASSIGN(const auto event, (*lines_)[line]->next_event());
    if (!event) return true;
    edge(line, *event);
  }
  return false;
}

void EdgeLines::edge(std::size_t line, const LineEvent& event) {
  lost_edges_ += event.lost_before;
  if (uses_[line].debounce.count() == 0) {
    changes_.push_back({line, event.active, event.time, event.lost_before});
    return;
  }
  settle(line, event.time);  // it may come late to the loop: the level before it may have stood still for long enough
  debounces_[line].on_edge(event.active, event.time);
}

void EdgeLines::settle(std::size_t line, SteadyTime now) {
  if (const auto settled = debounces_[line].settle(now))
    changes_.push_back({.line = line, .active = settled->active, .time = settled->since});
}

/// Hands over what was gathered, with what has settled by `until`.
void EdgeLines::tell(SteadyTime until) {
  std::optional<SteadyTime> deadline;
  for (std::size_t i = 0; i < debounces_.size(); ++i) {
    settle(i, until);
    if (const auto own = debounces_[i].deadline()) deadline = deadline ? std::min(*deadline, *own) : *own;
  }
  if (deadline && !polled()) settle_timer_.arm(*deadline);
  for (const auto& debounce : debounces_) until = debounce.certain_until(until);
  std::stable_sort(changes_.begin(), changes_.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  const auto changes = std::exchange(changes_, {});
  listener_.changed(changes, until);
}

void EdgeLines::poll() {
  poll_timer_.arm_after(*poll_interval_);
  if (poll_job_->under_way()) return;
  if (!poll_member_->post(poll_job_, Worker::Lane::poll)) return lose({Errc::bus_stuck, poll_member_->name()});
  poll_job_->set_under_way();
}

void EdgeLines::on_levels(const Result<std::vector<bool>>& levels, SteadyTime time) {
  if (!levels) return lose(levels.error());
  for (std::size_t i = 0; i < levels->size(); ++i) {
    const bool active = (*levels)[i];
    if (active != polled_levels_[i]) edge(i, {.active = active, .time = time});
  }
  polled_levels_ = *levels;
  tell(time);
}

void EdgeLines::lose(const Error& error) {
  close();
  listener_.lost(error);
}

}  // namespace b2m

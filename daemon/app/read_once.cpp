#include "daemon/app/read_once.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "daemon/app/build_device.hpp"
#include "daemon/flow/clock.hpp"
#include "daemon/flow/computed_device.hpp"
#include "daemon/flow/derived_channels.hpp"
#include "daemon/flow/edge_lines.hpp"
#include "daemon/flow/sensor_job.hpp"

namespace b2m {
namespace {

/// What a device gave; the error of the device as a whole, if it has one.
struct Outcome {
  std::vector<Channel> channels;
  Result<std::vector<Result<double>>> values;
  Moment moment = {};
  bool simulated = false;
};

/// With what is derived.
SingleReading finish(const SensorConfig& config, Outcome outcome) {
  DerivedChannels derived(config);
  derived.extend(outcome.channels);
  if (!outcome.values) return {std::move(outcome.channels), tl::unexpected(std::move(outcome.values).error())};
  auto& values = *outcome.values;
  derived.extend(values);
  Measurement measurement{.sequence = 1, .moment = outcome.moment, .readings = {}, .simulated = outcome.simulated};
  for (std::size_t i = 0; i < values.size(); ++i)
    measurement.readings.push_back({i, values[i], values[i] ? Quality::good : Quality::fault});
  return {std::move(outcome.channels), std::move(measurement)};
}

Outcome read_polled(const SensorConfig& config, const std::shared_ptr<Board>& board) {
  auto [sensor, simulated] = build_sensor(config, *board);
  SensorJob job(board, std::move(sensor), nullptr);
  while (const auto pause = job.work()) std::this_thread::sleep_for(*pause);  // one sensor, nobody else to serve
  auto outcome = job.take_outcome();
  auto channels = outcome.channels.value_or(to_channels(config.driver.channels()));
  if (!outcome.result) return {std::move(channels), tl::unexpected(std::move(outcome.result).error())};
  return {std::move(channels), std::move(outcome.values), outcome.moment, simulated};
}

Outcome read_source(const SensorConfig& config, const std::vector<SensorConfig>& all,
                    const std::shared_ptr<Board>& board) {
  Computation computation(build_computed_sensor(config));
  std::vector<Channel> channels(computation.channels().begin(), computation.channels().end());
  const auto source = std::find_if(all.begin(), all.end(), [&](const auto& s) { return s.id == config.source.sensor; });
  if (source == all.end()) return {std::move(channels), fail(Errc::gone, "its source is not configured")};
  const auto read = read_polled(*source, board);
  if (!read.values) return {std::move(channels), tl::unexpected(read.values.error())};
  computation.bind(bind_inputs(config, read.channels));
  return {std::move(channels), computation.compute(*read.values), read.moment, read.simulated};
}

/// Lets a sensor that is told by edges listen to its lines for a while.
class Listening {
 public:
  Listening(const SensorConfig& config, std::shared_ptr<Board> board, EdgeSensor& sensor)
      : sensor_(sensor),
        lines_(loop_, config, std::move(board), sensor.lines(),
               [this]() -> Bus& { return bus_.emplace(loop_, "inputs"); },
               {.changed = [this](std::span<const LineChange> changes, SteadyTime) { take(changes); },
                .lost = [this](const Error& error) { lost_ = error; }}) {}

  Result<> listen(std::chrono::nanoseconds duration) {
    const auto end = SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(duration);
    B2M_ASSIGN(const auto levels, lines_.open());
    sensor_.start(levels, SteadyClock::now());
    while (!lost_ && SteadyClock::now() < end)
      loop_.run_once(std::chrono::duration_cast<std::chrono::microseconds>(end - SteadyClock::now()));
    return lost_ ? Result<>(tl::unexpected(*lost_)) : Result<>();
  }

 private:
  void take(std::span<const LineChange> changes) {
    for (const auto& change : changes) sensor_.on_change(change);
  }

  EdgeSensor& sensor_;
  EventLoop loop_;
  std::optional<Bus> bus_;
  EdgeLines lines_;
  std::optional<Error> lost_;
};

/// The state of the lines now; of one that counts, what it counted from 0 in two seconds, which is enough for a rate
/// that people look at.
Outcome read_lines(const SensorConfig& config, const std::shared_ptr<Board>& board) {
  const auto sensor = build_edge_sensor(config, *board);
  auto channels = sensor->channels();
  const auto duration = config.driver.driver->on_grid ? std::chrono::seconds(2) : std::chrono::seconds(0);
  if (const auto listened = Listening(config, board, *sensor).listen(duration); !listened)
    return {std::move(channels), tl::unexpected(listened.error())};
  const Moment moment = this_moment();
  Samples samples(channels.size());
  sensor->measure(moment.monotonic, samples);
  std::vector<Result<double>> values;
  for (std::size_t i = 0; i < samples.size(); ++i) values.push_back(samples[i]);
  return {std::move(channels), std::move(values), moment};
}

}  // namespace

SingleReading read_once(const SensorConfig& config, const std::vector<SensorConfig>& all,
                        const std::shared_ptr<Board>& board) {
  const auto& driver = *config.driver.driver;
  if (driver.make_computed != nullptr) return finish(config, read_source(config, all, board));
  return finish(config, driver.make_edge_sensor != nullptr ? read_lines(config, board) : read_polled(config, board));
}

}  // namespace b2m

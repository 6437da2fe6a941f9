#include "daemon/app/read_once.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "daemon/app/build_device.hpp"
#include "daemon/flow/clock.hpp"
#include "daemon/flow/computed_device.hpp"
#include "daemon/flow/derived_channels.hpp"
#include "daemon/flow/edge_device.hpp"
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

/// The level of the line now.
Outcome read_level(const SensorConfig& config, const std::shared_ptr<Board>& board) {
  const auto sensor = build_edge_sensor(config, *board);
  auto channels = sensor->channels();
  const auto level = board->gpio()
                         .request_input(config.lines.at("line"), input_settings(config.options))
                         .and_then([](const std::unique_ptr<InputLine>& line) { return line->active(); });
  if (!level) return {std::move(channels), tl::unexpected(level.error())};
  const Moment moment = this_moment();
  Samples samples(channels.size());
  sensor->on_level(*level, moment.monotonic, samples);
  std::vector<Result<double>> values;
  for (std::size_t i = 0; i < samples.size(); ++i) values.push_back(samples[i]);
  return {std::move(channels), std::move(values), moment};
}

}  // namespace

SingleReading read_once(const SensorConfig& config, const std::vector<SensorConfig>& all,
                        const std::shared_ptr<Board>& board) {
  const auto& driver = *config.driver.driver;
  if (driver.make_computed != nullptr) return finish(config, read_source(config, all, board));
  return finish(config, driver.make_edge_sensor != nullptr ? read_level(config, board) : read_polled(config, board));
}

}  // namespace b2m

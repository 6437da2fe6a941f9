#include "daemon/app/read_once.hpp"

#include <thread>

#include "daemon/app/build_device.hpp"
#include "daemon/flow/clock.hpp"
#include "daemon/flow/edge_device.hpp"
#include "daemon/flow/sensor_job.hpp"

namespace b2m {
namespace {

Measurement measurement_of(const std::vector<Result<double>>& values, Moment moment, bool simulated) {
  moment.synchronised = clock_synchronised();
  Measurement measurement{.sequence = 1, .moment = moment, .readings = {}, .simulated = simulated};
  for (std::size_t i = 0; i < values.size(); ++i)
    measurement.readings.push_back({i, values[i], values[i] ? Quality::good : Quality::fault});
  return measurement;
}

SingleReading read_polled(const SensorConfig& config, const std::shared_ptr<Board>& board) {
  auto [sensor, simulated] = build_sensor(config, *board);
  SensorJob job(board, std::move(sensor), nullptr);
  while (const auto pause = job.work()) std::this_thread::sleep_for(*pause);  // one sensor, nobody else to serve
  auto outcome = job.take_outcome();
  auto channels = outcome.channels.value_or(to_channels(config.driver.channels()));
  if (!outcome.result) return {std::move(channels), tl::unexpected(std::move(outcome.result).error())};
  return {std::move(channels), measurement_of(outcome.values, outcome.moment, simulated)};
}

/// The level of the line now.
SingleReading read_level(const SensorConfig& config, const std::shared_ptr<Board>& board) {
  const auto sensor = build_edge_sensor(config, *board);
  auto channels = sensor->channels();
  const auto level = board->gpio()
                         .request_input(config.line, input_settings(config.options))
                         .and_then([](const std::unique_ptr<InputLine>& line) { return line->active(); });
  if (!level) return {std::move(channels), tl::unexpected(level.error())};
  const Moment moment{WallClock::now(), SteadyClock::now()};
  Samples samples(channels.size());
  sensor->on_level(*level, moment.monotonic, samples);
  std::vector<Result<double>> values;
  for (std::size_t i = 0; i < samples.size(); ++i) values.push_back(samples[i]);
  return {std::move(channels), measurement_of(values, moment, false)};
}

}  // namespace

SingleReading read_once(const SensorConfig& config, const std::shared_ptr<Board>& board) {
  return config.driver.driver->make_edge_sensor != nullptr ? read_level(config, board) : read_polled(config, board);
}

}  // namespace b2m

#include "daemon/app/devices.hpp"

#include <algorithm>
#include <utility>

#include "daemon/app/build_device.hpp"

namespace b2m {

Devices::Devices(EventLoop& loop, const Config& config, std::shared_ptr<Board> board, KeptValues& kept,
                 SensorSink sensor_sink, ActuatorSink actuator_sink)
    : loop_(loop),
      board_(std::move(board)),
      kept_(kept),
      sensor_sink_(std::move(sensor_sink)),
      actuator_sink_(std::move(actuator_sink)),
      begin_(SteadyClock::now()),
      interlocks_(config.actuators) {
  for (const auto& actuator : config.actuators) add_actuator(actuator);
  std::map<std::string, std::size_t> on_worker;
  for (const auto& sensor : config.sensors) ++on_worker[worker_name(sensor)];
  std::map<std::string, std::size_t> index;
  for (const auto& sensor : config.sensors) {
    const auto worker = worker_name(sensor);
    if (sensor.driver.driver->make_edge_sensor != nullptr) {
      add_edge_sensor(sensor);
    } else {
      add_sensor(sensor, index[worker]++, on_worker[worker]);
    }
  }
}

Devices::~Devices() = default;

void Devices::add_sensor(const SensorConfig& config, std::size_t index, std::size_t count) {
  auto [sensor, simulated] = build_sensor(config, *board_);
  const auto every = std::chrono::duration_cast<Schedule::Duration>(config.every);
  sensors_.push_back(std::make_unique<SensorDevice>(loop_, config, bus(worker_name(config)), board_, std::move(sensor),
                                                    simulated, spread(begin_, every, index, count), sensor_sink_));
}

void Devices::add_edge_sensor(const SensorConfig& config) {
  edges_.push_back(
      std::make_unique<EdgeDevice>(loop_, config, board_->gpio(), build_edge_sensor(config, *board_), sensor_sink_));
}

void Devices::add_actuator(const ActuatorConfig& config) {
  actuators_.push_back(std::make_unique<ActuatorDevice>(loop_, config, bus(worker_name(config)), board_,
                                                        build_actuator(config, *board_), kept_, interlocks_,
                                                        actuator_sink_));
}

Bus& Devices::bus(const std::string& name) {
  auto& bus = buses_[name];
  if (!bus) bus = std::make_unique<Bus>(loop_, name);
  return *bus;
}

void Devices::start() {
  for (const auto& actuator : actuators_) actuator->start();
  for (const auto& edge : edges_) edge->start();
  for (const auto& sensor : sensors_) sensor->start();
}

void Devices::stop(std::function<void()> done) {
  for (const auto& sensor : sensors_) sensor->stop();
  for (const auto& edge : edges_) edge->stop();
  // Counts itself too, so that `done` comes once and after the last.
  auto left = std::make_shared<std::size_t>(actuators_.size() + 1);
  const auto one_done = [left, done = std::move(done)] {
    if (--*left == 0) done();
  };
  for (const auto& actuator : actuators_) actuator->stop(one_done);
  one_done();
}

bool Devices::join_until(SteadyTime deadline) {
  for (const auto& [name, bus] : buses_) bus->worker().request_stop();
  return std::count_if(buses_.begin(), buses_.end(),
                       [&](const auto& entry) { return !entry.second->worker().join_until(deadline); }) == 0;
}

ActuatorDevice* Devices::find_actuator(std::string_view id) noexcept {
  const auto at =
      std::find_if(actuators_.begin(), actuators_.end(), [&](const auto& device) { return device->config().id == id; });
  return at == actuators_.end() ? nullptr : at->get();
}

}  // namespace b2m

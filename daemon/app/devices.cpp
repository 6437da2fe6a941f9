#include "daemon/app/devices.hpp"

#include <algorithm>
#include <utility>

#include "daemon/app/build_device.hpp"

namespace b2m {

Devices::Devices(EventLoop& loop, const Config& config, std::shared_ptr<Board> board, KeptValues& kept,
                 SensorSink sensor_sink, ActuatorSink actuator_sink)
    : loop_(loop),
      board_(std::make_shared<ExpanderBoard>(std::move(board), config.expanders)),
      kept_(kept),
      sensor_sink_(std::move(sensor_sink)),
      feeding_sink_(feeding_sink()),
      actuator_sink_(std::move(actuator_sink)),
      grouping_sink_(grouping_sink()),
      begin_(SteadyClock::now()),
      interlocks_(config.actuators),
      expander_inputs_(loop, config.expanders, board_, [this](const auto& name) -> Bus& { return bus(name); }) {
  add_actuators(config.actuators);
  std::map<std::string, std::size_t> on_worker;
  for (const auto& sensor : config.sensors)
    if (sensor.driver.driver->make_sensor != nullptr) ++on_worker[worker_name(sensor)];
  std::map<std::string, std::size_t> index;
  for (const auto& sensor : config.sensors) {
    const auto worker = worker_name(sensor);
    if (sensor.driver.driver->make_edge_sensor != nullptr) {
      add_edge_sensor(sensor);
    } else if (sensor.driver.driver->make_computed != nullptr) {
      add_computed_sensor(sensor);
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
                                                    simulated, spread(begin_, every, index, count), feeding_sink_));
}

void Devices::add_edge_sensor(const SensorConfig& config) {
  const auto poll_bus = [this]() -> Bus& { return bus("inputs"); };
  edges_.push_back(std::make_unique<EdgeDevice>(loop_, config, board_, build_edge_sensor(config, *board_), poll_bus,
                                                kept_, sensor_sink_));
}

void Devices::add_computed_sensor(const SensorConfig& config) {
  computed_.push_back(std::make_unique<ComputedDevice>(config, build_computed_sensor(config), sensor_sink_));
  computed_from_.emplace(config.source.sensor, computed_.back().get());
}

SensorSink Devices::feeding_sink() {
  const auto feed = [this](const SensorConfig& source, auto tell) {
    const auto [begin, end] = computed_from_.equal_range(source.id);
    std::for_each(begin, end, [&](const auto& entry) { tell(*entry.second); });
  };
  return {.measured = sensor_sink_.measured,
          .availability =
              [this, feed](const SensorConfig& source, bool online) {
                sensor_sink_.availability(source, online);
                feed(source, [&](ComputedDevice& device) { device.on_source_availability(online); });
              },
          .raw =
              [feed](const SensorConfig& source, const RawReading& reading) {
                feed(source, [&](ComputedDevice& device) { device.on_source(reading); });
              }};
}

ActuatorSink Devices::grouping_sink() {
  const auto tell = [this](const ActuatorConfig& member) {
    const auto [begin, end] = groups_of_.equal_range(member.id);
    std::for_each(begin, end, [&](const auto& entry) { entry.second->member_changed(*find_actuator(member.id)); });
  };
  return {.reached =
              [this, tell](const ActuatorConfig& actuator, const ActuatorState& state) {
                actuator_sink_.reached(actuator, state);
                tell(actuator);
              },
          .availability =
              [this, tell](const ActuatorConfig& actuator, bool online) {
                actuator_sink_.availability(actuator, online);
                tell(actuator);
              }};
}

/// The groups when their members are there, each at its place.
void Devices::add_actuators(std::span<const ActuatorConfig> configs) {
  for (const auto& config : configs)
    actuators_.push_back(config.driver.driver->group ? nullptr : make_actuator(config));
  for (std::size_t i = 0; i < configs.size(); ++i)
    if (!actuators_[i]) actuators_[i] = make_group(configs[i]);
}

std::unique_ptr<ActuatorDevice> Devices::make_actuator(const ActuatorConfig& config) {
  auto device = std::make_unique<ActuatorDevice>(loop_, config, bus(worker_name(config)), board_,
                                                 build_actuator(config, *board_), kept_, interlocks_, grouping_sink_);
  if (config.output().kind == ActuatorKind::text) displays_.emplace(config.id, device.get());
  return device;
}

std::unique_ptr<ActuatorGroup> Devices::make_group(const ActuatorConfig& config) {
  std::vector<ActuatorGroup::Member> members;
  for (std::size_t i = 0; i < actuators_.size(); ++i) {
    const auto& id = actuators_[i] ? actuators_[i]->config().id : std::string();
    if (std::find(config.members.begin(), config.members.end(), id) != config.members.end())
      members.push_back({i, actuators_[i].get()});
  }
  const auto give = [this](std::size_t actuator, const Command& command, Source source, Commanded::Answer answer) {
    give_(actuator, command, source, std::move(answer));
  };
  auto group = std::make_unique<ActuatorGroup>(config, std::move(members), give, actuator_sink_);
  for (const auto& member : config.members) groups_of_.emplace(member, group.get());
  return group;
}

void Devices::show(const ActuatorConfig& display, const std::string& text) {
  if (const auto at = displays_.find(display.id); at != displays_.end()) at->second->show(text);
}

Bus& Devices::bus(const std::string& name) {
  auto& bus = buses_[name];
  if (!bus) bus = std::make_unique<Bus>(loop_, name);
  return *bus;
}

/// The lines of the configured outputs; what else an earlier process left is nobody's any more.
void Devices::forget_other_outputs() {
  std::vector<LineId> outputs;
  for (const auto& actuator : actuators_)
    for (const auto& [option, line] : actuator->config().lines) outputs.push_back(line);
  board_->gpio().forget_outputs_but(outputs);
}

void Devices::start() {
  forget_other_outputs();
  for (const auto& actuator : actuators_) actuator->start();
  expander_inputs_.start();
  for (const auto& edge : edges_)
    expander_inputs_.when_known(edge->config().lines, [device = edge.get()] { device->start(); });
  for (const auto& sensor : sensors_) sensor->start();
}

void Devices::stop(std::function<void()> done) {
  for (const auto& sensor : sensors_) sensor->stop();
  expander_inputs_.stop();
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

EdgeDevice* Devices::find_edge(std::string_view id) noexcept {
  const auto at =
      std::find_if(edges_.begin(), edges_.end(), [&](const auto& device) { return device->config().id == id; });
  return at == edges_.end() ? nullptr : at->get();
}

Commanded* Devices::find_actuator(std::string_view id) noexcept {
  const auto at =
      std::find_if(actuators_.begin(), actuators_.end(), [&](const auto& device) { return device->config().id == id; });
  return at == actuators_.end() ? nullptr : at->get();
}

}  // namespace b2m

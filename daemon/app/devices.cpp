#include "daemon/app/devices.hpp"

#include <algorithm>
#include <utility>

#include "daemon/app/build_device.hpp"

namespace b2m {
namespace {

/// Where the device of that id is, or the end when it is not among them or was taken.
template <class Devices>
auto find(Devices& devices, std::string_view id) {
  return std::find_if(devices.begin(), devices.end(),
                      [&](const auto& device) { return device && device->config().id == id; });
}

/// The device of that id, or none when it is not among them.
template <class Device>
std::unique_ptr<Device> take(std::vector<std::unique_ptr<Device>>& devices, std::string_view id) {
  const auto at = find(devices, id);
  return at == devices.end() ? nullptr : std::move(*at);
}

/// Moves the device of that id from `before` to `now`, or has it made there.
template <class Device, class Make>
void keep_or_make(std::vector<std::unique_ptr<Device>>& before, std::vector<std::unique_ptr<Device>>& now,
                  std::string_view id, const Make& make) {
  if (auto device = take(before, id)) return now.push_back(std::move(device));
  make();
}

}  // namespace

Devices::Devices(EventLoop& loop, const Config& config, std::shared_ptr<Board> board, KeptValues& kept,
                 SensorSink sensor_sink, ActuatorSink actuator_sink)
    : loop_(loop),
      board_(std::make_shared<ExpanderBoard>(std::move(board), config.expanders)),
      kept_(kept),
      sensor_sink_(std::move(sensor_sink)),
      feeding_sink_(feeding_sink()),
      actuator_sink_(std::move(actuator_sink)),
      grouping_sink_(grouping_sink()),
      interlocks_(config.actuators),
      expander_inputs_(loop, config.expanders, board_, [this](const auto& name) -> Bus& { return bus(name); }),
      sweep_timer_(loop, [this] { sweep(); }) {
  build(config, {});
}

Devices::~Devices() = default;

void Devices::change(const Config& config, const ConfigChange& change) {
  end_sensors(change.sensors);
  auto inheritances = end_actuators(change);
  board_->change(config.expanders);
  expander_inputs_.change(config.expanders);
  interlocks_.change(config.actuators);
  build(config, std::move(inheritances));
  sweep();
}

/// Those with edges stop first: the last edges of one may still switch an output by a rule, for which everything must
/// be there.
void Devices::end_sensors(const DeviceChange& change) {
  for (const auto& edge : edges_)
    if (change.ended.contains(edge->config().id)) edge->stop();
  const auto ended = [&](const auto& device) { return change.ended.contains(device->config().id); };
  computed_from_.clear();
  std::erase_if(sensors_, ended);
  std::erase_if(edges_, ended);
  std::erase_if(computed_, ended);
}

Devices::Inheritances Devices::end_actuators(const ConfigChange& change) {
  Inheritances inheritances;
  for (const auto& [heir, before] : change.taken_over)
    if (auto inheritance = outputs_.at(before)->hand_over()) inheritances.emplace(heir, std::move(*inheritance));
  const auto handed_over = [&](const std::string& id) {
    return std::any_of(change.taken_over.begin(), change.taken_over.end(),
                       [&](const auto& entry) { return entry.second == id; });
  };
  const auto ended = [&](const auto& actuator) { return change.actuators.ended.contains(actuator->config().id); };
  for (const auto& actuator : actuators_)
    if (ended(actuator) && !handed_over(actuator->config().id)) actuator->release();
  std::erase_if(groups_of_, [&](const auto& entry) { return ended(entry.second); });
  std::erase_if(outputs_, [&](const auto& entry) { return ended(entry.second); });
  std::erase_if(actuators_, ended);
  return inheritances;
}

/// Takes the devices that are there, and makes the others.
void Devices::build(const Config& config, Inheritances inheritances) {
  build_actuators(config.actuators, std::move(inheritances));
  build_sensors(config.sensors);
}

void Devices::build_sensors(const std::vector<SensorConfig>& configs) {
  auto sensors = std::exchange(sensors_, {});
  auto edges = std::exchange(edges_, {});
  auto computed = std::exchange(computed_, {});
  const auto now = SteadyClock::now();
  std::map<std::string, std::size_t> on_worker;
  for (const auto& sensor : configs)
    if (sensor.driver.driver->make_sensor != nullptr) ++on_worker[worker_name(sensor)];
  std::map<std::string, std::size_t> index;
  for (const auto& sensor : configs) {
    const auto& driver = *sensor.driver.driver;
    if (driver.make_edge_sensor != nullptr) {
      keep_or_make(edges, edges_, sensor.id, [&] { add_edge_sensor(sensor); });
    } else if (driver.make_computed != nullptr) {
      keep_or_make(computed, computed_, sensor.id, [&] { add_computed_sensor(sensor); });
      computed_from_.emplace(sensor.source.sensor, computed_.back().get());
    } else {
      const auto worker = worker_name(sensor);
      const auto every = std::chrono::duration_cast<Schedule::Duration>(sensor.every);
      const auto first = spread(now, every, index[worker]++, on_worker[worker]);
      keep_or_make(sensors, sensors_, sensor.id, [&] { add_sensor(sensor, first); });
    }
  }
}

void Devices::add_sensor(const SensorConfig& config, SteadyTime first) {
  auto [sensor, simulated] = build_sensor(config, *board_);
  sensors_.push_back(std::make_unique<SensorDevice>(loop_, config, bus(worker_name(config)), board_, std::move(sensor),
                                                    simulated, first, feeding_sink_));
  fresh_sensors_.push_back(sensors_.back().get());
}

void Devices::add_edge_sensor(const SensorConfig& config) {
  const auto poll_bus = [this]() -> Bus& { return bus("inputs"); };
  edges_.push_back(std::make_unique<EdgeDevice>(loop_, config, board_, build_edge_sensor(config, *board_), poll_bus,
                                                kept_, sensor_sink_));
  fresh_edges_.push_back(edges_.back().get());
}

void Devices::add_computed_sensor(const SensorConfig& config) {
  computed_.push_back(std::make_unique<ComputedDevice>(config, build_computed_sensor(config), sensor_sink_));
  fresh_computed_.push_back(computed_.back().get());
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
    std::for_each(begin, end, [&](const auto& entry) { entry.second->member_changed(*outputs_.at(member.id)); });
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
void Devices::build_actuators(const std::vector<ActuatorConfig>& configs, Inheritances inheritances) {
  auto before = std::exchange(actuators_, {});
  actuators_.resize(configs.size());
  for (const bool groups : {false, true})
    for (std::size_t i = 0; i < configs.size(); ++i) {
      const auto& config = configs[i];
      if (config.driver.driver->group != groups) continue;
      actuators_[i] = take(before, config.id);
      if (actuators_[i]) continue;
      actuators_[i] = groups ? std::unique_ptr<Commanded>(make_group(config)) : make_actuator(config, inheritances);
      fresh_actuators_.push_back(actuators_[i].get());
    }
}

std::unique_ptr<ActuatorDevice> Devices::make_actuator(const ActuatorConfig& config, Inheritances& inheritances) {
  auto device = std::make_unique<ActuatorDevice>(loop_, config, bus(worker_name(config)), board_,
                                                 build_actuator(config, *board_), kept_, interlocks_, grouping_sink_);
  outputs_.emplace(config.id, device.get());
  const auto at = inheritances.find(config.id);
  if (at != inheritances.end()) device->inherit(std::move(at->second));
  return device;
}

std::unique_ptr<ActuatorGroup> Devices::make_group(const ActuatorConfig& config) {
  std::vector<const Commanded*> members;
  for (const auto& member : config.members) members.push_back(outputs_.at(member));
  const auto give = [this](const std::string& actuator, const Command& command, Source source,
                           Commanded::Answer answer) { give_(actuator, command, source, std::move(answer)); };
  auto group = std::make_unique<ActuatorGroup>(config, std::move(members), give, actuator_sink_);
  for (const auto& member : config.members) groups_of_.emplace(member, group.get());
  return group;
}

std::size_t Devices::read_all_now() {
  for (const auto& sensor : sensors_) sensor->read_now();
  for (const auto& edge : edges_) edge->read_now();
  return sensors_.size() + edges_.size();
}

bool Devices::read_now(std::string_view sensor) {
  const auto computed = find(computed_, sensor);
  const std::string_view measured = computed == computed_.end() ? sensor : (*computed)->config().source.sensor;
  const auto polled = find(sensors_, measured);
  if (polled != sensors_.end()) (*polled)->read_now();
  const auto edge = find(edges_, measured);
  if (edge != edges_.end()) (*edge)->read_now();
  return polled != sensors_.end() || edge != edges_.end();
}

void Devices::show(const std::string& display, const std::string& text) { outputs_.at(display)->show(text); }

Bus& Devices::bus(const std::string& name) {
  auto& bus = buses_[name];
  if (!bus) bus = std::make_unique<Bus>(loop_, name);
  return *bus;
}

/// Ends the buses that nobody uses any more, and what is under way on one of them only when that has come back.
void Devices::sweep() {
  std::erase_if(buses_, [&](const auto& entry) {
    if (entry.second->idle()) return true;
    // From the loop: a bus cannot end while it tells.
    entry.second->on_idle([this] { sweep_timer_.arm(SteadyClock::now()); });
    return false;
  });
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
  for (auto* actuator : std::exchange(fresh_actuators_, {})) actuator->start();
  expander_inputs_.start();
  for (auto* edge : std::exchange(fresh_edges_, {}))
    expander_inputs_.when_known(edge->config().lines, [this, id = edge->config().id] {
      if (auto* device = find_edge(id)) device->start();
    });
  for (auto* device : std::exchange(fresh_computed_, {})) tell_source(*device);
  for (auto* sensor : std::exchange(fresh_sensors_, {})) sensor->start();
}

/// What a computed sensor has missed of a source that was there before it.
void Devices::tell_source(ComputedDevice& device) {
  for (const auto& source : sensors_) {
    if (source->config().id != device.config().source.sensor) continue;
    if (source->online() || source->state() == DeviceState::absent) device.on_source_availability(source->online());
  }
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
  const auto at = find(edges_, id);
  return at == edges_.end() ? nullptr : at->get();
}

Commanded* Devices::find_actuator(std::string_view id) noexcept {
  const auto at = find(actuators_, id);
  return at == actuators_.end() ? nullptr : at->get();
}

}  // namespace b2m

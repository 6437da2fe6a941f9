// Every configured device on its bus.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/app/config_change.hpp"
#include "daemon/config/model.hpp"
#include "daemon/flow/actuator_device.hpp"
#include "daemon/flow/actuator_group.hpp"
#include "daemon/flow/bus.hpp"
#include "daemon/flow/computed_device.hpp"
#include "daemon/flow/edge_device.hpp"
#include "daemon/flow/expander_inputs.hpp"
#include "daemon/flow/kept_values.hpp"
#include "daemon/flow/sensor_device.hpp"
#include "drivers/api/board.hpp"

namespace b2m {

/// Builds the devices of a configuration and their buses, starts and ends them, and follows a new configuration by
/// touching only what is different in it. Loop only.
class Devices {
 public:
  /// `kept` outlives it.
  Devices(EventLoop& loop, const Config& config, std::shared_ptr<Board> board, KeptValues& kept, SensorSink sensor_sink,
          ActuatorSink actuator_sink);
  ~Devices();

  /// The road by which groups command their members; to be given before start().
  void give_commands_by(ActuatorGroup::Give give) { give_ = std::move(give); }
  /// What is new.
  void start();
  /// Ends what has ended and builds what is to start(), in the order of `config`. No word from a device reaches the
  /// sinks in between, but the last ones of sensors that end, before anything is changed.
  void change(const Config& config, const ConfigChange& change);
  /// Begins nothing new and drives the exit states of the actuators; `done` is called when they stand.
  void stop(std::function<void()> done);
  /// Waits for the workers, at most until `deadline`. False when one hangs and had to be left behind.
  bool join_until(SteadyTime deadline);

  [[nodiscard]] const std::vector<std::unique_ptr<SensorDevice>>& sensors() const noexcept { return sensors_; }
  [[nodiscard]] const std::vector<std::unique_ptr<EdgeDevice>>& edges() const noexcept { return edges_; }
  [[nodiscard]] const std::vector<std::unique_ptr<ComputedDevice>>& computed() const noexcept { return computed_; }
  /// In the order of the configuration, with the groups.
  [[nodiscard]] const std::vector<std::unique_ptr<Commanded>>& actuators() const noexcept { return actuators_; }
  /// Workers that there are now.
  [[nodiscard]] std::size_t buses() const noexcept { return buses_.size(); }
  [[nodiscard]] EdgeDevice* find_edge(std::string_view id) noexcept;
  [[nodiscard]] Commanded* find_actuator(std::string_view id) noexcept;
  /// Reads beside the schedule. How many are read.
  std::size_t read_all_now();
  /// Of a computed sensor, its source. False where there is no sensor of that id.
  bool read_now(std::string_view sensor);
  /// What a display shows while no text is commanded.
  void show(const std::string& display, const std::string& text);

 private:
  using Inheritances = std::map<std::string, ActuatorDevice::Inheritance>;  ///< by the id of the heir

  void end_sensors(const DeviceChange& change);
  [[nodiscard]] Inheritances end_actuators(const ConfigChange& change);
  void build(const Config& config, Inheritances inheritances);
  void build_sensors(const std::vector<SensorConfig>& configs);
  void add_sensor(const SensorConfig& config, SteadyTime first);
  void add_edge_sensor(const SensorConfig& config);
  void add_computed_sensor(const SensorConfig& config);
  [[nodiscard]] SensorSink feeding_sink();
  [[nodiscard]] ActuatorSink grouping_sink();
  void build_actuators(const std::vector<ActuatorConfig>& configs, Inheritances inheritances);
  [[nodiscard]] std::unique_ptr<ActuatorDevice> make_actuator(const ActuatorConfig& config, Inheritances& inheritances);
  [[nodiscard]] std::unique_ptr<ActuatorGroup> make_group(const ActuatorConfig& config);
  void tell_source(ComputedDevice& device);
  void sweep();
  Bus& bus(const std::string& name);
  void forget_other_outputs();

  EventLoop& loop_;
  std::shared_ptr<ExpanderBoard> board_;
  KeptValues& kept_;
  SensorSink sensor_sink_;
  SensorSink feeding_sink_;  ///< feeds the computed sensors too
  ActuatorSink actuator_sink_;
  ActuatorSink grouping_sink_;  ///< tells the groups too
  ActuatorGroup::Give give_;
  Interlocks interlocks_;
  std::map<std::string, std::unique_ptr<Bus>> buses_;
  ExpanderInputs expander_inputs_;  ///< outlives the lines that devices have opened
  std::vector<std::unique_ptr<SensorDevice>> sensors_;
  std::vector<std::unique_ptr<EdgeDevice>> edges_;
  std::vector<std::unique_ptr<ComputedDevice>> computed_;
  std::multimap<std::string, ComputedDevice*, std::less<>> computed_from_;  ///< by the id of their source
  std::vector<std::unique_ptr<Commanded>> actuators_;
  std::map<std::string, ActuatorDevice*, std::less<>> outputs_;        ///< those with hardware of their own
  std::multimap<std::string, ActuatorGroup*, std::less<>> groups_of_;  ///< by the id of a member
  // Built and not started yet.
  std::vector<SensorDevice*> fresh_sensors_;
  std::vector<EdgeDevice*> fresh_edges_;
  std::vector<ComputedDevice*> fresh_computed_;
  std::vector<Commanded*> fresh_actuators_;
  Timer sweep_timer_;
};

}  // namespace b2m

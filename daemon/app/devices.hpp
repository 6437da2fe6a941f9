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

/// Builds the devices of a configuration and their buses, starts and ends them. Loop only.
class Devices {
 public:
  /// `config` and `kept` outlive it.
  Devices(EventLoop& loop, const Config& config, std::shared_ptr<Board> board, KeptValues& kept, SensorSink sensor_sink,
          ActuatorSink actuator_sink);
  ~Devices();

  /// The road by which groups command their members; to be given before start().
  void give_commands_by(ActuatorGroup::Give give) { give_ = std::move(give); }
  void start();
  /// Begins nothing new and drives the exit states of the actuators; `done` is called when they stand.
  void stop(std::function<void()> done);
  /// Waits for the workers, at most until `deadline`. False when one hangs and had to be left behind.
  bool join_until(SteadyTime deadline);

  [[nodiscard]] const std::vector<std::unique_ptr<SensorDevice>>& sensors() const noexcept { return sensors_; }
  [[nodiscard]] const std::vector<std::unique_ptr<EdgeDevice>>& edges() const noexcept { return edges_; }
  [[nodiscard]] const std::vector<std::unique_ptr<ComputedDevice>>& computed() const noexcept { return computed_; }
  /// In the order of the configuration, with the groups.
  [[nodiscard]] const std::vector<std::unique_ptr<Commanded>>& actuators() const noexcept { return actuators_; }
  [[nodiscard]] EdgeDevice* find_edge(std::string_view id) noexcept;
  [[nodiscard]] Commanded* find_actuator(std::string_view id) noexcept;
  /// What a display shows while no text is commanded.
  void show(const ActuatorConfig& display, const std::string& text);

 private:
  void add_sensor(const SensorConfig& config, std::size_t index, std::size_t count);
  void add_edge_sensor(const SensorConfig& config);
  void add_computed_sensor(const SensorConfig& config);
  [[nodiscard]] SensorSink feeding_sink();
  [[nodiscard]] ActuatorSink grouping_sink();
  void add_actuators(std::span<const ActuatorConfig> configs);
  [[nodiscard]] std::unique_ptr<ActuatorDevice> make_actuator(const ActuatorConfig& config);
  [[nodiscard]] std::unique_ptr<ActuatorGroup> make_group(const ActuatorConfig& config);
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
  SteadyTime begin_;
  Interlocks interlocks_;
  std::map<std::string, std::unique_ptr<Bus>> buses_;
  ExpanderInputs expander_inputs_;  ///< outlives the lines that devices have opened
  std::vector<std::unique_ptr<SensorDevice>> sensors_;
  std::vector<std::unique_ptr<EdgeDevice>> edges_;
  std::vector<std::unique_ptr<ComputedDevice>> computed_;
  std::multimap<std::string, ComputedDevice*, std::less<>> computed_from_;  ///< by the id of their source
  std::vector<std::unique_ptr<Commanded>> actuators_;
  std::map<std::string, ActuatorDevice*, std::less<>> displays_;
  std::multimap<std::string, ActuatorGroup*, std::less<>> groups_of_;  ///< by the id of a member
};

}  // namespace b2m

// What the bus shows of a running gateway, and what it may ask of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/flow/command.hpp"
#include "daemon/flow/reading.hpp"

namespace b2m::dbus {

/// By name, in the order of the device's table.
template <class Value>
using Dict = std::vector<std::pair<std::string, Value>>;

/// A number in published units, or on and off.
using Value = std::variant<bool, double>;

struct RuleStatus {
  std::string name;
  std::string state;  ///< "then", "else", "undecided"
  std::string why = {};
  std::uint64_t fired = 0;
  friend bool operator==(const RuleStatus&, const RuleStatus&) = default;
};

struct GatewayStatus {
  std::string version = {};
  std::string name = {};
  std::string board = {};
  WallTime started = {};
  bool connected = false;    ///< to the broker
  std::string broker = {};   ///< URL without credentials
  WallTime link_since = {};  ///< of the connection or its loss; the epoch before the first connection
  std::string link_error = {};
  std::uint64_t queued = 0;  ///< readings that wait for the broker
  std::uint64_t published = 0;
  Dict<std::uint64_t> dropped = {};  ///< by reason
  bool clock_synchronised = true;
  std::vector<RuleStatus> rules = {};
};

/// The newest of each channel: a channel is in `readings` or, when it could not be measured, in `errors`; in neither
/// before its first reading.
struct SensorStatus {
  std::string id = {};
  std::string driver = {};
  std::string state = {};  ///< of its device: "starting", "ready", "failing", "absent"
  bool online = false;
  std::string error = {};  ///< of the last failed read; empty while it works
  std::uint64_t good = 0;  ///< polls
  std::uint64_t failed = 0;
  Dict<Value> readings = {};
  Dict<std::string> units = {};  ///< of every known channel; empty for none
  Dict<std::string> errors = {};
  Dict<WallTime> times = {};  ///< of each reading or failure
  Dict<SteadyTime> times_monotonic = {};
};

struct ActuatorStatus {
  std::string id = {};
  std::string driver = {};
  std::string state = {};   ///< of its device
  std::string output = {};  ///< what was reached, as on its topic: "ON", "40"; empty before the first
  std::string unit = {};
  std::string cause = {};  ///< what made it so
  WallTime since = {};
  SteadyTime since_monotonic = {};
  std::string error = {};
};

/// What became of a command: the output reached, or why it was refused.
struct SetOutcome {
  std::string output = {};
  std::optional<Refusal> refusal = {};
};

/// Whom the gateway tells that what it shows has changed. Loop only.
class GatewayListener {
 public:
  virtual ~GatewayListener() = default;
  virtual void sensor_changed(std::string_view id) = 0;
  virtual void actuator_changed(std::string_view id) = 0;
  virtual void gateway_changed() = 0;
  /// Devices have come or gone.
  virtual void devices_changed() = 0;
};

/// A running gateway as the bus sees it. Loop only.
class GatewayPort {
 public:
  virtual ~GatewayPort() = default;
  /// Null: nobody listens any more.
  virtual void listen(GatewayListener* listener) = 0;

  [[nodiscard]] virtual GatewayStatus gateway() const = 0;
  [[nodiscard]] virtual std::vector<std::string> sensors() const = 0;
  [[nodiscard]] virtual std::vector<std::string> actuators() const = 0;
  /// None where there is no such device.
  [[nodiscard]] virtual std::optional<SensorStatus> sensor(std::string_view id) const = 0;
  [[nodiscard]] virtual std::optional<ActuatorStatus> actuator(std::string_view id) const = 0;

  /// Reads one sensor now, beside its schedule. Nothing for one that was read within the last second.
  virtual void read(std::string_view sensor) = 0;
  /// `command` as on a command topic. Answered exactly once, at once or later; an unknown actuator is a refusal too.
  virtual void set(std::string_view actuator, std::string_view command,
                   std::function<void(const SetOutcome&)> done) = 0;
};

}  // namespace b2m::dbus

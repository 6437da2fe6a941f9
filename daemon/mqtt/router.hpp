// Which actuator, or total of a sensor, an incoming message is for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/mqtt/command_payload.hpp"
#include "daemon/mqtt/link.hpp"

namespace b2m {

struct Route {
  enum class To : std::uint8_t { actuator, sensor };
  To to;
  std::size_t index;  ///< into the actuators or sensors the router was made from
  CommandForm form = CommandForm::set;
};

/// A command topic "x/set" is accompanied by "x/set_on_ms" and "x/set_off_ms"; any other command topic stands alone. A
/// filter that matches the state topic, the result topic or an answer of the gateway is no danger: the session keeps
/// own messages back. Pure. Loop only.
class Router {
 public:
  Router() = default;
  explicit Router(std::span<const ActuatorConfig> actuators, std::span<const SensorConfig> sensors = {});

  /// None when the topic commands nothing.
  [[nodiscard]] std::optional<Route> route(std::string_view topic) const;
  /// What to subscribe to, each filter once.
  [[nodiscard]] std::vector<Subscription> subscriptions() const;

 private:
  struct Entry {
    std::string filter;  ///< as configured
    Route route;
    int qos;
  };
  std::vector<Entry> entries_;
};

}  // namespace b2m

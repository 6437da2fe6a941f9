// The gateway put together: the only place that knows every part.
#pragma once

#include <functional>
#include <memory>

#include "daemon/app/command_intake.hpp"
#include "daemon/app/devices.hpp"
#include "daemon/app/health_reporter.hpp"
#include "daemon/app/requests.hpp"
#include "daemon/config/model.hpp"
#include "daemon/flow/display_runner.hpp"
#include "daemon/flow/rule_runner.hpp"
#include "daemon/mqtt/link.hpp"
#include "daemon/mqtt/publisher.hpp"
#include "daemon/mqtt/router.hpp"
#include "daemon/mqtt/session.hpp"

namespace b2m {

/// One board, one broker, all devices of one configuration. Loop only.
class Gateway {
 public:
  /// What a stop may take in all, whatever hangs.
  static constexpr std::chrono::milliseconds stop_limit{2500};

  /// `kept` outlives it, and so does `store`, where readings are kept beyond the memory; null: nowhere.
  Gateway(EventLoop& loop, Config config, std::shared_ptr<Board> board, std::unique_ptr<Link> link, KeptValues& kept,
          bool simulated, OutboxStore* store = nullptr);

  /// Neither waits for the broker nor for any device.
  void start();
  /// Drives the exit states, says good-bye to the broker, ends the workers. `done` is called within stop_limit; false
  /// when something hung and had to be left behind.
  void stop(std::function<void(bool clean)> done);

  [[nodiscard]] LinkStatus link_status() const { return session_.status(); }

 private:
  [[nodiscard]] SensorSink sensor_sink();
  [[nodiscard]] ActuatorSink actuator_sink();
  void add_requests(bool simulated);
  void on_message(const Message& message, bool retained);
  void leave();

  EventLoop& loop_;
  const Config config_;
  std::unique_ptr<Link> link_;
  Session session_;
  Publisher publisher_;
  Devices devices_;
  Commander commander_;
  Router router_;
  CommandIntake commands_;
  RuleRunner rules_;
  DisplayRunner displays_;
  Requests requests_;
  HealthReporter health_;
  Timer stop_timer_;
  SteadyTime stop_deadline_{};
  std::function<void(bool)> stopped_;
};

}  // namespace b2m

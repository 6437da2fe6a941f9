// The gateway put together: the only place that knows every part.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/app/bus_view.hpp"
#include "daemon/app/command_intake.hpp"
#include "daemon/app/devices.hpp"
#include "daemon/app/health_reporter.hpp"
#include "daemon/app/home_assistant.hpp"
#include "daemon/app/requests.hpp"
#include "daemon/config/model.hpp"
#include "daemon/config/reload_report.hpp"
#include "daemon/flow/display_runner.hpp"
#include "daemon/flow/rule_runner.hpp"
#include "daemon/mqtt/link.hpp"
#include "daemon/mqtt/publisher.hpp"
#include "daemon/mqtt/router.hpp"
#include "daemon/mqtt/session.hpp"

namespace b2m {

/// One board, one broker, all devices of the configuration in use. Loop only.
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

  /// Whether the wall clock is synchronised has changed.
  void clock_changed();

  /// What the D-Bus service shows.
  [[nodiscard]] dbus::GatewayPort& bus_view() noexcept { return bus_view_; }
  /// Uses this checked configuration from now on. What is the same in it is not touched: devices go on as they are, the
  /// broker connection stands. Returns what takes effect only at the next start, as `check` would say it. Between
  /// start() and stop().
  std::vector<std::string> change(Config next);
  /// Who answers a request to load the configuration again that comes over MQTT.
  void on_reload_request(std::function<ReloadReport()> reload) { reload_ = std::move(reload); }
  /// Tells everybody what became of the newest attempt to load a configuration, on {base}/status/config.
  void tell(const ReloadReport& report);

  [[nodiscard]] const Config& config() const noexcept { return config_; }
  [[nodiscard]] bool stopping() const noexcept { return static_cast<bool>(stopped_); }
  [[nodiscard]] const Devices& devices() const noexcept { return devices_; }
  [[nodiscard]] LinkStatus link_status() const { return session_.status(); }

 private:
  [[nodiscard]] SensorSink sensor_sink();
  [[nodiscard]] ActuatorSink actuator_sink();
  void add_requests();
  void clear_topics(const Config& next, const ConfigChange& change);
  void forget_ended(const ConfigChange& change);
  void take_configuration(const ConfigChange& change);
  void start_new(const ConfigChange& change);
  void subscribe();
  [[nodiscard]] Requests::Answer reload();
  [[nodiscard]] Requests::Answer read(const nlohmann::json& request);
  void on_message(const Message& message, bool retained);
  void leave();

  EventLoop& loop_;
  const WallTime started_ = WallClock::now();
  Config config_;
  const bool simulated_;
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
  HomeAssistant home_assistant_;
  BusView bus_view_;
  Timer stop_timer_;
  SteadyTime stop_deadline_{};
  std::function<void(bool)> stopped_;
  std::function<ReloadReport()> reload_;
};

}  // namespace b2m

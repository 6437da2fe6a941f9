#include "daemon/app/gateway.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/app/config_change.hpp"
#include "daemon/app/info.hpp"
#include "daemon/app/reading_topics.hpp"
#include "daemon/config/suggest.hpp"
#include "daemon/flow/clock.hpp"
#include "daemon/log/log.hpp"

namespace b2m {
namespace {

using std::chrono::milliseconds;

// The exit states get this much of the stop; the rest is the broker's and the workers'.
constexpr milliseconds exit_state_limit{700};
constexpr milliseconds worker_limit{300};

std::uint64_t milliseconds_since_epoch(WallTime time) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count());
}

PayloadContext payload_context(const Config& config, WallTime started) {
  return {.name = config.name,
          .hostname = config.hostname,
          .machine_id = config.machine_id,
          .base = config.mqtt.base_topic,
          .run_ms = milliseconds_since_epoch(started)};
}

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', '|');
  return text;
}

}  // namespace

Gateway::Gateway(EventLoop& loop, Config config, std::shared_ptr<Board> board, std::unique_ptr<Link> link,
                 KeptValues& kept, bool simulated, OutboxStore* store)
    : loop_(loop),
      config_(std::move(config)),
      simulated_(simulated),
      link_(std::move(link)),
      session_(loop, *link_, config_.mqtt, config_.outbox, {}, store),
      publisher_(session_, config_.mqtt.base_topic, payload_context(config_, started_)),
      devices_(loop, config_, std::move(board), kept, sensor_sink(), actuator_sink()),
      commander_(devices_.actuators()),
      router_(config_.actuators, config_.sensors),
      commands_(
          router_, commander_,
          [this](std::size_t sensor) -> EdgeDevice& { return *devices_.find_edge(config_.sensors.at(sensor).id); },
          publisher_),
      rules_(loop, config_.rules, commander_),
      displays_(loop, config_.actuators,
                [this](const std::string& display, const std::string& text) {
                  // Of a real one everybody sees it.
                  if (simulated_) log::info({.device = display}, "shows: {}", on_one_line(text));
                  devices_.show(display, text);
                }),
      requests_(publisher_, config_.mqtt.base_topic),
      health_(loop, devices_, rules_, session_, publisher_),
      home_assistant_(loop, config_, devices_, session_, kept),
      bus_view_(config_, devices_, commander_, commands_, rules_, session_),
      stop_timer_(loop, [this] { leave(); }) {
  devices_.give_commands_by(
      [this](const std::string& actuator, const Command& command, Source source, Commander::Answer answer) {
        commander_.command(commander_.find(actuator).value(), command, source, std::move(answer));
      });
  session_.on_message([this](const Message& message, bool retained) { on_message(message, retained); });
  session_.on_connection([this](bool connected) {
    commander_.broker(connected);
    home_assistant_.connected(connected);
    if (connected) health_.publish();
    bus_view_.gateway_changed();
  });
  add_requests();
  home_assistant_.start();
  publisher_.info(info_json(config_, simulated_));
}

SensorSink Gateway::sensor_sink() {
  return {.measured =
              [this](const SensorConfig& sensor, std::span<const Channel> channels, const Measurement& measurement) {
                home_assistant_.measured(sensor, channels, measurement);
                publisher_.measurement(sensor, channels, measurement);
                rules_.measured(sensor, channels, measurement);
                bus_view_.measured(sensor, channels, measurement);
                displays_.measured(sensor, channels, measurement);
              },
          .availability =
              [this](const SensorConfig& sensor, bool online) {
                publisher_.availability(sensor, online);
                rules_.online(sensor.id, online);
                bus_view_.sensor_changed(sensor.id);
                displays_.online(sensor, online);
              },
          .happened =
              [this](const SensorConfig& sensor, std::string_view event, const Moment& moment) {
                publisher_.event(sensor, event, moment);
                rules_.happened(sensor, event);
              }};
}

ActuatorSink Gateway::actuator_sink() {
  return {.reached =
              [this](const ActuatorConfig& actuator, const ActuatorState& state) {
                publisher_.actuator_state(actuator, state);
                rules_.reached(actuator, state);
                bus_view_.reached(actuator);
              },
          .availability =
              [this](const ActuatorConfig& actuator, bool online) {
                publisher_.actuator_availability(actuator, online);
                rules_.online(actuator.id, online);
                bus_view_.actuator_changed(actuator.id);
              }};
}

void Gateway::add_requests() {
  requests_.answer("ping", [](const nlohmann::json&) { return nlohmann::json("pong"); });
  requests_.answer("health", [this](const nlohmann::json&) { return to_json(health_.report()); });
  requests_.answer("info", [this](const nlohmann::json&) { return info_json(config_, simulated_); });
  requests_.answer("reload", [this](const nlohmann::json&) { return reload(); });
  requests_.answer("read", [this](const nlohmann::json& request) { return read(request); });
}

void Gateway::start() {
  subscribe();
  session_.start();
  devices_.start();
  rules_.start();
  displays_.start();
  health_.start();
}

void Gateway::subscribe() {
  auto subscriptions = router_.subscriptions();
  subscriptions.push_back(requests_.subscription());
  for (auto& subscription : home_assistant_.subscriptions()) subscriptions.push_back(std::move(subscription));
  session_.set_subscriptions(std::move(subscriptions));
}

std::vector<std::string> Gateway::change(Config next) {
  auto late = put_off(config_, next);
  const auto change = compare(config_, next);
  clear_topics(next, change);
  devices_.change(next, change);
  config_ = std::move(next);
  forget_ended(change);
  take_configuration(change);
  start_new(change);
  return late;
}

/// What was told of devices that have ended, and asked of those that are gone.
void Gateway::forget_ended(const ConfigChange& change) {
  for (const auto* devices : {&change.sensors, &change.actuators})
    for (const auto& id : devices->ended) rules_.forget(id);
  for (const auto& id : change.sensors.ended) displays_.forget(id);
  for (const auto& id : change.actuators.ended) {
    if (change.actuators.started.contains(id)) continue;
    commander_.forget(id);
    commands_.forget(id);
  }
}

/// Gives everybody but the devices the configuration in use.
void Gateway::take_configuration(const ConfigChange& change) {
  router_ = Router(config_.actuators, config_.sensors);
  rules_.change(config_.rules);
  displays_.change(config_.actuators, change.actuators.ended);
  publisher_.change(config_.mqtt.base_topic, payload_context(config_, started_));
  requests_.set_base_topic(config_.mqtt.base_topic);
  home_assistant_.changed();
  subscribe();
  session_.set_replay(config_.outbox);
  if (change.link) session_.change(config_.mqtt);
}

void Gateway::start_new(const ConfigChange& change) {
  devices_.start();
  // What is new does not know of the broker yet.
  for (const auto& id : change.actuators.started) devices_.find_actuator(id)->broker(session_.status().connected);
  rules_.start();
  displays_.start();
  publisher_.info(info_json(config_, simulated_));
  health_.publish();
  bus_view_.devices_changed(change.sensors, change.actuators);
}

/// What the broker retains of that is no longer told. A reading's topic is cleared in the row of its readings.
void Gateway::clear_topics(const Config& next, const ConfigChange& change) {
  const auto kept = state_topics(next);
  for (const auto& topic : state_topics(config_))
    if (!kept.contains(topic)) session_.clear_state(topic);
  const auto now = this_moment();
  for (const auto& topic : reading_topics_gone(devices_, next, change.sensors))
    session_.publish_reading(
        {.message = {topic, {}, 1, true}, .taken = {.wall = now.wall, .monotonic = now.monotonic}});
}

Requests::Answer Gateway::reload() {
  if (!reload_) return tl::unexpected(Requests::Refused{{"unsupported", "the configuration cannot be loaded again"}});
  auto report = reload_();
  if (report.accepted) return nlohmann::json{{"warnings", std::move(report.diagnostics)}};
  return tl::unexpected(Requests::Refused{
      {"configuration", "the configuration has errors; the one before stays in use"}, std::move(report.diagnostics)});
}

/// All sensors, or the one that is named.
Requests::Answer Gateway::read(const nlohmann::json& request) {
  const auto sensor = request.find("sensor");
  if (sensor == request.end()) return devices_.read_all_now();
  const auto* id = sensor->get_ptr<const std::string*>();
  const auto refuse = [](const char* error, std::string message) {
    return tl::unexpected(Requests::Refused{{error, std::move(message)}});
  };
  if (id == nullptr)
    return refuse("invalid_sensor", fmt::format("\"sensor\" is a text, the id of a sensor, not {}", sensor->dump()));
  if (devices_.read_now(*id)) return 1;
  std::vector<std::string_view> ids;
  for (const auto& config : config_.sensors) ids.push_back(config.id);
  const auto meant = did_you_mean(*id, ids);
  return refuse("unknown_sensor", fmt::format("no sensor is called \"{}\"{}{}", *id, meant.empty() ? "" : "; ", meant));
}

void Gateway::tell(const ReloadReport& report) {
  nlohmann::json status{{"status", report.accepted ? "ok" : "refused"}, {"time", format_time(WallClock::now())}};
  if (!report.diagnostics.empty()) status[report.accepted ? "warnings" : "errors"] = report.diagnostics;
  publisher_.config_status(status);
}

void Gateway::clock_changed() {
  session_.clock_changed();
  bus_view_.gateway_changed();
}

void Gateway::on_message(const Message& message, bool retained) {
  if (commands_.take(message, retained) || requests_.take(message, retained) || home_assistant_.take(message, retained))
    return;
  log::debug({}, "a message on {} is for nobody", message.topic);
}

void Gateway::stop(std::function<void(bool)> done) {
  stopped_ = std::move(done);
  rules_.stop();
  displays_.stop();
  stop_deadline_ = SteadyClock::now() + stop_limit;
  stop_timer_.arm_after(exit_state_limit);
  devices_.stop([this] { stop_timer_.arm(SteadyClock::now()); });
}

/// After the exit states, or when they take too long.
void Gateway::leave() {
  session_.stop(
      [this] {
        const bool clean = devices_.join_until(stop_deadline_);
        if (!clean) log::warning({}, "a bus still hangs; it is left behind");
        stopped_(clean);
      },
      stop_deadline_ - worker_limit);
}

}  // namespace b2m

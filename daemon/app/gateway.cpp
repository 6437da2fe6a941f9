#include "daemon/app/gateway.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/app/info.hpp"
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

PayloadContext payload_context(const Config& config) {
  return {.name = config.name,
          .hostname = config.hostname,
          .machine_id = config.machine_id,
          .base = config.mqtt.base_topic,
          .run_ms = milliseconds_since_epoch(WallClock::now())};
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
      link_(std::move(link)),
      session_(loop, *link_, config_.mqtt, config_.outbox, {}, store),
      publisher_(session_, config_.mqtt.base_topic, payload_context(config_)),
      devices_(loop, config_, std::move(board), kept, sensor_sink(), actuator_sink()),
      commander_(devices_.actuators()),
      router_(config_.actuators, config_.sensors),
      commands_(
          router_, commander_,
          [this](std::size_t sensor) -> EdgeDevice& { return *devices_.find_edge(config_.sensors.at(sensor).id); },
          publisher_),
      rules_(loop, config_.rules, commander_),
      displays_(loop, config_.actuators,
                [this, simulated](const ActuatorConfig& display, const std::string& text) {
                  // Of a real one everybody sees it.
                  if (simulated) log::info({.device = display.id}, "shows: {}", on_one_line(text));
                  devices_.show(display, text);
                }),
      requests_(publisher_, config_.mqtt.base_topic),
      health_(loop, devices_, rules_, session_, publisher_),
      stop_timer_(loop, [this] { leave(); }) {
  devices_.give_commands_by(
      [this](std::size_t actuator, const Command& command, Source source, Commander::Answer answer) {
        commander_.command(actuator, command, source, std::move(answer));
      });
  session_.on_message([this](const Message& message, bool retained) { on_message(message, retained); });
  session_.on_connection([this](bool connected) {
    commander_.broker(connected);
    if (connected) health_.publish();
  });
  add_requests(simulated);
  publisher_.info(info_json(config_, simulated));
}

SensorSink Gateway::sensor_sink() {
  return {.measured =
              [this](const SensorConfig& sensor, std::span<const Channel> channels, const Measurement& measurement) {
                publisher_.measurement(sensor, channels, measurement);
                rules_.measured(sensor, channels, measurement);
                displays_.measured(sensor, channels, measurement);
              },
          .availability =
              [this](const SensorConfig& sensor, bool online) {
                publisher_.availability(sensor, online);
                rules_.online(sensor.id, online);
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
              },
          .availability =
              [this](const ActuatorConfig& actuator, bool online) {
                publisher_.actuator_availability(actuator, online);
                rules_.online(actuator.id, online);
              }};
}

void Gateway::add_requests(bool simulated) {
  requests_.answer("ping", [] { return nlohmann::json("pong"); });
  requests_.answer("health", [this] { return to_json(health_.report()); });
  requests_.answer("info", [this, simulated] { return info_json(config_, simulated); });
  requests_.answer("read", [this] {
    for (const auto& sensor : devices_.sensors()) sensor->read_now();
    for (const auto& sensor : devices_.edges()) sensor->read_now();
    return nlohmann::json(devices_.sensors().size() + devices_.edges().size());
  });
}

void Gateway::start() {
  auto subscriptions = router_.subscriptions();
  subscriptions.push_back(requests_.subscription());
  session_.set_subscriptions(std::move(subscriptions));
  session_.start();
  devices_.start();
  rules_.start();
  displays_.start();
  health_.start();
}

void Gateway::on_message(const Message& message, bool retained) {
  if (commands_.take(message, retained) || requests_.take(message, retained)) return;
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

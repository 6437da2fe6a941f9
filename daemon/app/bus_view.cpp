#include "daemon/app/bus_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "daemon/app/version.hpp"
#include "daemon/flow/clock.hpp"
#include "daemon/mqtt/payload.hpp"

namespace b2m {
namespace {

// A reading that is asked for again sooner than this is new enough, so that nobody can wear out a part or a bus.
constexpr std::chrono::seconds new_enough{1};

/// The number that is published, or on and off.
dbus::Value published(Quantity quantity, double value) {
  if (quantity == Quantity::state) return value != 0;
  const auto text = format_value(quantity, value);
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

dbus::RuleStatus describe_rule(const Rules& rules, std::size_t index) {
  const auto& status = rules.status(index);
  return {.name = rules.rules()[index].name,
          .state = std::string(name(status.branch)),
          .why = status.why,
          .fired = status.fired};
}

}  // namespace

/// In the order of the channels, which a part may change when it is started again.
std::vector<BusView::Newest> BusView::arrange(std::vector<Newest> known, std::span<const Channel> channels) {
  std::vector<Newest> arranged;
  for (const auto& channel : channels) {
    const auto at =
        std::find_if(known.begin(), known.end(), [&](const auto& newest) { return newest.channel == channel.key; });
    arranged.push_back(at != known.end() ? std::move(*at) : Newest{channel.key, info(channel.quantity).unit});
  }
  return arranged;
}

// ---- what the devices tell ----

void BusView::measured(const SensorConfig& sensor, std::span<const Channel> channels, const Measurement& measurement) {
  auto& known = newest_[sensor.id];
  const bool same =
      std::equal(known.begin(), known.end(), channels.begin(), channels.end(),
                 [](const Newest& newest, const Channel& channel) { return newest.channel == channel.key; });
  if (!same) known = arrange(std::move(known), channels);
  for (const auto& reading : measurement.readings) {
    const auto quantity = channels[reading.channel].quantity;
    known[reading.channel].value = reading.value.map([&](double value) { return published(quantity, value); });
    known[reading.channel].moment = measurement.moment;
  }
  last_read_[sensor.id] = measurement.moment.monotonic;
  sensor_changed(sensor.id);
  gateway_changed();  // the queue
}

void BusView::sensor_changed(std::string_view id) {
  if (listener_ != nullptr) listener_->sensor_changed(id);
}

void BusView::reached(const ActuatorConfig& actuator) {
  reached_[actuator.id] = this_moment();
  actuator_changed(actuator.id);
  gateway_changed();  // the rules
}

void BusView::actuator_changed(std::string_view id) {
  if (listener_ != nullptr) listener_->actuator_changed(id);
}

void BusView::gateway_changed() {
  if (listener_ != nullptr) listener_->gateway_changed();
}

void BusView::devices_changed(const DeviceChange& sensors, const DeviceChange& actuators) {
  std::erase_if(newest_, [&](const auto& entry) { return sensors.ended.contains(entry.first); });
  std::erase_if(last_read_, [&](const auto& entry) { return sensors.ended.contains(entry.first); });
  std::erase_if(reached_, [&](const auto& entry) { return actuators.ended.contains(entry.first); });
  if (listener_ != nullptr) listener_->devices_changed();
}

// ---- what the bus shows ----

dbus::GatewayStatus BusView::gateway() const {
  auto link = session_.status();
  dbus::GatewayStatus status{.version = std::string(version()),
                             .name = config_.name,
                             .board = config_.board,
                             .started = started_,
                             .connected = link.connected,
                             .broker = std::move(link.broker),
                             .link_since = link.since.value_or(WallTime{}),
                             .link_error = std::move(link.last_error),
                             .queued = link.queued,
                             .published = link.published,
                             .dropped = {link.dropped.begin(), link.dropped.end()},
                             .clock_synchronised = clock_synchronised()};
  const auto& rules = rules_.rules();
  for (std::size_t i = 0; i < rules.rules().size(); ++i) status.rules.push_back(describe_rule(rules, i));
  return status;
}

std::vector<std::string> BusView::sensors() const {
  std::vector<std::string> ids;
  for (const auto& device : devices_.sensors()) ids.push_back(device->config().id);
  for (const auto& device : devices_.edges()) ids.push_back(device->config().id);
  for (const auto& device : devices_.computed()) ids.push_back(device->config().id);
  return ids;
}

std::vector<std::string> BusView::actuators() const {
  std::vector<std::string> ids;
  for (const auto& device : devices_.actuators()) ids.push_back(device->config().id);
  return ids;
}

template <class Device>
dbus::SensorStatus BusView::describe(const Device& device) const {
  dbus::SensorStatus status{.id = device.config().id,
                            .driver = std::string(device.config().driver.name()),
                            .state = std::string(name(device.state())),
                            .online = device.online(),
                            .error = device.last_error() ? to_string(*device.last_error()) : "",
                            .good = device.counters().good,
                            .failed = device.counters().failed};
  const auto known = newest_.find(status.id);
  if (known == newest_.end()) return status;
  for (const auto& newest : known->second) {
    status.units.emplace_back(newest.channel, newest.unit);
    if (!newest.value) continue;
    if (*newest.value) {
      status.readings.emplace_back(newest.channel, **newest.value);
    } else {
      status.errors.emplace_back(newest.channel, to_string(newest.value->error()));
    }
    status.times.emplace_back(newest.channel, newest.moment.wall);
    status.times_monotonic.emplace_back(newest.channel, newest.moment.monotonic);
  }
  return status;
}

std::optional<dbus::SensorStatus> BusView::sensor(std::string_view id) const {
  std::optional<dbus::SensorStatus> status;
  const auto look = [&](const auto& devices) {
    const auto at =
        std::find_if(devices.begin(), devices.end(), [&](const auto& one) { return one->config().id == id; });
    if (at != devices.end()) status = describe(**at);
  };
  look(devices_.sensors());
  if (!status) look(devices_.edges());
  if (!status) look(devices_.computed());
  return status;
}

std::optional<dbus::ActuatorStatus> BusView::actuator(std::string_view id) const {
  const auto index = commander_.find(id);
  if (!index) return std::nullopt;
  const auto& device = commander_.actuator(*index);
  const auto& output = device.config().output();
  dbus::ActuatorStatus status{.id = device.config().id,
                              .driver = std::string(device.config().driver.name()),
                              .state = std::string(name(device.device_state())),
                              .unit = output.kind == ActuatorKind::range ? std::string(output.unit) : "",
                              .error = device.last_error() ? to_string(*device.last_error()) : ""};
  if (!device.state()) return status;
  status.output = format_state(*device.state());
  status.cause = name(device.cause());
  if (const auto reached = reached_.find(id); reached != reached_.end()) {
    status.since = reached->second.wall;
    status.since_monotonic = reached->second.monotonic;
  }
  return status;
}

// ---- what the bus asks for ----

void BusView::read(std::string_view sensor) {
  const auto now = SteadyClock::now();
  const auto [last, is_first] = last_read_.try_emplace(std::string(sensor), now);
  if (!is_first && now - last->second < new_enough) return;
  last->second = now;
  devices_.read_now(sensor);
}

void BusView::set(std::string_view actuator, std::string_view command,
                  std::function<void(const dbus::SetOutcome&)> done) {
  const auto index = commander_.find(actuator);
  if (!index)
    return done({.refusal = Refusal{"unknown_actuator", fmt::format("no actuator is called \"{}\"", actuator)}});
  commands_.give(*index, command, [done = std::move(done)](const Outcome& outcome) {
    done({.output = outcome.state ? format_state(*outcome.state) : "", .refusal = outcome.refusal});
  });
}

}  // namespace b2m

#include "daemon/app/home_assistant.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "daemon/app/version.hpp"
#include "daemon/board/board_table.hpp"
#include "daemon/log/log.hpp"

namespace b2m {
namespace {

constexpr std::string_view kept_topic = "homeassistant/topic";
constexpr int discovery_qos = 1;
/// What Home Assistant is given to subscribe to a new device. It also bounds how often it is told everything.
constexpr auto subscribing = std::chrono::seconds(2);
/// Sensors are read for the first time one after the other: one message for as many as possible.
constexpr auto gathering = std::chrono::milliseconds(250);

std::size_t fingerprint(std::span<const Channel> channels) {
  std::size_t result = channels.size();
  for (const auto& channel : channels)
    result = result * 31 + (std::hash<std::string_view>{}(channel.key) ^ static_cast<std::size_t>(channel.quantity));
  return result;
}

}  // namespace

HomeAssistant::HomeAssistant(EventLoop& loop, const Config& config, const Devices& devices, Session& session,
                             KeptValues& kept)
    : config_(config),
      devices_(devices),
      session_(session),
      kept_(kept),
      publish_timer_(loop, [this] { publish(); }),
      values_timer_(loop, [this] { tell_values(); }) {}

void HomeAssistant::start() {
  const auto before = kept_.find(kept_topic).value_or("");
  note_topic();
  if (!before.empty() && before != topic_) session_.clear_state(before);
  publish();
}

/// Remembers it beyond this process, which may come back with another name, prefix, or without this section.
void HomeAssistant::note_topic() {
  topic_ = discovery_topic(config_);
  if (kept_.find(kept_topic).value_or("") != topic_) kept_.keep(kept_topic, topic_);
}

void HomeAssistant::changed() {
  const auto before = topic_;
  note_topic();
  if (before != topic_) {  // what was retained there is cleared with the gateway's other topics
    if (connected_ && !before.empty() && config_.mqtt.no_retain)
      session_.publish_event({before, {}, discovery_qos, false});
    told_.clear();
  }
  publish();
}

void HomeAssistant::measured(const SensorConfig& sensor, std::span<const Channel> channels,
                             const Measurement& measurement) {
  // Before it has been read, every reading says why it cannot be.
  const bool read = channels.empty() || std::any_of(measurement.readings.begin(), measurement.readings.end(),
                                                    [](const Reading& reading) { return reading.value.has_value(); });
  if (topic_.empty() || !read) return;
  const auto told = told_channels_.find(sensor.id);
  const bool same = told != told_channels_.end() && told->second == fingerprint(channels);
  if (!same && !publish_timer_.armed()) publish_timer_.arm_after(gathering);
}

void HomeAssistant::publish() {
  publish_timer_.cancel();
  const auto before = std::exchange(told_channels_, {});
  if (topic_.empty()) return;
  const auto views = sensors();
  for (const auto& view : views) {
    if (!view.known) continue;
    const auto now = *told_channels_.emplace(view.config.id, fingerprint(view.channels)).first;
    if (const auto at = before.find(now.first); at == before.end() || *at != now) fresh_.insert(now.first);
  }
  const auto* board = find_board(config_.board);
  const DiscoverySource source{.config = config_,
                               .version = version(),
                               .board = board == nullptr ? std::string_view(config_.board) : board->title,
                               .sensors = views};
  auto now = discover(source);
  if (const auto removed = gone(now, views); !removed.empty()) {
    removal_waits_ = !connected_;
    if (connected_) {
      session_.publish_event({topic_, discover(source, removed).payload, discovery_qos, false});
      for (const auto& [key, platform] : removed) told_.erase(key);
    }
  }
  told_.merge(now.components);
  session_.publish_ahead({topic_, std::move(now.payload), discovery_qos, true});
  if (connected_ && (config_.mqtt.no_retain || !fresh_.empty()) && !values_timer_.armed())
    values_timer_.arm_after(subscribing);
}

/// What was told and is no more; not the channels of a sensor that are only known when it is read, and may be the same.
DiscoveryComponents HomeAssistant::gone(const Discovery& now, std::span<const SensorView> sensors) const {
  DiscoveryComponents result;
  for (const auto& component : told_) {
    const auto may_come = [&](const SensorView& sensor) {
      return !sensor.known && is_channel_of(component.first, sensor.config.id);
    };
    if (!now.components.contains(component.first) && std::none_of(sensors.begin(), sensors.end(), may_come))
      result.insert(component);
  }
  return result;
}

std::vector<Subscription> HomeAssistant::subscriptions() const {
  if (!config_.homeassistant) return {};
  return {{.filter = config_.homeassistant->status_topic, .qos = 1, .prompt = false},
          {.filter = discovery_topic(config_), .qos = discovery_qos, .no_local = true, .prompt = false}};
}

bool HomeAssistant::take(const Message& message, bool retained) {
  if (topic_.empty()) return false;
  if (message.topic == topic_) {
    if (retained && !message.payload.empty()) take_earlier(message.payload);
    return true;
  }
  if (message.topic != config_.homeassistant->status_topic) return false;
  // It has started. What is retained it gets from the broker; the rest, once it has subscribed.
  if (retained || message.payload != "online" || std::exchange(home_started_, true)) return true;
  publish();
  values_timer_.arm_after(subscribing);
  return true;
}

/// What the broker has retained of an earlier process, or of this one before a loss.
void HomeAssistant::take_earlier(const std::string& payload) {
  auto earlier = parse_discovery(payload);
  if (!earlier)
    return log::warning({}, "mqtt: what is retained on {} ({} bytes) is no message of this gateway and is replaced",
                        topic_, payload.size());
  told_.merge(*earlier);
  publish();
}

void HomeAssistant::connected(bool connected) {
  connected_ = connected;
  if (!connected) return values_timer_.cancel();
  if (topic_.empty()) return;
  if (std::exchange(removal_waits_, false)) publish();
  if (home_started_ || config_.mqtt.no_retain || !fresh_.empty()) values_timer_.arm_after(subscribing);
}

/// What was told before somebody listened, and is not retained: the next reading may come in an hour, and a contact may
/// not move for days.
void HomeAssistant::tell_values() {
  const bool started = std::exchange(home_started_, false);
  const auto fresh = std::exchange(fresh_, {});
  if (started || config_.mqtt.no_retain) session_.repeat_states();
  const auto tell = [&](const auto& devices) {
    for (const auto& device : devices)
      if (!device->config().retain && (started || fresh.contains(device->config().id))) device->read_now();
  };
  tell(devices_.sensors());
  tell(devices_.edges());
}

std::vector<SensorView> HomeAssistant::sensors() const {
  std::vector<SensorView> views;
  const auto add = [&](const auto& devices) {
    for (const auto& device : devices) views.push_back({device->config(), device->channels()});
  };
  for (const auto& device : devices_.sensors())
    views.push_back({device->config(), device->channels(), device->knows_channels()});
  add(devices_.edges());
  add(devices_.computed());
  return views;
}

}  // namespace b2m

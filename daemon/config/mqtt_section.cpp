#include "daemon/config/mqtt_section.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/config/broker_url.hpp"
#include "daemon/config/keys.hpp"
#include "daemon/config/login_section.hpp"
#include "daemon/config/secret_file.hpp"
#include "daemon/config/topic_rules.hpp"

namespace b2m {
namespace {

using std::chrono::seconds;
constexpr seconds kept_session{7 * 86400};  // long enough for a broker's bad week

seconds whole_seconds(std::chrono::nanoseconds duration) { return std::chrono::duration_cast<seconds>(duration); }

MqttProtocol parse_protocol(const std::string& text) {
  if (text == "5") return MqttProtocol::v5;
  if (text == "3.1.1") return MqttProtocol::v3_1_1;
  if (text == "3.1") return MqttProtocol::v3_1;
  return MqttProtocol::automatic;
}

std::vector<BrokerUrl> read_brokers(const ObjectReader& mqtt, Diagnostics& diagnostics) {
  std::vector<BrokerUrl> brokers;
  if (mqtt.given("broker") && !mqtt.valid("broker")) return brokers;
  const auto& texts = mqtt.options().list("broker");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto url = parse_broker_url(texts[i]);
    if (url) {
      brokers.push_back(std::move(*url));
      continue;
    }
    const auto& written = mqtt.object().find("broker")->value;
    const bool list = written.kind == NodeKind::array;
    diagnostics.error(list ? written.items[i].place : written.place,
                      list ? fmt::format("/mqtt/broker/{}", i) : "/mqtt/broker", url.error().message, url.error().hint);
  }
  return brokers;
}

void report(const ObjectReader& reader, std::string_view key, const Problem& problem) {
  reader.error(key, problem.message, problem.hint);
}

std::string read_password(const ObjectReader& mqtt, const LoadContext& context) {
  if (mqtt.given("password") && mqtt.given("password_file")) {
    mqtt.error("password", "there is a \"password_file\" too", "keep one of the two");
    return {};
  }
  if (mqtt.valid("password_file")) {
    auto secret = read_secret(mqtt.place("password_file"), mqtt.options().text("password_file"), context.environment);
    if (secret) return std::move(*secret);
    report(mqtt, "password_file", secret.error());
  }
  if (!mqtt.valid("password")) return {};
  const auto place = mqtt.place("password");
  if (const auto is_private = check_private(*place.file); !is_private)
    mqtt.error("password", "everybody may read the file that this password stands in",
               is_private.error().hint + ", or use \"password_file\"");
  return mqtt.options().text("password");
}

/// A certificate or key, as an absolute path; that it exists is checked, what it holds is the TLS library's business.
std::string read_path(const ObjectReader& tls, std::string_view key) {
  if (!tls.valid(key)) return {};
  const auto path = beside(tls.place(key), tls.options().text(key));
  if (const auto exists = check_exists(path); !exists) report(tls, key, exists.error());
  return path.string();
}

TlsConfig read_tls(const ObjectReader& mqtt, const std::vector<BrokerUrl>& brokers, LoadContext& context) {
  const ObjectReader tls(object_or_empty(mqtt, "tls"), "/mqtt/tls", keys::tls(), context.diagnostics);
  TlsConfig config;
  config.ca = read_path(tls, "ca");
  config.cert = read_path(tls, "cert");
  config.key = read_path(tls, "key");
  config.verify = tls.options().flag("verify");
  config.min_version = tls.options().text("min_version");
  config.ciphers = tls.text_or("ciphers");
  if (tls.options().has("alpn")) config.alpn = tls.options().list("alpn");
  if (tls.given("cert") != tls.given("key"))
    tls.error(tls.given("cert") ? "cert" : "key", "a certificate and its private key come together",
              fmt::format("\"{}\" is missing", tls.given("cert") ? "key" : "cert"));
  if (!config.key.empty() && check_exists(config.key)) {
    if (const auto is_private = check_private(config.key); !is_private) report(tls, "key", is_private.error());
  }
  if (tls.valid("key_password_file")) {
    auto secret =
        read_secret(tls.place("key_password_file"), tls.options().text("key_password_file"), context.environment);
    if (secret) config.key_password = std::move(*secret);
    if (!secret) report(tls, "key_password_file", secret.error());
  }
  const bool encrypted = std::any_of(brokers.begin(), brokers.end(), is_encrypted);
  if (mqtt.given("tls") && !brokers.empty() && !encrypted)
    mqtt.warning("tls", "has no effect: no broker is reached by mqtts://, mqtts+srv:// or wss://");
  if (encrypted && !config.verify)
    tls.warning("verify", "anybody between here and the broker can read and change everything");
  return config;
}

PresenceMessage read_presence(const ObjectReader& presence, std::string payload, bool no_retain,
                              const LoadContext& context) {
  PresenceMessage message;
  message.topic = fill_text(presence, "topic", context.placeholders, check_topic);
  message.payload = std::move(payload);
  if (presence.valid("payload")) message.payload = fill_text(presence, "payload", context.placeholders);
  message.qos = static_cast<int>(presence.options().integer("qos"));
  message.retain = presence.options().flag("retain") && !no_retain;
  return message;
}

void read_will(const ObjectReader& mqtt, MqttConfig& config, LoadContext& context) {
  const ObjectReader will(object_or_empty(mqtt, "will"), "/mqtt/will", keys::will(), context.diagnostics);
  config.will = read_presence(will, "offline", config.no_retain, context);
  config.will_delay = whole_seconds(will.options().duration("delay"));
  // MQTT 5.0 §3.1.2.5: the end of the session brings the will at once.
  if (config.will_delay.count() > 0 && config.clean_session)
    will.warning("delay", "has no effect: a clean session ends with its connection, and the will is sent then",
                 "add \"clean_session\": false");
}

void read_birth(const ObjectReader& mqtt, MqttConfig& config, LoadContext& context) {
  const ObjectReader birth(object_or_empty(mqtt, "birth"), "/mqtt/birth", keys::presence(), context.diagnostics);
  config.birth = read_presence(birth, "online", config.no_retain, context);
}

void read_session(const ObjectReader& mqtt, MqttConfig& config) {
  config.clean_session = mqtt.options().flag("clean_session");
  if (!config.clean_session) config.session_expiry = kept_session;
  if (mqtt.valid("session_expiry")) {
    config.session_expiry = whole_seconds(mqtt.options().duration("session_expiry"));
    if (config.clean_session)
      mqtt.warning("session_expiry", "has no effect with a clean session", "add \"clean_session\": false");
  }
  if (!config.clean_session && !mqtt.given("client_id"))
    mqtt.error("clean_session", "a session is kept under a fixed client id", "add \"client_id\"");
}

void read_reconnect(const ObjectReader& mqtt, MqttConfig& config, LoadContext& context) {
  const ObjectReader reconnect(object_or_empty(mqtt, "reconnect"), "/mqtt/reconnect", keys::reconnect(),
                               context.diagnostics);
  config.reconnect_min = reconnect.options().duration("min");
  config.reconnect_max = reconnect.options().duration("max");
  if (config.reconnect_min > config.reconnect_max)
    reconnect.error(reconnect.given("min") ? "min" : "max",
                    fmt::format("\"min\" ({}) is longer than \"max\" ({})", format_duration(config.reconnect_min),
                                format_duration(config.reconnect_max)));
}

Checked<> check_client_id(std::string_view id) {
  if (id.empty()) return refuse("the client id is empty", "leave it out for one made of name and machine");
  if (id.size() > 65535) return refuse("the client id is longer than 65535 bytes");
  return {};
}

/// Below this the files of the database would be larger than what is in them.
constexpr std::int64_t least_disk = 256'000;

std::uint64_t read_disk(const ObjectReader& outbox) {
  const auto bytes = outbox.options().integer("disk");
  if (bytes > 0 && bytes < least_disk)
    outbox.error("disk", fmt::format("{} bytes are too little for a database", bytes),
                 fmt::format("at least \"{}kB\", or \"0B\" to keep nothing on disk", least_disk / 1000));
  return static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 0));
}

Checked<> check_replay_topic(std::string_view topic) {
  constexpr std::string_view field = "{topic}";
  const auto at = topic.find(field);
  if (at == std::string_view::npos)
    return refuse("without {topic} the readings of all sensors would share one topic", "such as \"{topic}/history\"");
  if (topic == field)
    return refuse("what waited would be taken for what is measured now", "such as \"{topic}/history\"");
  return check_topic(topic);
}

}  // namespace

MqttConfig read_mqtt(const Node& node, LoadContext& context) {
  const ObjectReader mqtt(node, "/mqtt", keys::mqtt(), context.diagnostics);
  const auto& options = mqtt.options();
  MqttConfig config;
  config.brokers = read_brokers(mqtt, context.diagnostics);
  config.protocol = parse_protocol(options.text("protocol"));
  config.client_id = fill_text(mqtt, "client_id", context.placeholders, check_client_id);
  config.username = mqtt.text_or("username");
  config.password = read_password(mqtt, context);
  if (!config.password.empty() && config.username.empty() && !mqtt.given("username") &&
      config.protocol != MqttProtocol::v5)
    mqtt.warning(mqtt.given("password") ? "password" : "password_file",
                 "before MQTT 5 a password is sent only with a user name", "add \"username\"");
  config.tls = read_tls(mqtt, config.brokers, context);
  config.keepalive = whole_seconds(options.duration("keepalive"));
  config.login = read_login(mqtt, context);
  read_session(mqtt, config);
  config.qos = static_cast<int>(options.integer("qos"));
  config.no_retain = options.flag("no_retain");
  config.retain = options.flag("retain") && !config.no_retain;
  config.max_inflight = static_cast<int>(options.integer("max_inflight"));
  if (mqtt.valid("rate_limit")) config.rate_limit = static_cast<int>(options.integer("rate_limit"));
  if (mqtt.valid("message_expiry")) config.message_expiry = whole_seconds(options.duration("message_expiry"));
  config.base_topic = fill_text(mqtt, "base_topic", context.placeholders, check_base);
  context.placeholders["base"] = config.base_topic.empty() ? "base" : config.base_topic;
  read_will(mqtt, config, context);
  read_birth(mqtt, config, context);
  read_reconnect(mqtt, config, context);
  return config;
}

OutboxConfig read_outbox(const Node& node, LoadContext& context) {
  const ObjectReader outbox(node, "/outbox", keys::outbox(), context.diagnostics);
  const auto& options = outbox.options();
  OutboxConfig config;
  config.memory = static_cast<std::size_t>(options.integer("memory"));
  config.disk_bytes = read_disk(outbox);
  config.sync = options.duration("sync");
  config.max_age = options.duration("max_age");
  config.replay = options.text("replay") == "live_first" ? ReplayMode::live_first : ReplayMode::ordered;
  config.replay_topic = fill_text(outbox, "replay_topic", context.placeholders, check_replay_topic, "topic");
  config.replay_rate = options.number("replay_rate");
  if (outbox.given("replay_topic") && config.replay == ReplayMode::ordered)
    outbox.warning("replay_topic", "has no effect: what waited is sent on its own topics",
                   "add \"replay\": \"live_first\"");
  return config;
}

}  // namespace b2m

// The reconnect machine of the session: attempts, pauses, and what every end of a connection means.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/config/broker_url.hpp"
#include "daemon/log/log.hpp"
#include "daemon/mqtt/connack.hpp"
#include "daemon/mqtt/login.hpp"
#include "daemon/mqtt/protocol.hpp"
#include "daemon/mqtt/session.hpp"

namespace b2m {
namespace {

constexpr std::size_t client_id_limit_3_1 = 23;  // MQTT 3.1 §3.1
constexpr int taken_over = 142;                  // MQTT 5.0 §3.14.2.1
constexpr int short_lives_of_a_rival = 3;

}  // namespace

void Session::start() {
  if (phase_ != Phase::idle) return;
  phase_ = Phase::pausing;
  timer_.arm(SteadyClock::now());
}

void Session::attempt() {
  phase_ = Phase::connecting;
  if (const auto* service = plan_.unknown_service()) {
    timer_.arm_after(times_.attempt);
    return link_.look_up(*service);
  }
  log::debug({}, "mqtt: connecting to {} with MQTT {}", to_string(plan_.broker()), to_string(plan_.protocol()));
  timer_.arm_after(times_.attempt);
  const auto request = connect_request();
  if (!request) return failed(request.error(), plan_.failed({}, false), true);
  link_.connect(*request);
}

tl::expected<ConnectRequest, std::string> Session::connect_request() const {
  ConnectRequest request;
  request.broker = plan_.broker();
  request.protocol = plan_.protocol();
  Credentials login{config_.client_id, config_.username, config_.password};
  if (config_.login) {
    auto computed = aliyun_credentials(*config_.login, config_.client_id, is_encrypted(request.broker));
    if (!computed) return tl::unexpected(computed.error());
    login = std::move(*computed);
  }
  request.client_id = std::move(login.client_id);
  // The end of the default client id is the machine's id, which is what makes it unique.
  if (request.protocol == MqttProtocol::v3_1 && request.client_id.size() > client_id_limit_3_1)
    request.client_id.erase(0, request.client_id.size() - client_id_limit_3_1);
  request.username = std::move(login.username);
  request.password = std::move(login.password);
  request.tls = config_.tls;
  request.keepalive = keepalive_;
  request.clean = config_.clean_session;
  request.session_expiry = config_.session_expiry;
  if (!config_.will.topic.empty()) {
    request.will = presence(config_.will);
    request.will->retain = request.will->retain && will_retained_;
    request.will->qos = std::min(request.will->qos, will_qos_);
    request.will_delay = config_.will_delay;
  }
  request.deadline = times_.attempt;
  return request;
}

/// One timer, since the session waits for one thing at a time.
void Session::on_timer() {
  switch (phase_) {
    case Phase::pausing: return attempt();
    case Phase::returning:
    case Phase::changing: link_.abandon(); return disconnected("no answer to the farewell");
    case Phase::connecting:
      link_.abandon();
      if (plan_.unknown_service() != nullptr) return on(link_event::LookedUp{{}, "DNS does not answer"});
      return on(link_event::ConnectFailed{
          .words = fmt::format("no answer within {} s", std::chrono::duration<double>(times_.attempt).count())});
    case Phase::draining: return say_farewell();
    case Phase::leaving: link_.abandon(); return finish_stop();
    case Phase::ended: return finish_stop();
    case Phase::idle:
    case Phase::connected: return;
  }
}

/// The library goes on with its own keep alive when the broker asks for a shorter one (MQTT 5.0 §3.2.2.3.14), and would
/// be thrown out: the connection is made anew with it, once in a run.
bool Session::asks_for_more_life(std::chrono::seconds keepalive) {
  if (keepalive.count() == 0 || (keepalive_.count() != 0 && keepalive >= keepalive_)) return false;
  log::info({}, "mqtt: {} asks for a keep alive of {} s; connecting again with it", to_string(plan_.broker()),
            keepalive.count());
  keepalive_ = keepalive;
  leave_for_another_attempt();
  return true;
}

void Session::leave_for_another_attempt() {
  phase_ = Phase::returning;
  timer_.arm_after(times_.attempt);
  link_.disconnect();
}

void Session::on(const link_event::Connected& event) {
  if (phase_ != Phase::connecting) return;
  if (event.limits.keepalive && asks_for_more_life(*event.limits.keepalive)) return;
  phase_ = Phase::connected;
  timer_.cancel();
  limits_ = event.limits;
  connected_at_ = SteadyClock::now();
  since_ = WallClock::now();
  // A session that the broker has kept brings what it has not delivered yet, own messages too.
  echoes_.begin_connection(event.session_present, connected_at_);
  ++connects_;
  window_ =
      std::clamp<std::size_t>(limits_.receive_maximum, 1, static_cast<std::size_t>(std::max(config_.max_inflight, 1)));
  outbox_.connected();
  plan_.succeeded();
  refused_backoff_.reset();
  log::notice({.message_id = log::id_link_up}, "mqtt: connected to {} with MQTT {}{}", to_string(plan_.broker()),
              to_string(plan_.protocol()), outbox_.empty() ? "" : fmt::format(", {} readings wait", outbox_.waiting()));
  told_error_.clear();
  publish_birth();
  granted_ = 0;
  const auto wanted = wanted_subscriptions();
  std::erase_if(stale_filters_, [&](const auto& filter) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const auto& now) { return now.filter == filter; });
  });
  if (!stale_filters_.empty()) link_.unsubscribe(std::exchange(stale_filters_, {}));
  link_.subscribe(possible(wanted));  // whatever "session present" says: brokers differ in what they mean by it
  if (plan_.second_best()) return_timer_.arm_after(return_backoff_.next(0));
  if (!plan_.second_best()) return_backoff_.reset();
  pump();
  if (on_connection_) on_connection_(true);
}

void Session::on(const link_event::LookedUp& event) {
  if (phase_ != Phase::connecting) return;
  if (!event.hosts.empty()) {
    plan_.found(event.hosts);
    return attempt();
  }
  const auto text = fmt::format("{}: {}", to_string(plan_.broker()), event.words);
  failed(text, plan_.lookup_failed(), false);
}

void Session::on(const link_event::ConnectFailed& event) {
  if (phase_ != Phase::connecting) return;
  const auto words = event.code ? connack_words(*event.code) : event.words;
  const auto text = fmt::format("{}: {}", to_string(plan_.broker()), words);
  if (event.code && give_in(*event.code)) {
    log::info({}, "mqtt: {}; trying with a will that asks for less", text);
    return attempt();
  }
  const auto version = plan_.protocol();
  const auto next = plan_.failed(event.code, event.closed_bare);
  if (next == AttemptPlan::Next::lower_version) {
    last_error_ = text;
    log::info({}, "mqtt: {}; after MQTT {} trying {}", text, to_string(version), to_string(plan_.protocol()));
    return attempt();
  }
  failed(text, next, event.code && is_refused_login(*event.code));
}

/// MQTT 5.0 §3.2.2.3.4 and .5: a will that asks for too much is a reason to refuse the whole connection.
bool Session::give_in(int code) {
  constexpr int retain_not_supported = 154;
  constexpr int qos_not_supported = 155;
  if (code == retain_not_supported && config_.will.retain) return std::exchange(will_retained_, false);
  will_qos_ = std::min(will_qos_, config_.will.qos);
  return code == qos_not_supported && will_qos_ > 0 && --will_qos_ >= 0;
}

/// An attempt has failed for this broker.
void Session::failed(const std::string& words, AttemptPlan::Next next, bool refused) {
  last_error_ = words;
  if (next == AttemptPlan::Next::next_broker) {
    const auto level = told_error_.empty() ? log::Level::info : log::Level::debug;  // an outage is told once
    log::write(level, {}, fmt::format("mqtt: {}; trying the next broker", words));
    return attempt();
  }
  ++failed_rounds_;
  tell_failure(words, refused);
  pause(refused);
}

/// The first of a streak of equal failures is told aloud.
void Session::tell_failure(const std::string& words, bool refused) {
  if (words == told_error_) return log::debug({}, "mqtt: {}", words);
  told_error_ = words;
  const log::Fields fields{.error = refused ? "refused" : "unreachable",
                           .message_id = refused ? log::id_login_refused : std::string_view()};
  log::warning(fields, "mqtt: {}; will keep trying", words);
}

void Session::pause(bool refused) {
  phase_ = Phase::pausing;
  const double jitter = std::uniform_real_distribution<double>(0, 1)(random_);
  timer_.arm_after(refused ? refused_backoff_.next(jitter) : backoff_.next(jitter));
}

void Session::on(const link_event::Lost& event) {
  // The connection may end before the news of it has made its way here.
  if (phase_ == Phase::connecting) return on(link_event::ConnectFailed{.code = event.reason, .words = event.words});
  if (!online()) return;
  follow(event.server_reference);
  disconnected(event.reason ? reason_words(*event.reason) : event.words, event.reason);
}

/// MQTT 5.0 §4.11: the broker names others, the first is taken.
void Session::follow(const std::string& server_reference) {
  if (server_reference.empty()) return;
  const auto first = server_reference.substr(0, server_reference.find(' '));
  const auto own = to_string(plan_.broker());
  const auto target = parse_broker_url(own.substr(0, own.find("://") + 3) + first);
  if (!target) return log::warning({}, "mqtt: the broker sends us to {}, which is no host", in_quotes(first));
  log::notice({}, "mqtt: {} sends us to {}", own, to_string(*target));
  redirect_ = *target;
}

/// The end of a connection that had been made.
void Session::disconnected(const std::string& words, std::optional<int> reason) {
  const auto lived = SteadyClock::now() - connected_at_;
  const bool planned = phase_ == Phase::returning || phase_ == Phase::changing;
  const bool useless = !culprit_.acknowledged() && lived < times_.settled && !planned;
  returning_ = false;
  const bool stopping = phase_ == Phase::draining || phase_ == Phase::leaving;
  give_up_culprit();
  outbox_.rewind();
  states_.rewind();
  if (!events_.empty()) dropped_["unanswered"] += events_.size();
  events_.clear();
  if (!waiting_events_.empty()) dropped_["not_connected"] += waiting_events_.size();
  waiting_events_.clear();
  for (auto* timer : {&correction_timer_, &rate_timer_, &return_timer_}) timer->cancel();
  since_ = WallClock::now();
  if (stopping) return finish_stop();
  const auto lost = to_string(plan_.broker());
  useless_ = useless && granted_ == 0 ? useless_ + 1 : 0;
  useless ? plan_.lost_at_once() : plan_.lost();
  if (redirect_) plan_.redirect(*std::exchange(redirect_, std::nullopt));
  take_change();
  if (planned) {
    if (on_connection_) on_connection_(false);
    return attempt();
  }
  last_error_ = fmt::format("{}: {}", lost, words);
  told_error_ = last_error_;
  log::warning({.error = "lost", .message_id = log::id_link_lost}, "mqtt: connection to {} lost: {}", lost, words);
  short_lives_ = lived < times_.short_lived ? short_lives_ + 1 : 0;
  if (reason != taken_over) tell_rival();
  if (lived >= times_.settled) backoff_.reset();
  // Two clients that fight for one id would otherwise throw each other out every second.
  pause(reason == taken_over);
  if (on_connection_) on_connection_(false);
}

/// Before MQTT 5 a takeover is a bare close, as is a restart of the broker; one that comes again and again is no
/// restart.
void Session::tell_rival() {
  if (short_lives_ < short_lives_of_a_rival || short_lives_ % short_lives_of_a_rival != 0) return;
  log::warning({.error = "taken_over"},
               "mqtt: {} connections in a row have lasted less than {} s: another client may have the same client id "
               "\"{}\", and they throw each other out; every gateway needs its own mqtt.client_id",
               short_lives_, std::chrono::duration_cast<std::chrono::seconds>(times_.short_lived).count(),
               config_.client_id);
}

/// A message for which the broker closes the connection is sent no more.
void Session::give_up_culprit() {
  const auto id = culprit_.lost(SteadyClock::now());
  if (!id) return;
  short_lives_ = -1;  // of this connection and those before, the reason is known
  const auto* message = outbox_.find(*id);
  if (message == nullptr) message = states_.find(*id);
  const auto topic = message != nullptr ? message->topic : config_.birth.topic;
  const auto words = fmt::format(
      "the broker closes the connection whenever a message on {} comes ({} bytes): it is not "
      "sent any more; is it too large for the broker, or the topic forbidden?",
      topic, message != nullptr ? message->payload.size() : config_.birth.payload.size());
  if (message == nullptr) birth_given_up_ = true;
  refuse(*id, "closed_by_broker", words);
  if (states_.find(topic) != nullptr) states_.forget(topic);
}

// ---- another configuration ----

void Session::change(MqttConfig config) {
  next_config_ = std::move(config);
  change_timer_.arm(SteadyClock::now());
}

void Session::begin_change() {
  if (!next_config_) return;  // the connection was lost meanwhile
  switch (phase_) {
    case Phase::idle: return take_change();
    case Phase::connecting:
    case Phase::pausing:
      link_.abandon();
      take_change();
      phase_ = Phase::pausing;
      return timer_.arm(SteadyClock::now());
    case Phase::connected: break;
    case Phase::returning:  // taken when the broker has gone
    case Phase::changing:
    case Phase::draining:
    case Phase::leaving:
    case Phase::ended: return;
  }
  log::notice({}, "mqtt: leaving {}: its configuration has changed", to_string(plan_.broker()));
  if (!config_.clean_session && next_config_->will.topic != config_.will.topic && !config_.will.topic.empty())
    link_.unsubscribe({config_.will.topic});
  phase_ = Phase::changing;
  timer_.arm_after(times_.farewell);
  if (!config_.will.topic.empty()) {
    send_event(presence(config_.will));
  } else if (inflight() == 0) {
    link_.disconnect();
  }
}

/// Everything that was learnt of the brokers before is forgotten. What was sent to them is not: they still count it.
void Session::take_change() {
  if (!next_config_) return;
  const bool elsewhere = next_config_->brokers != config_.brokers;
  config_ = std::move(*std::exchange(next_config_, std::nullopt));
  plan_ = AttemptPlan(config_.brokers, config_.protocol);
  backoff_ = Backoff(config_.reconnect_min, config_.reconnect_max);
  refused_backoff_ =
      Backoff(config_.reconnect_min, std::max<std::chrono::nanoseconds>(times_.refused_max, config_.reconnect_max));
  if (elsewhere) rate_ = RateLimit(0);
  rate_.change(config_.rate_limit);
  rate_timer_.cancel();
  const auto window = static_cast<std::size_t>(std::max(config_.max_inflight, 1));
  outbox_.set_window(window);
  states_.set_window(window);
  keepalive_ = config_.keepalive;
  will_retained_ = true;
  will_qos_ = 2;
  birth_given_up_ = false;
  useless_ = 0;
  short_lives_ = 0;
  told_error_.clear();
}

// ---- back to the first broker of the list ----

void Session::look_for_first() {
  if (phase_ != Phase::connected || !plan_.second_best()) return;
  link_.probe(plan_.first());
  return_timer_.arm_after(return_backoff_.next(0));
}

void Session::on(const link_event::Reachable&) {
  if (phase_ != Phase::connected || !plan_.second_best()) return;
  returning_ = true;
  return_if_quiet();
}

/// Nothing is on its way, so nothing is sent twice. A clean DISCONNECT brings no will.
void Session::return_if_quiet() {
  if (!returning_ || phase_ != Phase::connected) return;
  if (inflight() != 0 || !waiting_events_.empty() || !outbox_.empty()) return;
  log::notice({}, "mqtt: {} can be reached again; leaving {}", to_string(plan_.first()), to_string(plan_.broker()));
  leave_for_another_attempt();
}

}  // namespace b2m

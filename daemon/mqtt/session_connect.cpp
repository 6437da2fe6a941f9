// The reconnect machine of the session: attempts, pauses, and what every end of a connection means.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/config/broker_url.hpp"
#include "daemon/log/log.hpp"
#include "daemon/mqtt/connack.hpp"
#include "daemon/mqtt/protocol.hpp"
#include "daemon/mqtt/session.hpp"

namespace b2m {
namespace {

constexpr std::size_t client_id_limit_3_1 = 23;  // MQTT 3.1 §3.1

}  // namespace

void Session::start() {
  if (phase_ != Phase::idle) return;
  phase_ = Phase::pausing;
  timer_.arm(SteadyClock::now());
}

void Session::attempt() {
  phase_ = Phase::connecting;
  log::debug({}, "mqtt: connecting to {} with MQTT {}", to_string(plan_.broker()), to_string(plan_.protocol()));
  timer_.arm_after(times_.attempt);
  link_.connect(connect_request());
}

ConnectRequest Session::connect_request() {
  ConnectRequest request;
  request.broker = plan_.broker();
  request.protocol = plan_.protocol();
  request.client_id = config_.client_id;
  // The end of the default client id is the machine's id, which is what makes it unique.
  if (request.protocol == MqttProtocol::v3_1 && request.client_id.size() > client_id_limit_3_1)
    request.client_id.erase(0, request.client_id.size() - client_id_limit_3_1);
  request.username = config_.username;
  request.password = config_.password;
  request.tls = config_.tls;
  request.keepalive = config_.keepalive;
  request.clean = config_.clean_session;
  request.session_expiry = config_.session_expiry;
  if (!config_.will.topic.empty()) request.will = presence(config_.will);
  request.deadline = times_.attempt;
  return request;
}

/// One timer, since the session waits for one thing at a time.
void Session::on_timer() {
  switch (phase_) {
    case Phase::pausing: return attempt();
    case Phase::connecting:
      link_.abandon();
      return on(link_event::ConnectFailed{
          .words = fmt::format("no answer within {} s", std::chrono::duration<double>(times_.attempt).count())});
    case Phase::draining: return say_farewell();
    case Phase::leaving: link_.abandon(); return finish_stop();
    case Phase::ended: return finish_stop();
    case Phase::idle:
    case Phase::connected: return;
  }
}

void Session::on(const link_event::Connected& event) {
  if (phase_ != Phase::connecting) return;
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
  plan_.succeeded();
  refused_backoff_.reset();
  log::notice({.message_id = log::id_link_up}, "mqtt: connected to {} with MQTT {}{}", to_string(plan_.broker()),
              to_string(plan_.protocol()), outbox_.empty() ? "" : fmt::format(", {} readings wait", outbox_.waiting()));
  told_error_.clear();
  publish_birth();
  granted_ = 0;
  link_.subscribe(wanted_subscriptions());  // whatever "session present" says: brokers differ in what they mean by it
  pump();
  if (on_connection_) on_connection_(true);
}

void Session::on(const link_event::ConnectFailed& event) {
  if (phase_ != Phase::connecting) return;
  const auto words = event.code ? connack_words(*event.code) : event.words;
  const auto text = fmt::format("{}: {}", to_string(plan_.broker()), words);
  last_error_ = text;
  const auto level =
      told_error_.empty() ? log::Level::info : log::Level::debug;  // a long outage is not told again and again
  const auto version = plan_.protocol();
  switch (plan_.failed(event.code, event.closed_bare)) {
    case AttemptPlan::Next::lower_version:
      log::info({}, "mqtt: {}; after MQTT {} trying {}", text, to_string(version), to_string(plan_.protocol()));
      return attempt();
    case AttemptPlan::Next::next_broker:
      log::write(level, {}, fmt::format("mqtt: {}; trying the next broker", text));
      return attempt();
    case AttemptPlan::Next::pause: break;
  }
  const bool refused = event.code && is_refused_login(*event.code);
  tell_failure(text, refused);
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
  if (!online()) return;
  disconnected(event.reason ? reason_words(*event.reason) : event.words);
}

/// The end of a connection that had been made.
void Session::disconnected(const std::string& words) {
  const bool stopping = phase_ != Phase::connected;
  outbox_.rewind();
  states_.rewind();
  if (!events_.empty()) dropped_["unanswered"] += events_.size();
  events_.clear();
  correction_timer_.cancel();
  since_ = WallClock::now();
  if (stopping) return finish_stop();
  last_error_ = fmt::format("{}: {}", to_string(plan_.broker()), words);
  told_error_ = last_error_;
  log::warning({.error = "lost", .message_id = log::id_link_lost}, "mqtt: connection to {} lost: {}",
               to_string(plan_.broker()), words);
  if (SteadyClock::now() - connected_at_ >= times_.settled) backoff_.reset();
  pause(false);
  if (on_connection_) on_connection_(false);
}

}  // namespace b2m

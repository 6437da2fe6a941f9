#include "daemon/mqtt/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/config/broker_url.hpp"
#include "daemon/flow/clock.hpp"
#include "daemon/log/log.hpp"
#include "daemon/mqtt/connack.hpp"
#include "daemon/mqtt/protocol.hpp"
#include "daemon/mqtt/topics.hpp"

namespace b2m {
namespace {

constexpr std::size_t max_events =
    500;  ///< answers on their way at a time; a flood of commands must not fill the memory
constexpr int enough_useless = 2;
constexpr std::size_t packet_overhead = 64;  ///< at most, of a PUBLISH beside topic, payload and properties

std::size_t packet_size(const Message& message) {
  return message.topic.size() + message.payload.size() + message.response_topic.size() +
         message.correlation_data.size() + packet_overhead;
}

}  // namespace

Session::Session(EventLoop& loop, Link& link, MqttConfig config, const OutboxConfig& outbox, SessionTimes times,
                 OutboxStore* store)
    : link_(link),
      config_(std::move(config)),
      times_(times),
      outbox_(outbox, static_cast<std::size_t>(std::max(config_.max_inflight, 1)), store),
      states_(static_cast<std::size_t>(std::max(config_.max_inflight, 1))),
      plan_(config_.brokers, config_.protocol),
      backoff_(config_.reconnect_min, config_.reconnect_max),
      refused_backoff_(config_.reconnect_min,
                       std::max<std::chrono::nanoseconds>(times.refused_max, config_.reconnect_max)),
      timer_(loop, [this] { on_timer(); }),
      correction_timer_(loop, [this] { publish_birth(); }),
      rate_timer_(loop, [this] { settled(); }),
      return_timer_(loop, [this] { look_for_first(); }),
      replay_timer_(loop, [this] { pump(); }),
      change_timer_(loop, [this] { begin_change(); }),
      rate_(config_.rate_limit),
      keepalive_(config_.keepalive),
      return_backoff_(times.return_min, times.return_max) {
  outbox_.on_change([this] {
    tell_drops();
    pump();
  });
  link_.on_event([this](LinkEvent event) { on_link_event(std::move(event)); });
}

Session::~Session() { link_.on_event(nullptr); }

bool Session::online() const noexcept {
  return phase_ == Phase::connected || phase_ == Phase::returning || phase_ == Phase::changing ||
         phase_ == Phase::draining || phase_ == Phase::leaving;
}

std::size_t Session::inflight() const noexcept { return outbox_.inflight() + states_.inflight() + events_.size(); }

void Session::on_link_event(LinkEvent event) {
  std::visit([this](const auto& what) { on(what); }, event);
}

// ---- out ----

void Session::publish_reading(ReadingMessage reading) {
  outbox_.push(std::move(reading));
  tell_drops();
  pump();
}

/// The first of each kind.
void Session::tell_drops() {
  const auto& drops = outbox_.drops();
  const log::Fields fields{.error = "dropped", .message_id = log::id_dropped};
  if (told_drops_.full == 0 && drops.full != 0)
    log::warning(fields, "mqtt: the outbox is full; the oldest readings are dropped");
  if (told_drops_.old == 0 && drops.old != 0)
    log::warning(fields, "mqtt: readings that waited longer than outbox.max_age are dropped");
  if (told_drops_.damaged == 0 && drops.damaged != 0)
    log::warning(fields, "mqtt: {} readings that waited on disk are damaged and dropped", drops.damaged);
  told_drops_ = drops;
}

void Session::publish_state(Message message) {
  states_.set(std::move(message));
  pump();
}

void Session::publish_ahead(Message message) {
  states_.set(std::move(message), StateBoard::Place::ahead);
  pump();
}

void Session::repeat_states() {
  if (phase_ != Phase::connected) return;  // all of that follows a connect
  publish_birth();
  states_.repeat();
  pump();
}

void Session::clear_state(const std::string& topic) {
  if (config_.no_retain) return states_.forget(topic);
  states_.clear(topic, 1);
  pump();
}

void Session::publish_event(Message message) {
  if (phase_ != Phase::connected && phase_ != Phase::draining) return count_dropped("not_connected");
  if (events_.size() + waiting_events_.size() >= max_events) return count_dropped("too_many_answers");
  waiting_events_.push_back(std::move(message));
  pump();
}

void Session::count_dropped(const std::string& reason) { ++dropped_[reason]; }

void Session::clock_changed() {
  outbox_.learn_clock(this_moment());
  pump();
}

void Session::pump() {
  if (phase_ != Phase::connected && phase_ != Phase::draining) return;
  const auto now = this_moment();
  while (may_send() && pump_one(now)) continue;
  if (const auto due = outbox_.due()) replay_timer_.arm(*due);
  return_if_quiet();
}

/// Whether the broker takes one more now; a timer looks again where only time is missing.
bool Session::may_send() {
  if (inflight() >= (culprit_.one_by_one() ? 1 : window_)) return false;
  const auto next = rate_.next();
  if (next <= SteadyClock::now()) return true;
  if (!rate_timer_.armed()) rate_timer_.arm(next);
  return false;
}

/// Answers first, since somebody waits for them; then states, so that a subscriber knows who speaks before it hears
/// what was measured. False when nothing waits.
bool Session::pump_one(const Moment& now) {
  if (!waiting_events_.empty()) {
    send_event(waiting_events_.front());
    waiting_events_.pop_front();
  } else if (const auto state = states_.next(); state.message != nullptr) {
    send(state.id, *state.message, true);
  } else if (const auto* entry = outbox_.next(now); entry != nullptr) {
    auto message = entry->message;
    if (config_.message_expiry.count() > 0 && !message.expiry) message.expiry = config_.message_expiry;
    send(entry->id, std::move(message), true);
  } else {
    if (inflight() == 0) culprit_.all_sent();
    return false;
  }
  return true;
}

/// False when the broker has said that it will not take such a message; it is then settled already. `comes_again`:
/// after a loss it will be sent once more.
bool Session::send(MessageId id, Message message, bool comes_again) {
  message.qos = std::min(message.qos, limits_.maximum_qos);
  message.retain = message.retain && !config_.no_retain && limits_.retain_available;
  if (limits_.maximum_packet != 0 && packet_size(message) > limits_.maximum_packet) {
    refuse(id, "too_large",
           fmt::format("{} bytes on {} are more than the broker takes", packet_size(message), message.topic));
    return false;
  }
  const auto now = SteadyClock::now();
  remember_echo(message);
  rate_.sent(now);
  if (comes_again) culprit_.sent(id, message, now);
  link_.publish(id, message);
  return true;
}

void Session::send_event(const Message& message, bool comes_again) {
  const auto id = next_event_++;
  events_.insert(id);
  send(id, message, comes_again);
}

void Session::on(const link_event::Delivered& event) {
  if (!online()) return;
  culprit_.settled(event.id);
  if (!outbox_.acknowledge(event.id, SteadyClock::now()) && !states_.settle(event.id) && events_.erase(event.id) == 0)
    return;
  ++published_;
  settled();
}

void Session::on(const link_event::PublishFailed& event) {
  if (!online()) return;
  if (!event.reason) {  // the link is of no use although it does not say so: begin anew, and send everything again
    link_.abandon();
    return disconnected(fmt::format("cannot send: {}", event.words));
  }
  const auto* message = outbox_.find(event.id);
  if (message == nullptr) message = states_.find(event.id);
  refuse(event.id, "refused",
         fmt::format("the broker refuses a message{}{}: {}", message == nullptr ? "" : " on ",
                     message == nullptr ? "" : message->topic, reason_words(*event.reason)));
  settled();
}

/// A message that the broker will never take. States and events are counted here, readings by the outbox, too.
void Session::refuse(MessageId id, const std::string& reason, const std::string& words) {
  culprit_.settled(id);
  if (!outbox_.refuse(id) && !states_.settle(id) && events_.erase(id) == 0) return;
  ++dropped_[reason];
  if (std::exchange(told_refusal_, words) != words)
    log::warning({.error = reason, .message_id = log::id_dropped}, "mqtt: {}", words);
}

/// A place in the window has become free.
void Session::settled() {
  pump();
  if (phase_ == Phase::draining && inflight() == 0 && waiting_events_.empty() && outbox_.empty()) {
    say_farewell();
  } else if ((phase_ == Phase::leaving || phase_ == Phase::changing) && inflight() == 0) {
    link_.disconnect();
  }
}

// ---- in ----

void Session::set_subscriptions(std::vector<Subscription> subscriptions) {
  std::vector<std::string> gone;
  std::vector<Subscription> added;
  for (const auto& old : subscriptions_) {
    const bool stays = std::any_of(subscriptions.begin(), subscriptions.end(),
                                   [&](const auto& now) { return now.filter == old.filter; });
    if (!stays && old.filter != config_.will.topic) gone.push_back(old.filter);
  }
  for (const auto& now : subscriptions)
    if (std::find(subscriptions_.begin(), subscriptions_.end(), now) == subscriptions_.end()) added.push_back(now);
  subscriptions_ = std::move(subscriptions);
  if (phase_ != Phase::connected) {
    if (!config_.clean_session) stale_filters_.insert(stale_filters_.end(), gone.begin(), gone.end());
    return;
  }
  if (!gone.empty()) link_.unsubscribe(gone);
  if (auto wanted = possible(std::move(added)); !wanted.empty()) link_.subscribe(wanted);
}

/// The own status topic and what the daemon's parts want.
std::vector<Subscription> Session::wanted_subscriptions() const {
  std::vector<Subscription> wanted;
  // Not with no-local: a late will is a message of our own client id.
  if (!config_.will.topic.empty()) wanted.push_back({config_.will.topic, 1, false, false});
  wanted.insert(wanted.end(), subscriptions_.begin(), subscriptions_.end());
  return wanted;
}

/// Those the broker can take; the others are said. A shared subscription is not replaced by a plain one: every gateway
/// of the group would then carry out every command.
std::vector<Subscription> Session::possible(std::vector<Subscription> wanted) const {
  std::erase_if(wanted, [this](const Subscription& subscription) {
    const bool wildcards = bare_filter(subscription.filter).find_first_of("+#") != std::string_view::npos;
    const bool shared = is_shared(subscription.filter);
    if ((limits_.shared_available || !shared) && (limits_.wildcards_available || !wildcards)) return false;
    log::warning({.error = "subscription_refused"},
                 "mqtt: the broker has no {} subscriptions; commands on {} will not come",
                 shared && !limits_.shared_available ? "shared" : "wildcard", subscription.filter);
    return true;
  });
  // RabbitMQ keeps a QoS 1 subscription on the node that took it first, and crashes the connection that wants it from
  // another node while that one is down. At QoS 0 there is nothing to keep.
  if (useless_ >= enough_useless) {
    log::warning({.error = "subscription_refused"},
                 "mqtt: {} connections in a row have ended while subscribing; trying with QoS 0, so that commands sent "
                 "during an outage are lost",
                 useless_);
    for (auto& subscription : wanted) subscription.qos = 0;
  }
  return wanted;
}

void Session::on(const link_event::Subscribed& event) {
  const auto wanted = wanted_subscriptions();
  const auto found =
      std::find_if(wanted.begin(), wanted.end(), [&](const auto& row) { return row.filter == event.filter; });
  if (event.granted) ++granted_;
  if (!event.granted) {
    log::warning({.error = "subscription_refused"}, "mqtt: the broker refuses the subscription to {}: {}", event.filter,
                 reason_words(event.code));
  } else if (found != wanted.end() && *event.granted < found->qos) {
    log::info({}, "mqtt: the broker grants QoS {} for {}, not {}", *event.granted, event.filter, found->qos);
  }
}

void Session::on(const link_event::Incoming& event) {
  // What came just before a loss was acknowledged, and is therefore still acted on.
  if (phase_ == Phase::idle || phase_ == Phase::draining || phase_ == Phase::leaving || phase_ == Phase::ended) return;
  if (event.message.topic == config_.will.topic || event.message.topic == config_.birth.topic)
    return watch_status(event.message);
  if (is_own(event)) return;
  if (on_message_) on_message_(event.message, event.retained);
}

void Session::remember_echo(const Message& message) {
  const bool comes_back =
      std::any_of(subscriptions_.begin(), subscriptions_.end(), [&](const Subscription& subscription) {
        const bool held_back = subscription.no_local && plan_.protocol() == MqttProtocol::v5;
        return !held_back && topic_matches(bare_filter(subscription.filter), message.topic);
      });
  if (comes_back) echoes_.sent(message.topic, message.payload, SteadyClock::now());
}

bool Session::is_own(const link_event::Incoming& event) {
  const auto& message = event.message;
  if (event.retained) {  // what an earlier connection or run has left there
    const auto* state = states_.find(message.topic);
    return state != nullptr && state->payload == message.payload;
  }
  return echoes_.take(message.topic, message.payload, SteadyClock::now());
}

/// An earlier connection's will may come after this one's birth: some brokers send it when they find out, or at a
/// takeover.
void Session::watch_status(const Message& message) {
  if (message.topic != config_.will.topic || message.payload != config_.will.payload) return;
  if (phase_ != Phase::connected || correction_timer_.armed()) return;
  correction_timer_.arm(std::max(SteadyClock::now(), last_correction_ + times_.correction));
}

Message Session::presence(const PresenceMessage& message) const {
  return {message.topic, message.payload, message.qos, message.retain && !config_.no_retain};
}

void Session::publish_birth() {
  last_correction_ = SteadyClock::now();
  if (!config_.birth.topic.empty() && !birth_given_up_) send_event(presence(config_.birth), true);
}

// ---- the end ----

void Session::stop(std::function<void()> done, SteadyTime deadline) {
  on_stopped_ = std::move(done);
  stop_deadline_ = deadline;
  if (phase_ != Phase::connected) {
    link_.abandon();
    phase_ = Phase::ended;
    return timer_.arm(SteadyClock::now());
  }
  phase_ = Phase::draining;
  correction_timer_.cancel();
  return_timer_.cancel();
  pump();
  const auto now = SteadyClock::now();
  const bool nothing_waits = inflight() == 0 && waiting_events_.empty() && outbox_.empty();
  timer_.arm(nothing_waits ? now : now + std::max(deadline - now, SteadyClock::duration::zero()) * 3 / 4);
}

/// The will's message, since a clean DISCONNECT keeps the broker from sending it. What waits now stays.
void Session::say_farewell() {
  phase_ = Phase::leaving;
  timer_.arm(stop_deadline_);
  if (!config_.will.topic.empty()) {
    send_event(presence(config_.will));
  } else if (inflight() == 0) {
    link_.disconnect();
  }
}

void Session::finish_stop() {
  phase_ = Phase::ended;
  timer_.cancel();
  outbox_.rewind();
  const auto surviving = outbox_.surviving();
  if (surviving != 0) log::info({}, "mqtt: {} readings wait on disk for the next start", surviving);
  if (const auto lost = outbox_.waiting() - std::min(outbox_.waiting(), surviving); lost != 0) {
    dropped_["stopped"] += lost;
    log::warning({.error = "stopped", .message_id = log::id_dropped},
                 "mqtt: {} readings could not be sent before the end", lost);
  }
  if (const auto done = std::exchange(on_stopped_, nullptr)) done();
}

LinkStatus Session::status() const {
  LinkStatus status;
  status.connected = online();
  status.since = since_;
  status.broker = to_string(plan_.broker());
  status.protocol = plan_.protocol();
  status.limits = limits_;
  status.failed_rounds = failed_rounds_;
  status.reconnects = connects_ == 0 ? 0 : connects_ - 1;
  status.queued = outbox_.waiting();
  status.inflight = online() ? inflight() : 0;
  status.published = published_;
  status.subscribed = online() ? granted_ : 0;
  status.dropped = dropped_;
  const auto& drops = outbox_.drops();
  if (drops.full != 0) status.dropped["outbox_full"] = drops.full;
  if (drops.old != 0) status.dropped["too_old"] = drops.old;
  if (drops.damaged != 0) status.dropped["damaged"] = drops.damaged;
  if (link_.incoming_dropped() != 0) status.dropped["incoming_flood"] = link_.incoming_dropped();
  status.last_error = last_error_;
  return status;
}

}  // namespace b2m

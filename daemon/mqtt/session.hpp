// The daemon's standing with its broker: connects, stays connected, and hands over what is to be sent and what has
// come.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_set>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/flow/reading.hpp"
#include "daemon/loop/backoff.hpp"
#include "daemon/loop/event_loop.hpp"
#include "daemon/mqtt/attempt.hpp"
#include "daemon/mqtt/culprit.hpp"
#include "daemon/mqtt/echo.hpp"
#include "daemon/mqtt/link.hpp"
#include "daemon/mqtt/outbox.hpp"
#include "daemon/mqtt/rate_limit.hpp"
#include "daemon/mqtt/state_board.hpp"

namespace b2m {

struct LinkStatus {
  bool connected = false;
  std::optional<WallTime> since = {};  ///< of the connection, or of its loss; none before the first connection
  std::string broker = {};             ///< URL without credentials
  MqttProtocol protocol = MqttProtocol::automatic;
  BrokerLimits limits = {};  ///< of the connection that stands, or of the last one
  std::uint64_t reconnects = 0;
  std::uint64_t failed_rounds = 0;  ///< times that no broker of the list could be connected to
  std::uint64_t queued = 0;         ///< readings that wait
  std::size_t inflight = 0;         ///< messages on their way
  std::uint64_t published = 0;
  std::size_t subscribed = 0;                         ///< filters that the broker has granted in this connection
  std::map<std::string, std::uint64_t> dropped = {};  ///< by reason
  std::string last_error = {};
};

/// What a session waits for; a test makes them small.
struct SessionTimes {
  std::chrono::milliseconds attempt{10'000};       ///< a broker may accept TCP and never answer
  std::chrono::milliseconds refused_max{300'000};  ///< pause after refused logins
  std::chrono::milliseconds settled{10'000};       ///< a connection that lived this long starts the pauses anew
  std::chrono::milliseconds correction{1'000};     ///< between two corrections of the status topic
  std::chrono::milliseconds short_lived{60'000};  ///< connections that end sooner, again and again, are a rival's doing
  std::chrono::milliseconds return_min{300'000};  ///< before the first look whether the first broker is there again
  std::chrono::milliseconds return_max{3'600'000};
  std::chrono::milliseconds farewell{2'000};  ///< before a connection is left for another configuration
};

/// The reconnect machine and everything that goes through it. Loop only.
class Session final : public MessageSink {
 public:
  /// `link` outlives the session, and so does `store`, where readings are kept beyond the memory; null: nowhere.
  Session(EventLoop& loop, Link& link, MqttConfig config, const OutboxConfig& outbox, SessionTimes times = {},
          OutboxStore* store = nullptr);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  using MessageHandler = std::function<void(const Message&, bool retained)>;
  /// What has come on a subscribed topic. Own messages and the own status are not among it. May be called again.
  void on_message(MessageHandler handler) { on_message_ = std::move(handler); }
  /// Called with true and false when the connection is made and lost.
  void on_connection(std::function<void(bool)> handler) { on_connection_ = std::move(handler); }

  /// The first attempt follows from the loop.
  void start();
  /// What is subscribed after every connect; filters that are no longer in it are unsubscribed.
  void set_subscriptions(std::vector<Subscription> subscriptions);

  void publish_reading(ReadingMessage reading) override;
  void publish_state(Message message) override;
  void publish_event(Message message) override;
  void count_dropped(const std::string& reason) override;
  /// A state without which a subscriber cannot understand the others: it goes ahead of them.
  void publish_ahead(Message message);
  /// A state that is no longer ours: not sent again, and the broker retains it no more.
  void clear_state(const std::string& topic);
  /// Sends the birth and all states once more, for a subscriber that has only come now and is not told what is
  /// retained.
  void repeat_states();

  /// Stands with these brokers from now on: says good-bye to the one it is connected to, from the loop and once what is
  /// on its way has arrived, and connects anew. What waits is kept.
  void change(MqttConfig config);
  /// As Outbox::set_replay().
  void set_replay(const OutboxConfig& outbox) { outbox_.set_replay(outbox); }

  /// The wall clock has been synchronised, or is no longer: times taken before can be corrected from now on.
  void clock_changed();

  /// Sends what waits as far as `deadline` allows, then the will message as a farewell, then disconnects and calls
  /// `done`, from the loop. Nothing is sent afterwards.
  void stop(std::function<void()> done, SteadyTime deadline);

  [[nodiscard]] LinkStatus status() const;

 private:
  enum class Phase : std::uint8_t {
    idle,        ///< not started
    connecting,  ///< an attempt is under way
    connected,
    returning,  ///< leaving this broker for the first of the list
    changing,   ///< saying good-bye to this broker, for another configuration
    pausing,    ///< until the next attempt
    draining,   ///< stopping, and still sending what waits
    leaving,    ///< stopping, the farewell is on its way
    ended,
  };

  // session_connect.cpp: the reconnect machine
  void attempt();
  void on_timer();
  void on(const link_event::Connected& event);
  void on(const link_event::ConnectFailed& event);
  void on(const link_event::Lost& event);
  void on(const link_event::LookedUp& event);
  void on(const link_event::Reachable& event);
  void failed(const std::string& words, AttemptPlan::Next next, bool refused);
  [[nodiscard]] bool give_in(int code);
  [[nodiscard]] bool asks_for_more_life(std::chrono::seconds keepalive);
  void leave_for_another_attempt();
  void look_for_first();
  void return_if_quiet();
  void begin_change();
  void take_change();
  void tell_rival();
  void give_up_culprit();
  void follow(const std::string& server_reference);
  void pause(bool refused);
  void tell_failure(const std::string& words, bool refused);
  void disconnected(const std::string& words, std::optional<int> reason = {});
  [[nodiscard]] tl::expected<ConnectRequest, std::string> connect_request() const;

  // session.cpp: what goes through
  void on_link_event(LinkEvent event);
  void on(const link_event::Delivered& event);
  void on(const link_event::PublishFailed& event);
  void on(const link_event::Incoming& event);
  void on(const link_event::Subscribed& event);
  void watch_status(const Message& message);
  void publish_birth();
  void pump();
  bool pump_one(const Moment& now);
  [[nodiscard]] bool may_send();
  bool send(MessageId id, Message message, bool comes_again);
  void send_event(const Message& message, bool comes_again = false);
  void tell_drops();
  void refuse(MessageId id, const std::string& reason, const std::string& words);
  void settled();
  void remember_echo(const Message& message);
  [[nodiscard]] bool is_own(const link_event::Incoming& event);
  [[nodiscard]] Message presence(const PresenceMessage& message) const;
  [[nodiscard]] std::vector<Subscription> wanted_subscriptions() const;
  [[nodiscard]] std::vector<Subscription> possible(std::vector<Subscription> wanted) const;
  [[nodiscard]] std::size_t inflight() const noexcept;
  [[nodiscard]] bool online() const noexcept;
  void say_farewell();
  void finish_stop();

  Link& link_;
  MqttConfig config_;
  std::optional<MqttConfig> next_config_;  ///< taken when the connection that stands has ended
  const SessionTimes times_;
  Outbox outbox_;
  StateBoard states_;
  EchoMemory echoes_;
  AttemptPlan plan_;
  Backoff backoff_;
  Backoff refused_backoff_;
  Timer timer_;  ///< of the attempt, the pause, or the stop: a session waits for one thing at a time
  Timer correction_timer_;
  Timer rate_timer_;
  Timer return_timer_;
  Timer replay_timer_;  ///< for what `replay_rate` holds back
  Timer change_timer_;  ///< so that the answer to whoever asked for the change goes first
  Phase phase_ = Phase::idle;
  BrokerLimits limits_;
  std::vector<Subscription> subscriptions_;
  std::vector<std::string> stale_filters_;  ///< no longer wanted, which a broker that keeps sessions does not know yet
  RateLimit rate_;
  CulpritSearch culprit_;
  std::deque<Message> waiting_events_;
  std::unordered_set<MessageId> events_;  ///< events and presence messages on their way
  MessageId next_event_ = first_event_id;
  std::size_t window_ = 1;  ///< unacknowledged messages at a time, over all kinds
  SteadyTime connected_at_{};
  SteadyTime last_correction_{};
  SteadyTime stop_deadline_{};
  std::optional<WallTime> since_;
  std::uint64_t connects_ = 0;
  std::uint64_t failed_rounds_ = 0;
  std::minstd_rand random_{std::random_device()()};
  std::uint64_t published_ = 0;
  std::size_t granted_ = 0;  ///< answers to subscriptions in this connection
  std::map<std::string, std::uint64_t> dropped_;
  std::string last_error_;
  int short_lives_ = 0;             ///< connections in a row that ended soon
  std::chrono::seconds keepalive_;  ///< the configured one, or what a broker has asked for
  int useless_ = 0;         ///< connections in a row that ended at once, before anything was acknowledged or granted
  bool returning_ = false;  ///< at the next quiet moment
  std::optional<BrokerUrl> redirect_;
  bool will_retained_ = true;  ///< unless the broker refuses it
  int will_qos_ = 2;           ///< at most
  bool birth_given_up_ = false;
  Backoff return_backoff_;
  std::string told_error_;  ///< so that a streak is told once
  std::string told_refusal_;
  Outbox::Drops told_drops_;
  MessageHandler on_message_;
  std::function<void(bool)> on_connection_;
  std::function<void()> on_stopped_;

  static constexpr MessageId first_event_id = MessageId{1} << 61U;
};

}  // namespace b2m

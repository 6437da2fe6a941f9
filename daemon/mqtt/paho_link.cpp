// Paho runs its callbacks on threads of its own with a lock held that all its calls share. A callback here therefore
// copies, pushes into a mailbox and returns; every call into Paho is made by the worker, one after the other, so that
// the loop never waits for that lock. Each attempt has a client of its own: nothing of an earlier connection is ever
// sent again behind the outbox's back.
#include "daemon/mqtt/paho_link.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "daemon/config/broker_url.hpp"
#include "daemon/log/log.hpp"
#include "daemon/loop/mailbox.hpp"
#include "daemon/loop/worker.hpp"
#include "daemon/mqtt/nudge.hpp"
#include "daemon/mqtt/paho_client.hpp"
#include "daemon/mqtt/probe.hpp"
#include "daemon/mqtt/service_lookup.hpp"

namespace b2m {
namespace {

constexpr std::size_t max_calls =
    100'000;  // calls that wait for the worker: more than there can be messages on their way
constexpr std::size_t max_events = 200'000;               // at most one for each call
constexpr const char* nudge_filter = "board2mqtt/nudge";  // never subscribed

/// What the worker owns.
struct Desk {
  std::unique_ptr<PahoClient> client;
  std::atomic<std::uint64_t> attempt = 0;  ///< the latest; calls for earlier ones are void
};

class Call final : public Job {
 public:
  explicit Call(std::function<void()> call) : call_(std::move(call)) {}
  std::optional<std::chrono::microseconds> step() override {
    call_();
    return std::nullopt;
  }

 private:
  std::function<void()> call_;
};

}  // namespace

class PahoLink::Impl {
  using Note = PahoClient::Note;
  using Ready = PahoClient::Ready;
  using Stamped = PahoClient::Stamped;
  using StampedNote = PahoClient::StampedNote;

 public:
  Impl(EventLoop& loop, Settings settings)
      : settings_(settings),
        notes_(loop, max_events, [this](StampedNote note) { on_note(std::move(note)); }),
        messages_(loop, settings.incoming, [this](Stamped message) { on_incoming(std::move(message)); }),
        nudge_timer_(loop, [this] { on_nudge_timer(); }) {}

  ~Impl() {
    nudge_timer_.cancel();
    ++desk_->attempt;
    const auto closed = std::make_shared<std::promise<void>>();
    const auto close = [desk = desk_, closed] {
      desk->client.reset();
      closed->set_value();
    };
    const bool posted = worker_->post(std::make_shared<Call>(close), Worker::Lane::command);
    // A Paho that hangs in name resolution is left behind with all it uses.
    if (!posted || closed->get_future().wait_for(settings_.stop_grace) != std::future_status::ready)
      log::warning({}, "mqtt: the MQTT library hangs and is left behind");
  }

  void connect(const ConnectRequest& request) {
    const auto attempt = begin_attempt();
    call([request, attempt, desk = desk_, worker = std::weak_ptr(worker_), notes = notes_.sender(),
          messages = messages_.sender()] {
      desk->client.reset();
      if (desk->attempt != attempt) return;
      // Called by Paho, which must not be kept waiting: the rest is done here, on the worker.
      const auto later = [attempt, desk, worker](void (PahoClient::*what)()) {
        return [attempt, desk, worker, what] {
          const auto job = [attempt, desk, what] {
            if (desk->attempt == attempt && desk->client) (*desk->client.*what)();
          };
          if (const auto alive = worker.lock()) alive->post(std::make_shared<Call>(job), Worker::Lane::command);
        };
      };
      try {
        desk->client = std::make_unique<PahoClient>(request, attempt, notes, messages, later(&PahoClient::announce),
                                                    later(&PahoClient::tell_failure));
        desk->client->connect();
      } catch (const std::exception& error) {
        notes.try_push({attempt, Note(LinkEvent(link_event::ConnectFailed{.words = error.what()}))});
      }
    });
  }

  void look_up(const BrokerUrl& service) {
    const auto attempt = begin_attempt();
    call([service, attempt, server = settings_.name_server, desk = desk_, notes = notes_.sender()] {
      desk->client.reset();
      auto hosts = look_up_service(service, server);
      link_event::LookedUp event{hosts.value_or(std::vector<BrokerUrl>{}), hosts ? std::string() : hosts.error()};
      notes.try_push({attempt, Note(LinkEvent(std::move(event)))});
    });
  }

  void probe(const BrokerUrl& broker) {
    if (!prober_) prober_ = std::make_unique<Worker>("mqtt-probe", 1);
    // One at a time: when the one before still waits for the network, this one is not needed.
    prober_->post(
        std::make_shared<Call>([broker, server = settings_.name_server, attempt = attempt_, notes = notes_.sender()] {
          if (takes_connections(broker, server)) notes.try_push({attempt, Note(LinkEvent(link_event::Reachable()))});
        }),
        Worker::Lane::poll);
  }

  void abandon() {
    begin_attempt();
    call([desk = desk_] { desk->client.reset(); });
  }

  void disconnect() {
    const auto fallback = [notes = notes_.sender(), attempt = attempt_](const char* words) {
      notes.try_push({attempt, Note(LinkEvent(link_event::Lost{words}))});
    };
    call_client([](PahoClient& client) { client.disconnect(); }, fallback);
  }

  void publish(MessageId id, const Message& message) {
    round_trip_[id] = message.qos > 0;
    nudge_.published(SteadyClock::now());
    arm_nudge();
    const auto failed = [notes = notes_.sender(), attempt = attempt_, id](const char* words) {
      notes.try_push({attempt, Note(LinkEvent(link_event::PublishFailed{id, words, {}}))});
    };
    call_client([id, message](PahoClient& client) { client.publish(id, message); }, failed);
  }

  void subscribe(const std::vector<Subscription>& subscriptions) {
    if (subscriptions.empty()) return;
    const auto failed = [notes = notes_.sender(), attempt = attempt_](const char* words) {
      notes.try_push({attempt, Note(LinkEvent(link_event::Lost{words}))});
    };
    call_client([subscriptions](PahoClient& client) { client.subscribe(subscriptions); }, failed);
    for (const auto& wanted : subscriptions)
      if (wanted.prompt) prompt_.insert(wanted.filter);
    expect_promptness();
  }

  void unsubscribe(const std::vector<std::string>& filters) {
    if (filters.empty()) return;
    call_client([filters](PahoClient& client) { client.unsubscribe(filters); }, [](const char*) {});
    for (const auto& filter : filters) prompt_.erase(filter);
    expect_promptness();
  }

  void on_event(Handler handler) { handler_ = std::move(handler); }
  [[nodiscard]] std::uint64_t incoming_dropped() const { return messages_.dropped(); }

 private:
  std::uint64_t begin_attempt() {
    connected_ = false;
    early_.clear();
    round_trip_.clear();
    prompt_.clear();
    nudge_.disconnected();
    nudge_timer_.cancel();
    attempt_ = ++desk_->attempt;
    return attempt_;
  }

  void call(std::function<void()> what) {
    // Full only when Paho has hung for long: the attempt's deadline then leads to the next one.
    worker_->post(std::make_shared<Call>(std::move(what)), Worker::Lane::command);
  }

  /// `what` with the client of this attempt, if it is still there.
  template <class F, class G>
  void call_client(F what, G failed) {
    auto guarded = [what = std::move(what), failed, attempt = attempt_, desk = desk_] {
      if (desk->attempt != attempt || !desk->client) return;
      try {
        what(*desk->client);
      } catch (const std::exception& error) {
        failed(error.what());
      }
    };
    if (!worker_->post(std::make_shared<Call>(std::move(guarded)), Worker::Lane::command))
      failed("too many calls wait");
  }

  void emit(LinkEvent event) {
    if (handler_) handler_(std::move(event));
  }

  void on_note(StampedNote stamped) {
    if (stamped.attempt != attempt_) return;
    const auto now = SteadyClock::now();
    if (auto* ready = std::get_if<Ready>(&stamped.note)) return on_ready(*ready, now);
    if (std::holds_alternative<PahoClient::Answered>(stamped.note)) return nudge_.heard(now);
    auto& event = std::get<LinkEvent>(stamped.note);
    if (const auto* delivered = std::get_if<link_event::Delivered>(&event)) note_answer(delivered->id, now);
    if (const auto* failed = std::get_if<link_event::PublishFailed>(&event)) note_answer(failed->id, now);
    if (std::holds_alternative<link_event::Lost>(event)) nudge_.disconnected();
    emit(std::move(event));
  }

  void on_ready(const Ready& ready, SteadyTime now) {
    connected_ = true;
    near_ = ready.near;
    nudge_.connected(now);
    const auto attempt = attempt_;
    emit(ready.event);
    // A broker may send before its CONNACK has made it through here.
    for (auto& message : std::exchange(early_, {}))
      if (attempt_ == attempt) emit(std::move(message));
  }

  void on_incoming(Stamped message) {
    if (message.attempt != attempt_) return;
    nudge_.heard(SteadyClock::now());
    if (connected_) return emit(std::move(message.event));
    if (early_.size() < settings_.incoming) early_.push_back(std::move(message.event));
  }

  void note_answer(MessageId id, SteadyTime now) {
    const auto found = round_trip_.find(id);
    if (found == round_trip_.end()) return;
    nudge_.answered(now, found->second);
    round_trip_.erase(found);
  }

  /// Where nobody commands anything, or the way to the broker takes its time anyway, an idle link stays silent.
  void expect_promptness() {
    nudge_.be_prompt(near_ && !prompt_.empty());
    arm_nudge();
  }

  /// The timer only ever moves towards an earlier time; when it fires too early it looks again.
  void arm_nudge() {
    const auto due = nudge_.due();
    if (!due || (nudge_timer_.armed() && nudge_at_ <= *due)) return;
    nudge_at_ = *due;
    nudge_timer_.arm(*due);
  }

  void on_nudge_timer() {
    const auto now = SteadyClock::now();
    const auto due = nudge_.due();
    if (due && *due <= now) {
      nudge_.nudged(now);
      unsubscribe({nudge_filter});
    }
    arm_nudge();
  }

  const Settings settings_;
  Handler handler_;
  std::uint64_t attempt_ = 0;
  bool connected_ = false;
  std::vector<LinkEvent> early_;                    ///< incoming messages that overtook Connected
  std::unordered_map<MessageId, bool> round_trip_;  ///< what is on its way, and whether the broker answers it
  std::set<std::string> prompt_;                    ///< filters of what is waited for
  bool near_ = false;                               ///< the broker is
  Nudge nudge_;
  SteadyTime nudge_at_{};
  std::shared_ptr<Desk> desk_ = std::make_shared<Desk>();
  std::shared_ptr<Worker> worker_ = std::make_shared<Worker>("mqtt", max_calls);
  std::unique_ptr<Worker> prober_;  ///< made when it is first needed
  Mailbox<StampedNote> notes_;
  Mailbox<Stamped> messages_;
  Timer nudge_timer_;
};

PahoLink::PahoLink(EventLoop& loop, Settings settings) : impl_(std::make_unique<Impl>(loop, settings)) {}
PahoLink::~PahoLink() = default;
void PahoLink::on_event(Handler handler) { impl_->on_event(std::move(handler)); }
void PahoLink::look_up(const BrokerUrl& service) { impl_->look_up(service); }
void PahoLink::probe(const BrokerUrl& broker) { impl_->probe(broker); }
void PahoLink::connect(const ConnectRequest& request) { impl_->connect(request); }
void PahoLink::abandon() { impl_->abandon(); }
void PahoLink::disconnect() { impl_->disconnect(); }
void PahoLink::publish(MessageId id, const Message& message) { impl_->publish(id, message); }
void PahoLink::subscribe(const std::vector<Subscription>& subscriptions) { impl_->subscribe(subscriptions); }
void PahoLink::unsubscribe(const std::vector<std::string>& filters) { impl_->unsubscribe(filters); }
std::uint64_t PahoLink::incoming_dropped() const { return impl_->incoming_dropped(); }

}  // namespace b2m

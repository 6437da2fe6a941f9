// Who may act over the bus: root, the daemon's own user, and the members of the group board2mqtt.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <vector>

#include "daemon/dbus/bus.hpp"
#include "daemon/loop/event_loop.hpp"

namespace b2m::dbus {

/// As the bus tells of a sender (GetConnectionCredentials of the D-Bus specification).
struct Credentials {
  std::optional<std::uint32_t> user = {};
  std::vector<std::uint32_t> groups = {};  ///< all of them, the primary one too
};

struct ActingRule {
  std::uint32_t own_user = 0;
  std::optional<std::uint32_t> group = {};  ///< none where there is no such group
};
/// Pure.
[[nodiscard]] bool may_act(const Credentials& sender, const ActingRule& rule);

/// Asks the bus who a sender is, without waiting for it. Loop only.
class Authority {
 public:
  explicit Authority(EventLoop& loop);

  /// Calls `act` when the sender of `call` may act, after this function has returned. Else the call is answered with
  /// AccessDenied, or with LimitsExceeded when too many wait.
  void when_allowed(sd_bus_message* call, std::function<void(sd_bus_message*)> act);
  /// Forgets who waits: their bus is gone.
  void forget() { waiting_.clear(); }

 private:
  static constexpr std::size_t max_waiting = 64;
  struct Waiting {
    Authority* owner = nullptr;
    Message call;
    std::function<void(sd_bus_message*)> act;
    Slot slot;
    std::list<Waiting>::iterator self;
  };
  static int on_credentials(sd_bus_message* reply, void* userdata, sd_bus_error*);
  void decide(Waiting& waiting, sd_bus_message* reply);

  EventLoop& loop_;
  ActingRule rule_;
  std::list<Waiting> waiting_;
};

}  // namespace b2m::dbus

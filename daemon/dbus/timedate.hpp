// Asks systemd's timedated whether the clock is synchronised.
#pragma once

#include <functional>
#include <optional>

#include "daemon/dbus/bus.hpp"
#include "daemon/loop/event_loop.hpp"

namespace b2m::dbus {

/// One question at a time, each over a connection of its own: there is nothing to keep alive between them. Loop only.
class Timedate {
 public:
  using Answer = std::function<void(std::optional<bool>)>;

  explicit Timedate(EventLoop& loop) : loop_(loop), done_(loop, [this] { finish(); }) {}

  /// NTPSynchronized of org.freedesktop.timedate1 on the system bus, which holds for every program that keeps the
  /// kernel's clock. None when nobody answers. Answers from the loop, after the call has returned.
  void ask(Answer answer);

 private:
  int call();
  static int on_reply(sd_bus_message* reply, void* userdata, sd_bus_error*);
  void finish();

  EventLoop& loop_;
  Timer done_;  ///< the connection is closed from here, not from its own callback
  BusConnection bus_;
  Slot slot_;
  Answer answer_;
  std::optional<bool> told_;
};

}  // namespace b2m::dbus

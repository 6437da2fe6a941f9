#include "daemon/dbus/service.hpp"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "daemon/dbus/names.hpp"
#include "daemon/dbus/wire.hpp"
#include "daemon/log/log.hpp"

namespace b2m::dbus {
namespace {

// Answers of RequestName in the D-Bus specification.
constexpr std::uint32_t primary_owner = 1;
constexpr std::uint32_t in_queue = 2;

}  // namespace

Service::Service(EventLoop& loop, BusType type, GatewayPort& port, Reload reload)
    : loop_(loop), type_(type), port_(port), objects_(loop, port, std::move(reload)), retry_timer_(loop, [this] {
        connect();
      }) {
  port_.listen(this);
  retry_timer_.arm(SteadyClock::now());
}

Service::~Service() {
  port_.listen(nullptr);
  leave();
}

void Service::leave() {
  objects_.hide();
  name_slot_.reset();
  disconnected_slot_.reset();
  bus_.reset();
}

void Service::connect() {
  leave();
  const int result = try_connect();
  if (result < 0) fail(std::strerror(-result));
}

/// A negative errno; else the answer to the request of the name decides.
int Service::try_connect() {
  if (const int result = open_bus(type_, bus_); result < 0) return result;
  if (const int result = sd_bus_attach_event(bus_.get(), loop_.get(), SD_EVENT_PRIORITY_NORMAL); result < 0)
    return result;
  sd_bus_slot* slot = nullptr;
  int result = sd_bus_match_signal(bus_.get(), &slot, nullptr, "/org/freedesktop/DBus/Local",
                                   "org.freedesktop.DBus.Local", "Disconnected", on_disconnected, this);
  disconnected_slot_.reset(slot);
  if (result < 0) return result;
  objects_.show(bus_.get());
  // A second daemon on one bus waits for the name, and has it when the first one ends.
  slot = nullptr;
  result = sd_bus_request_name_async(bus_.get(), &slot, bus_name, SD_BUS_NAME_QUEUE, on_name_reply, this);
  name_slot_.reset(slot);
  return result;
}

/// The connection is closed from the timer: this may be called from one of its callbacks.
void Service::fail(const std::string& words) {
  if (told_.insert(words).second)
    log::info({}, "dbus: not on {}: {}; it is tried again now and then", dbus::words(type_), words);
  const auto jitter = std::uniform_real_distribution<double>(0, 1)(random_);
  retry_timer_.arm_after(backoff_.next(jitter));
}

int Service::on_disconnected(sd_bus_message*, void* userdata, sd_bus_error*) {
  auto& self = *static_cast<Service*>(userdata);
  return self.loop_.guarded([&] { self.fail("the connection is closed"); });
}

int Service::on_name_reply(sd_bus_message* reply, void* userdata, sd_bus_error*) {
  auto& self = *static_cast<Service*>(userdata);
  return self.loop_.guarded([&] { self.on_name(reply); });
}

void Service::on_name(sd_bus_message* reply) {
  if (sd_bus_message_is_method_error(reply, nullptr) != 0) {
    const auto* error = sd_bus_message_get_error(reply);
    // The connection itself has ended: told by on_disconnected.
    if (retry_timer_.armed()) return;
    return fail(error->message == nullptr ? error->name : error->message);
  }
  std::uint32_t answer = 0;
  Wire<std::uint32_t>::read(reply, answer);
  backoff_.reset();
  told_.clear();
  if (answer == primary_owner) {
    log::info({}, "dbus: {} on {}", bus_name, words(type_));
  } else if (answer == in_queue) {
    log::info({}, "dbus: another process is {} on {}; this one waits for its end", bus_name, words(type_));
  }
}

}  // namespace b2m::dbus

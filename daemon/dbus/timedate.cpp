#include "daemon/dbus/timedate.hpp"

#include <utility>

namespace b2m::dbus {

void Timedate::ask(Answer answer) {
  answer_ = std::move(answer);
  told_.reset();
  if (call() < 0) done_.arm(SteadyClock::now());
}

int Timedate::call() {
  if (const int result = open_bus(BusType::system, bus_); result < 0) return result;
  if (const int result = sd_bus_attach_event(bus_.get(), loop_.get(), SD_EVENT_PRIORITY_NORMAL); result < 0)
    return result;
  sd_bus_slot* slot = nullptr;
  const int result = sd_bus_call_method_async(bus_.get(), &slot, "org.freedesktop.timedate1",
                                              "/org/freedesktop/timedate1", "org.freedesktop.DBus.Properties", "Get",
                                              on_reply, this, "ss", "org.freedesktop.timedate1", "NTPSynchronized");
  slot_.reset(slot);
  return result;
}

int Timedate::on_reply(sd_bus_message* reply, void* userdata, sd_bus_error*) {
  auto& self = *static_cast<Timedate*>(userdata);
  return self.loop_.guarded([&] {
    int synchronised = 0;
    const bool failed = sd_bus_message_is_method_error(reply, nullptr) != 0;
    if (!failed && sd_bus_message_read(reply, "v", "b", &synchronised) > 0) self.told_ = synchronised != 0;
    self.done_.arm(SteadyClock::now());
  });
}

void Timedate::finish() {
  slot_.reset();
  bus_.reset();
  if (answer_) std::exchange(answer_, {})(told_);
}

}  // namespace b2m::dbus

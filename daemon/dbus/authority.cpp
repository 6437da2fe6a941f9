#include "daemon/dbus/authority.hpp"

#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "daemon/dbus/names.hpp"
#include "daemon/dbus/wire.hpp"

namespace b2m::dbus {
namespace {

std::optional<std::uint32_t> find_group(const char* name) {
  group entry{};
  group* found = nullptr;
  std::array<char, 16384> buffer{};
  getgrnam_r(name, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::nullopt : std::optional<std::uint32_t>(found->gr_gid);
}

/// Reads the variant that follows when it is of this type, else passes it over.
template <class T>
void read_variant(sd_bus_message* message, T& value) {
  const char* contents = nullptr;
  check(sd_bus_message_peek_type(message, nullptr, &contents), "read");
  if (std::string_view(contents) != Wire<T>::signature) {
    check(sd_bus_message_skip(message, "v"), "read");
    return;
  }
  check(sd_bus_message_enter_container(message, 'v', contents), "read");
  Wire<T>::read(message, value);
  check(sd_bus_message_exit_container(message), "read");
}

Credentials read_credentials(sd_bus_message* reply) {
  Credentials credentials;
  check(sd_bus_message_enter_container(reply, 'a', "{sv}"), "read");
  while (check(sd_bus_message_enter_container(reply, 'e', "sv"), "read") > 0) {
    std::string key;
    Wire<std::string>::read(reply, key);
    if (key == "UnixUserID") {
      read_variant(reply, credentials.user.emplace());
    } else if (key == "UnixGroupIDs") {
      read_variant(reply, credentials.groups);
    } else {
      check(sd_bus_message_skip(reply, "v"), "read");
    }
    check(sd_bus_message_exit_container(reply), "read");
  }
  check(sd_bus_message_exit_container(reply), "read");
  return credentials;
}

}  // namespace

bool may_act(const Credentials& sender, const ActingRule& rule) {
  if (!sender.user) return false;
  if (*sender.user == 0 || *sender.user == rule.own_user) return true;
  return rule.group && std::find(sender.groups.begin(), sender.groups.end(), *rule.group) != sender.groups.end();
}

Authority::Authority(EventLoop& loop) : loop_(loop), rule_{.own_user = geteuid(), .group = find_group(acting_group)} {}

void Authority::when_allowed(sd_bus_message* call, std::function<void(sd_bus_message*)> act) {
  if (waiting_.size() >= max_waiting) {
    sd_bus_reply_method_errorf(call, SD_BUS_ERROR_LIMITS_EXCEEDED, "too many calls wait");
    return;
  }
  auto& waiting = waiting_.emplace_back();
  waiting.owner = this;
  waiting.call = share(call);
  waiting.act = std::move(act);
  waiting.self = std::prev(waiting_.end());
  sd_bus_slot* slot = nullptr;
  const char* sender = sd_bus_message_get_sender(call);
  const int result = sd_bus_call_method_async(
      sd_bus_message_get_bus(call), &slot, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "GetConnectionCredentials", on_credentials, &waiting, "s", sender == nullptr ? "" : sender);
  waiting.slot.reset(slot);
  if (result >= 0) return;
  sd_bus_reply_method_errno(call, result, nullptr);
  waiting_.pop_back();
}

int Authority::on_credentials(sd_bus_message* reply, void* userdata, sd_bus_error*) {
  auto* waiting = static_cast<Waiting*>(userdata);
  return waiting->owner->loop_.guarded([&] { waiting->owner->decide(*waiting, reply); });
}

void Authority::decide(Waiting& waiting, sd_bus_message* reply) {
  const auto call = std::move(waiting.call);
  const auto act = std::move(waiting.act);
  waiting_.erase(waiting.self);
  const bool known = sd_bus_message_is_method_error(reply, nullptr) == 0;  // else its sender is gone already
  if (known && may_act(read_credentials(reply), rule_)) return act(call.get());
  sd_bus_reply_method_errorf(call.get(), SD_BUS_ERROR_ACCESS_DENIED,
                             "only root and the members of the group %s may do this", acting_group);
}

}  // namespace b2m::dbus

#include "daemon/dbus/wire.hpp"

#include <cerrno>
#include <nlohmann/json.hpp>

namespace b2m::dbus {
namespace {

std::string replace_what_is_not_utf8(const std::string& text) {
  using nlohmann::json;
  const auto safe = json(text).dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
  return json::parse(safe).get<std::string>();
}

}  // namespace

void append_text(sd_bus_message* message, const std::string& text) {
  const int result = sd_bus_message_append_basic(message, 's', text.c_str());
  if (result != -EINVAL) return void(check(result, "append"));
  check(sd_bus_message_append_basic(message, 's', replace_what_is_not_utf8(text).c_str()), "append");
}

}  // namespace b2m::dbus

#include "daemon/dbus/names.hpp"

#include <systemd/sd-bus.h>

#include <cctype>
#include <cstdlib>
#include <memory>
#include <new>

namespace b2m::dbus {
namespace {

struct Free {
  void operator()(char* text) const noexcept { std::free(text); }  // NOLINT: malloc(3) is sd-bus's
};
using Text = std::unique_ptr<char, Free>;

}  // namespace

std::string device_path(const char* prefix, const std::string& id) {
  char* path = nullptr;
  if (sd_bus_path_encode(prefix, id.c_str(), &path) < 0) throw std::bad_alloc();  // an id is never too odd to escape
  return Text(path).get();
}

std::string device_id(const char* prefix, const char* path) {
  char* id = nullptr;
  if (sd_bus_path_decode(path, prefix, &id) <= 0) return {};
  return Text(id).get();
}

std::string error_name(std::string_view word) {
  std::string name{error_prefix};
  bool begin = true;
  for (const char c : word) {
    if (c == '_') {
      begin = true;
      continue;
    }
    name += begin ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begin = false;
  }
  return name;
}

std::string error_word(std::string_view name) {
  if (!name.starts_with(error_prefix)) return {};
  std::string word;
  for (const char c : name.substr(error_prefix.size())) {
    const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (upper && !word.empty()) word += '_';
    word += upper ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : c;
  }
  return word;
}

}  // namespace b2m::dbus

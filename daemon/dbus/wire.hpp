// Values to and from D-Bus messages: the service writes with what the client reads with.
#pragma once

#include <systemd/sd-bus.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include "daemon/dbus/gateway_port.hpp"

namespace b2m::dbus {

/// For what fails only when memory is short or a message is not what its signature says; as std::system_error.
inline int check(int result, const char* what) {
  if (result < 0) throw std::system_error(-result, std::generic_category(), what);
  return result;
}

/// D-Bus takes UTF-8 alone, and a device file may say anything: other bytes are replaced by U+FFFD.
void append_text(sd_bus_message* message, const std::string& text);

/// The signature of a type, how it is written, and how it is read.
template <class T>
struct Wire;

/// Of a fixed-size type that sd-bus has itself.
template <class T, class Raw, char code>
struct BasicWire {
  static constexpr char signature[] = {code, '\0'};
  static void write(sd_bus_message* message, const T& value) {
    const auto raw = static_cast<Raw>(value);
    check(sd_bus_message_append_basic(message, code, &raw), "append");
  }
  static void read(sd_bus_message* message, T& value) {
    Raw raw{};
    check(sd_bus_message_read_basic(message, code, &raw), "read");
    value = static_cast<T>(raw);
  }
};
template <>
struct Wire<bool> : BasicWire<bool, int, SD_BUS_TYPE_BOOLEAN> {};
template <>
struct Wire<double> : BasicWire<double, double, SD_BUS_TYPE_DOUBLE> {};
template <>
struct Wire<std::uint32_t> : BasicWire<std::uint32_t, std::uint32_t, SD_BUS_TYPE_UINT32> {};
template <>
struct Wire<std::uint64_t> : BasicWire<std::uint64_t, std::uint64_t, SD_BUS_TYPE_UINT64> {};

template <>
struct Wire<std::string> {
  static constexpr char signature[] = "s";
  static void write(sd_bus_message* message, const std::string& value) { append_text(message, value); }
  static void read(sd_bus_message* message, std::string& value) {
    const char* text = nullptr;
    check(sd_bus_message_read_basic(message, 's', &text), "read");
    value = text;
  }
};

/// Microseconds of its clock; 0 for "never".
template <class Clock, class Duration>
struct Wire<std::chrono::time_point<Clock, Duration>> {
  using Time = std::chrono::time_point<Clock, Duration>;
  static constexpr char signature[] = "t";
  static void write(sd_bus_message* message, const Time& value) {
    const auto usec = std::chrono::duration_cast<std::chrono::microseconds>(value.time_since_epoch()).count();
    Wire<std::uint64_t>::write(message, usec < 0 ? 0 : static_cast<std::uint64_t>(usec));
  }
  static void read(sd_bus_message* message, Time& value) {
    std::uint64_t usec = 0;
    Wire<std::uint64_t>::read(message, usec);
    value = Time(std::chrono::duration_cast<Duration>(std::chrono::microseconds(usec)));
  }
};

template <>
struct Wire<Value> {
  static constexpr char signature[] = "v";
  static void write(sd_bus_message* message, const Value& value) {
    std::visit(
        [&](const auto& held) {
          using Held = Wire<std::decay_t<decltype(held)>>;
          check(sd_bus_message_open_container(message, 'v', Held::signature), "append");
          Held::write(message, held);
          check(sd_bus_message_close_container(message), "append");
        },
        value);
  }
  static void read(sd_bus_message* message, Value& value) {
    const char* contents = nullptr;
    check(sd_bus_message_peek_type(message, nullptr, &contents), "read");
    check(sd_bus_message_enter_container(message, 'v', contents), "read");
    if (contents[0] == 'b') {
      Wire<bool>::read(message, value.emplace<bool>());
    } else {
      Wire<double>::read(message, value.emplace<double>());
    }
    check(sd_bus_message_exit_container(message), "read");
  }
};

template <>
struct Wire<RuleStatus> {
  static constexpr char signature[] = "(ssst)";
  static void write(sd_bus_message* message, const RuleStatus& value) {
    check(sd_bus_message_open_container(message, 'r', "ssst"), "append");
    append_text(message, value.name);
    append_text(message, value.state);
    append_text(message, value.why);
    Wire<std::uint64_t>::write(message, value.fired);
    check(sd_bus_message_close_container(message), "append");
  }
  static void read(sd_bus_message* message, RuleStatus& value) {
    const char* name = nullptr;
    const char* state = nullptr;
    const char* why = nullptr;
    check(sd_bus_message_read(message, signature, &name, &state, &why, &value.fired), "read");
    value.name = name;
    value.state = state;
    value.why = why;
  }
};

template <class V>
struct Wire<std::pair<std::string, V>> {
  static constexpr char signature[] = {'{', 's', Wire<V>::signature[0], '}', '\0'};
  static void write(sd_bus_message* message, const std::pair<std::string, V>& value) {
    const char contents[] = {'s', Wire<V>::signature[0], '\0'};
    check(sd_bus_message_open_container(message, 'e', contents), "append");
    Wire<std::string>::write(message, value.first);
    Wire<V>::write(message, value.second);
    check(sd_bus_message_close_container(message), "append");
  }
  static void read(sd_bus_message* message, std::pair<std::string, V>& value) {
    const char contents[] = {'s', Wire<V>::signature[0], '\0'};
    check(sd_bus_message_enter_container(message, 'e', contents), "read");
    Wire<std::string>::read(message, value.first);
    Wire<V>::read(message, value.second);
    check(sd_bus_message_exit_container(message), "read");
  }
};

template <class T>
struct Wire<std::vector<T>> {
  struct Signature {
    char text[sizeof(Wire<T>::signature) + 1] = {'a'};
    constexpr Signature() {
      for (std::size_t i = 0; i < sizeof(Wire<T>::signature); ++i) text[i + 1] = Wire<T>::signature[i];
    }
  };
  static constexpr Signature stored{};
  static constexpr const char* signature = stored.text;
  static void write(sd_bus_message* message, const std::vector<T>& values) {
    check(sd_bus_message_open_container(message, 'a', Wire<T>::signature), "append");
    for (const auto& value : values) Wire<T>::write(message, value);
    check(sd_bus_message_close_container(message), "append");
  }
  static void read(sd_bus_message* message, std::vector<T>& values) {
    values.clear();
    check(sd_bus_message_enter_container(message, 'a', Wire<T>::signature), "read");
    while (check(sd_bus_message_at_end(message, 0), "read") == 0) Wire<T>::read(message, values.emplace_back());
    check(sd_bus_message_exit_container(message), "read");
  }
};

}  // namespace b2m::dbus

// Topics and topic filters.
#pragma once

#include <string>
#include <string_view>

namespace b2m {

/// What the topics of incoming messages are compared with: the filter without "$share/group/", "$queue/" or "$local/".
/// Pure.
[[nodiscard]] std::string_view bare_filter(std::string_view filter) noexcept;
[[nodiscard]] bool is_shared(std::string_view filter) noexcept;

/// Whether a bare filter matches a topic, as in MQTT 5.0 §4.7: "+" is one level, "#" this level and all below, and
/// neither matches a first level that begins with "$". Pure.
[[nodiscard]] bool topic_matches(std::string_view filter, std::string_view topic) noexcept;

/// Where it is told whether an actuator is there. Pure.
[[nodiscard]] std::string actuator_availability_topic(std::string_view base, std::string_view actuator);

/// `text` with every "{channel}" replaced. Pure.
[[nodiscard]] std::string with_channel(std::string_view text, std::string_view channel);
/// `text` with every "{topic}" replaced. Pure.
[[nodiscard]] std::string replay_topic(std::string_view text, std::string_view topic);
[[nodiscard]] bool has_channel(std::string_view text) noexcept;

}  // namespace b2m

// What MQTT allows as a topic and as a filter (MQTT 3.1.1 and 5.0, §4.7).
#pragma once

#include <string_view>

#include "daemon/config/diagnostics.hpp"

namespace b2m {

/// A topic to publish on: not empty, no wildcard, at most 65535 bytes. Pure.
[[nodiscard]] Checked<> check_topic(std::string_view topic);

/// The beginning of topics: one that does not end in a slash, since what follows would have an empty level. Pure.
[[nodiscard]] Checked<> check_base(std::string_view topic);

/// A topic filter, also shared (`$share/group/`, `$queue/`) or local to the broker (`$local/`). Pure.
[[nodiscard]] Checked<> check_filter(std::string_view filter);

/// Whether some topic matches both filters. Pure.
[[nodiscard]] bool filters_overlap(std::string_view a, std::string_view b);

}  // namespace b2m

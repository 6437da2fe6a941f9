// The sections `mqtt` and `outbox`.
#pragma once

#include "daemon/config/load_context.hpp"

namespace b2m {

/// Also puts {base} among the placeholders.
[[nodiscard]] MqttConfig read_mqtt(const Node& mqtt, LoadContext& context);
[[nodiscard]] OutboxConfig read_outbox(const Node& outbox, LoadContext& context);

}  // namespace b2m

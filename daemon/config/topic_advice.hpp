// What is allowed in a topic and still goes wrong with some broker.
#pragma once

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// Warns once, at `place`, when topics have dots: RabbitMQ takes dot and slash for the same. Pure.
void warn_of_dots(const Config& config, const Place& place, Diagnostics& diagnostics);

}  // namespace b2m

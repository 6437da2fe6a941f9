// The lines of a display: templates whose fields are channels of sensors.
#pragma once

#include <span>
#include <string>

#include "daemon/config/model.hpp"
#include "daemon/config/object_reader.hpp"
#include "daemon/config/template_text.hpp"

namespace b2m {

/// Reads `lines` and `refresh` of an actuator that shows text, after all sensors. `ids` are all ids that were written,
/// right or wrong; `constants` are filled in.
void read_display_lines(const ObjectReader& reader, const Config& config, std::span<const std::string> ids,
                        const Placeholders& constants, ActuatorConfig& actuator);

}  // namespace b2m

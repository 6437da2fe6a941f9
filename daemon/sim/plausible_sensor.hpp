// The stand-in for a device whose chip is not modelled: values that such a device could give, without its driver.
#pragma once

#include <memory>
#include <span>

#include "daemon/sim/motion.hpp"
#include "drivers/api/driver.hpp"

namespace b2m {

/// A sensor with these channels whose values move within what the part can output and what is plausible; quantities
/// that only grow do so. States, indices and counts are whole numbers.
[[nodiscard]] std::unique_ptr<Sensor> make_plausible_sensor(std::span<const ChannelSpec> channels,
                                                            const SimulationClock& clock, std::uint32_t seed);

}  // namespace b2m

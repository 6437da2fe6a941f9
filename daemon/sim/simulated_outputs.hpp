// What the simulated board's kernel lets be driven through files: PWM chips and LEDs, with the kernel's own rules.
#pragma once

#include <string>

#include "daemon/sim/motion.hpp"
#include "daemon/sim/simulated_files.hpp"

namespace b2m {

/// A PWM chip, unless one of that name is there: Documentation/ABI/testing/sysfs-class-pwm, and what
/// drivers/pwm/core.c and sysfs.c refuse. A name other than "pwmchip0" is the chip's in the device tree. Any thread.
void add_pwm_chip(SimulatedFiles& files, const SimulationClock& clock, const std::string& name);

/// A LED, unless one of that name is there: Documentation/ABI/testing/sysfs-class-led. Any thread.
void add_led(SimulatedFiles& files, const SimulationClock& clock, const std::string& name);

}  // namespace b2m

// Input lines over the kernel's own interface.
#pragma once

#include <memory>

#include "daemon/io/kernel_line.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// Requests the line, for its edges or for its level alone; gives the errno of a refusal: ENXIO or EINVAL where the
/// chip has no interrupt for the line. Any thread; the line itself, as InputLine says.
[[nodiscard]] Granted<std::unique_ptr<InputLine>> request_input_line(const ChipLine& line,
                                                                     const InputSettings& settings);

}  // namespace b2m

// Output lines over the kernel's own interface, which outlive the process where somebody keeps them.
#pragma once

#include <memory>
#include <string>

#include "daemon/io/kernel_line.hpp"
#include "daemon/io/line_keeper.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// The name under which a line is kept. Pure.
[[nodiscard]] std::string place_of(const ChipLine& line);

/// Requests the line, or adopts it from `keeper` with the level it has, and has it kept; gives the errno of a refusal.
/// Worker only.
[[nodiscard]] Granted<std::unique_ptr<OutputLine>> request_output_line(const ChipLine& line,
                                                                       const OutputSettings& settings,
                                                                       LineKeeper& keeper);

}  // namespace b2m

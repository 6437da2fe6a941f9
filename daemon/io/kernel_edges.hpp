// Edges of a GPIO line from the kernel itself.
#pragma once

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "drivers/api/gpio.hpp"

namespace b2m {

/// Requests a line of the chip that `chip_fd` has open, for edges; gives the errno of a refusal: ENXIO or EINVAL where
/// the chip has no interrupt for the line. Needs Linux 5.10 (GPIO_V2_GET_LINE_IOCTL), whose queue of edges is as long
/// as wanted and numbers them; libgpiod 1.6 speaks the older interface, where the 17th edge that waits is lost
/// unnoticed. `place` names the line in later errors. Any thread; the line itself, as InputLine says.
[[nodiscard]] tl::expected<std::unique_ptr<InputLine>, int> request_edges(int chip_fd, unsigned offset,
                                                                          const InputSettings& settings,
                                                                          std::string place);

}  // namespace b2m

#include "daemon/cli/look_at_lines.hpp"

#include <memory>

#include "daemon/board/line_holder.hpp"
#include "daemon/io/linux_files.hpp"
#include "daemon/io/linux_gpio.hpp"
#include "daemon/sim/simulated_inspector.hpp"

namespace b2m {

LinesNow look_at_lines(const BoardTable& board, bool simulate) {
  if (simulate)
    return {SimulatedInspector(board).look(), [](const std::string& name) { return name == simulated_led; }};
  const auto files = std::make_shared<LinuxFiles>();
  return {make_gpio_inspector()->look(), [files](const std::string& name) {
            return !name.empty() && files->list(std::string(led_class) + "/" + name).has_value();
          }};
}

}  // namespace b2m

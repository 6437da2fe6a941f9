// A GPIO line as an output: relay, valve, lamp. Linux, Documentation/userspace-api/gpio/chardev.rst.
// Supported: on and off, push-pull and open drain; without an initial state the line keeps the level it has, and so
// does a line that an earlier process left requested.
#include <fmt/format.h>

#include <memory>

#include "drivers/api/driver.hpp"

namespace b2m {
namespace {

constexpr OptionSpec options[] = {{.key = "open_drain",
                                   .type = OptionType::boolean,
                                   .summary = "drive only to ground; the other level is left to a pull-up",
                                   .fallback = "false"}};

Result<bool> on_or_off(const ActuatorState& state) {
  if (const bool* on = std::get_if<bool>(&state)) return *on;
  return fail(Errc::unsupported, "a switch knows only ON and OFF");
}

/// Worker only.
class Switch final : public Actuator {
 public:
  Switch(GpioPort& gpio, LineId line, OutputSettings settings)
      : gpio_(gpio), line_id_(std::move(line)), settings_(settings) {}

  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override;
  Result<ActuatorState> apply(const ActuatorState& target) override;

 private:
  GpioPort& gpio_;
  LineId line_id_;
  OutputSettings settings_;
  std::unique_ptr<OutputLine> line_;
};

/// A line that is still held is not let go of, unless it fails, since it could fall back to its pull in between.
Result<ActuatorState> Switch::init(const std::optional<ActuatorState>& initial) {
  auto settings = settings_;
  settings.initial.reset();
  if (initial) {
    B2M_ASSIGN(settings.initial, on_or_off(*initial));
  }
  if (line_ && (!settings.initial || line_->set(*settings.initial))) return line_->active();
  line_.reset();
  B2M_ASSIGN(line_, gpio_.request_output(line_id_, settings));
  return line_->active();
}

Result<ActuatorState> Switch::apply(const ActuatorState& target) {
  B2M_ASSIGN(const bool on, on_or_off(target));
  if (!line_) return fail(Errc::not_ready, "the line is not held yet");
  B2M_TRY(line_->set(on));
  return on;
}

std::unique_ptr<Actuator> make(const DriverContext& context) {
  return std::make_unique<Switch>(*context.gpio, context.lines.at("line"),
                                  OutputSettings{.active_low = context.options.flag("active_low"),
                                                 .open_drain = context.options.flag("open_drain")});
}

}  // namespace

B2M_DRIVER(switch) = {
    .name = "switch",
    .summary = "a GPIO line as an output: relay, valve, lamp",
    .datasheet = "Linux, Documentation/userspace-api/gpio/chardev.rst",
    .wiring =
        "a line drives a transistor or a relay board, never a coil itself; boards whose relay pulls "
        "at low level want `active_low`",
    .bus = BusKind::gpio,
    .options = options,
    .make_actuator = make,
    .expander_lines = true,
    .example = R"({"driver": "switch", "line": "PC8", "active_low": true})",
};

}  // namespace b2m

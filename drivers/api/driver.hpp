// What a driver is: a description that everything else is derived from, and a factory for the sensor or actuator it
// drives.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "drivers/api/channel.hpp"
#include "drivers/api/edge_sensor.hpp"
#include "drivers/api/expander.hpp"
#include "drivers/api/files.hpp"
#include "drivers/api/gpio.hpp"
#include "drivers/api/i2c.hpp"
#include "drivers/api/options.hpp"
#include "drivers/api/result.hpp"
#include "drivers/api/serial.hpp"
#include "drivers/api/spi.hpp"
#include "drivers/api/timed_lines.hpp"

namespace b2m {

/// The answer of Sensor::init, Sensor::trigger and Actuator::advance. A driver never waits by itself: it says how long,
/// and its bus serves others meanwhile.
class Progress {
 public:
  using Duration = std::chrono::microseconds;
  /// Finished; the next step may follow at once.
  [[nodiscard]] static constexpr Progress done() { return {Duration::zero(), false}; }
  /// Finished; the next step must not come earlier than `pause` from now.
  [[nodiscard]] static constexpr Progress done_after(Duration pause) { return {pause, false}; }
  /// Call the same function again, not earlier than `pause` from now.
  [[nodiscard]] static constexpr Progress again_after(Duration pause) { return {pause, true}; }

  [[nodiscard]] constexpr Duration pause() const noexcept { return pause_; }
  [[nodiscard]] constexpr bool again() const noexcept { return again_; }

 private:
  constexpr Progress(Duration pause, bool again) : pause_(pause), again_(again) {}
  Duration pause_;
  bool again_;
};

/// A polled device. Worker only. The runner bounds the number and the sum of pauses of one step, so that a part that
/// never gets ready ends in `timeout`.
class Sensor {
 public:
  virtual ~Sensor() = default;
  /// Brings the part from any state to measuring and checks its identity where it has one. After any error it is called
  /// anew and must start from the beginning.
  virtual Result<Progress> init() { return Progress::done(); }
  /// Whether there is something new to measure: asked before each reading, and then init() comes first.
  [[nodiscard]] virtual bool has_changed() { return false; }
  /// What is measured; valid after a finished init() and unchanged until the next.
  [[nodiscard]] virtual std::vector<Channel> channels() const = 0;
  /// Starts a conversion, where the part needs one started.
  virtual Result<Progress> trigger() { return Progress::done(); }
  /// Fetches and decodes. An error returned fails every channel; a channel alone fails in `samples`.
  virtual Result<> read(Samples& samples) = 0;
};

/// A sensor without hardware of its own: its values follow from channels of another sensor. Pure.
class ComputedSensor {
 public:
  /// In SI, in the order of DriverInfo::inputs; none for an input that is not configured.
  using Inputs = std::span<const std::optional<double>>;

  virtual ~ComputedSensor() = default;
  [[nodiscard]] virtual std::vector<Channel> channels() const = 0;
  /// Called when every configured input has been measured.
  virtual void compute(Inputs inputs, Samples& samples) const = 0;
};

/// An input of a computed sensor: the option that names a channel of another sensor, as "adc.ain0", and what that
/// channel must measure. Required when its option is.
struct InputSpec {
  std::string_view option;
  Quantity quantity;
};

/// What an actuator is told and what it reports: on or off, a number in the unit its driver states, or text.
using ActuatorState = std::variant<bool, double, std::string>;

/// What an actuator's states look like, which decides what its commands mean.
enum class ActuatorKind : std::uint8_t {
  on_off,  ///< bool
  range,   ///< double; 0 is off
  text,    ///< std::string; empty is off
};

/// What an actuator takes.
struct OutputSpec {
  ActuatorKind kind = ActuatorKind::on_off;
  Range range = {0, 100};       ///< of a range, in `unit`; ON is its upper end
  std::string_view unit = "%";  ///< of a range
  bool light = false;           ///< of a range in %: it is a lamp's brightness
  friend constexpr bool operator==(const OutputSpec&, const OutputSpec&) = default;
};

/// A driven device. Worker only. One that takes its time gets there in steps: init() and apply() set the goal, and
/// advance() is called until it is reached. A newer goal may come between two steps, and takes the older one's place.
class Actuator {
 public:
  virtual ~Actuator() = default;
  /// Brings the part to where init() may follow, with pauses as Sensor::init. Called before each init().
  virtual Result<Progress> prepare() { return Progress::done(); }
  /// Takes hold of the hardware. With a state, it is driven together with taking hold, without a glitch; without, the
  /// output stays as it is found. Returns the state reached, or that will be once advance() is done.
  virtual Result<ActuatorState> init(const std::optional<ActuatorState>& initial) = 0;
  /// Returns the state reached, or that will be once advance() is done. Not called before the pause of the last step
  /// of an older goal is over.
  virtual Result<ActuatorState> apply(const ActuatorState& target) = 0;
  /// The next step to what init() or apply() has returned. It must come to an end by itself.
  virtual Result<Progress> advance() { return Progress::done(); }
  /// Nothing more will be asked for: ends a goal that is still under way, and leaves the part as it can be left for
  /// good. Returns the state in which it stands, where that is known.
  virtual Result<std::optional<ActuatorState>> halt() { return std::nullopt; }
};

/// What a driver talks through; it also decides which worker serves the device.
enum class BusKind : std::uint8_t {
  none,         ///< nothing: the driver only computes
  i2c,          ///< an I2C bus, one worker each
  spi,          ///< a chip select of an SPI controller, one worker for each controller
  serial,       ///< a serial port, one worker each
  gpio,         ///< a GPIO line
  gpio_lines,   ///< several GPIO lines, each an option of its driver
  timed_lines,  ///< one or two GPIO lines and their timing
  files,        ///< attribute files that answer at once
  w1,           ///< attribute files of the kernel's 1-Wire core, where a read waits for a conversion
};

/// What a factory is given. The references live as long as what it makes, except `options`, which lives only during the
/// call. A port is present exactly when the driver's bus kind asks for it.
struct DriverContext {
  const Options& options;
  std::size_t model = 0;  ///< row of DriverInfo::models
  I2cBus* i2c = nullptr;
  SpiBus* spi = nullptr;
  SerialPort* serial = nullptr;
  TimedLines* timed_lines = nullptr;
  GpioPort* gpio = nullptr;
  AttributeFiles* files = nullptr;
  Lines lines = {};  ///< what each given option of type line means
};

/// A chip name that users may write as `driver`.
struct Model {
  std::string_view name;
  std::span<const std::uint8_t> addresses = {};  ///< empty: those of the driver
  std::span<const ChannelSpec> channels = {};    ///< empty: those of the driver
  std::string_view summary = {};
  ExpanderTraits expander = {};  ///< of a GPIO expander
  bool has_identity = true;      ///< false: DriverInfo::probe cannot tell it, so that not finding it says nothing
};

/// Looks whether the part at an address is one of the driver's, by reads (or commands that change nothing) alone, and
/// returns the model's name. Errors: wrong_chip, or whatever the transfer brought. Worker only.
using Probe = Result<std::string_view> (*)(const I2cDevice&);

using MakeSensor = std::unique_ptr<Sensor> (*)(const DriverContext&);
using MakeEdgeSensor = std::unique_ptr<EdgeSensor> (*)(const DriverContext&);
using MakeComputed = std::unique_ptr<ComputedSensor> (*)(const DriverContext&);
using MakeActuator = std::unique_ptr<Actuator> (*)(const DriverContext&);
using MakeExpander = std::unique_ptr<Expander> (*)(const I2cDevice&, const ExpanderTraits&);

/// For a chip of several parts that are configured as devices of their own: they share its address.
struct SharedChip {
  std::string_view part = {};                    ///< option that tells them apart; empty: an address has one device
  std::span<const std::string_view> agree = {};  ///< options of the whole chip, which must be the same for all
};

/// What is wrong with options that are each right by themselves.
struct OptionProblem {
  std::string_view key;  ///< the one to point at
  std::string message;
  std::string hint = {};  ///< the way out
};
/// Looks at the checked options of a device together; none when they agree. Pure.
using CheckOptions = std::optional<OptionProblem> (*)(const Options&);
/// What an actuator takes by its checked options. Pure.
using OutputOf = OutputSpec (*)(const Options&);

/// A driver's description. Exactly one of the factories is set, but for a group.
struct DriverInfo {
  std::string_view name;  ///< the file's stem; also accepted as `driver`, then meaning the first model
  std::string_view summary;
  std::string_view datasheet;    ///< maker, document, revision; or the kernel's document
  std::string_view wiring = {};  ///< what the common module wants beyond the pins of its bus: supply, jumpers, pull-ups
  BusKind bus = BusKind::none;
  std::span<const Model> models = {};
  std::span<const std::uint8_t> addresses = {};                ///< I2C, 7 bits
  std::span<const ChannelSpec> channels = {};                  ///< what init() may find; empty with `dynamic_channels`
  bool dynamic_channels = false;                               ///< channels are known only from the device
  std::span<const OptionSpec> options = {};                    ///< beside those that the bus kind and every device have
  std::chrono::milliseconds every = std::chrono::seconds(10);  ///< default interval of polled sensors
  std::chrono::milliseconds every_min = std::chrono::milliseconds(100);  ///< what the part can deliver
  bool on_grid = false;                           ///< an edge sensor that is told each `every`, not at every edge
  bool settable = false;                          ///< an edge sensor whose first channel a command can set
  std::span<const std::string_view> events = {};  ///< what an edge sensor's events can be: "press" …
  std::string_view payload_option = {};           ///< option that is the payload template, for drivers without channels
  std::span<const InputSpec> inputs = {};  ///< of a computed sensor, at least one; all name channels of one sensor
  CheckOptions check_options = nullptr;
  Probe probe = nullptr;  ///< none for parts without identity, which can only be guessed
  MakeSensor make_sensor = nullptr;
  MakeEdgeSensor make_edge_sensor = nullptr;
  MakeComputed make_computed = nullptr;
  MakeActuator make_actuator = nullptr;
  MakeExpander make_expander = nullptr;  ///< then each model says its traits, and the lines are other devices' `line`
  SharedChip shared_chip = {};
  bool expander_lines = false;   ///< its `line` may be a GPIO expander's: the exact time of an edge does not matter
  OutputSpec output = {};        ///< of an actuator
  OutputOf output_of = nullptr;  ///< of an actuator whose options decide about its output
  bool group = false;            ///< an actuator made of others, without hardware of its own; it has no factory
  std::string_view example;      ///< a JSON object that `check` accepts under `sensors` or `actuators`

  [[nodiscard]] constexpr bool is_actuator() const noexcept { return make_actuator != nullptr || group; }
  /// Whether it is measured or told each `every`.
  [[nodiscard]] constexpr bool has_interval() const noexcept { return make_sensor != nullptr || on_grid; }
  [[nodiscard]] constexpr bool is_expander() const noexcept { return make_expander != nullptr; }
};

/// The address option of an I2C driver as a device on its bus.
[[nodiscard]] inline I2cDevice i2c_device(const DriverContext& context) {
  return {context.i2c, static_cast<std::uint8_t>(context.options.integer("address"))};
}

/// The keys that every driver of a bus kind has: `bus` and `address`, `line` … Pure.
[[nodiscard]] std::span<const OptionSpec> bus_options(BusKind kind) noexcept;

/// A driver and the row of its models that a name stands for.
struct DriverRef {
  const DriverInfo* driver = nullptr;
  std::size_t model = 0;
  [[nodiscard]] std::span<const std::uint8_t> addresses() const noexcept;
  [[nodiscard]] std::span<const ChannelSpec> channels() const noexcept;
  [[nodiscard]] std::string_view name() const noexcept;  ///< the model's name, or the driver's without models
  friend bool operator==(const DriverRef&, const DriverRef&) = default;
};

}  // namespace b2m

/// Defines the one description of a driver file; `stem` is the file's name without ".cpp".
#define B2M_DRIVER(stem)                        \
  extern const ::b2m::DriverInfo driver_##stem; \
  constinit const ::b2m::DriverInfo driver_##stem

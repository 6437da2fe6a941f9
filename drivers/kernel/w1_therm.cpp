// 1-Wire thermometers behind the kernel's w1_therm: DS18B20, DS18S20, DS1822, DS1825 (and MAX31850), DS28EA00. Linux,
// Documentation/w1/slaves/w1_therm.rst; Maxim DS18B20 19-7487 rev. 6.
// Supported: w1_slave with its checksum, `temperature` where a kernel offers only that. Not supported: setting the
// resolution, alarms, bulk reading. A read takes the conversion time, 750 ms at 12 bits.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

#include "drivers/api/driver.hpp"
#include "drivers/engine/attribute.hpp"
#include "drivers/engine/checksum.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view root = "/sys/bus/w1/devices";

// Family codes: DS18S20, DS1822, DS18B20, DS1825/MAX31850, DS28EA00.
constexpr std::string_view families[] = {"10-", "22-", "28-", "3b-", "42-"};
constexpr std::string_view thermocouple_family = "3b-";

constexpr ChannelSpec channel_table[] = {
    {"temperature", Quantity::temperature, {-55, 125}, "±0.5 °C from -10 to 85 °C"}};
constexpr Range thermocouple_range{-270, 1800};

using Scratchpad = std::array<std::uint8_t, 9>;

/// Nine bytes in hex, separated by single blanks, at the beginning of a line.
std::optional<Scratchpad> parse_scratchpad(std::string_view line) {
  Scratchpad bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (line.size() < 3 * i + 2) return std::nullopt;
    const char* at = line.data() + 3 * i;
    const auto [end, ec] = std::from_chars(at, at + 2, bytes[i], 16);
    if (ec != std::errc{} || end != at + 2) return std::nullopt;
  }
  return bytes;
}

/// What passes the checksum and is no measurement all the same. w1_therm.rst, "features": with byte 6 at its power-on
/// value 0x0c, 85 °C is what the chip holds before its first conversion, and 127.94 °C a conversion that lacked power.
Result<> check_scratchpad(const Scratchpad& b) {
  const auto all = [&](std::uint8_t value) {
    return std::all_of(b.begin(), b.end(), [&](auto byte) { return byte == value; });
  };
  if (all(0x00)) return fail(Errc::io, "the 1-Wire line is held low");
  if (all(0xff)) return fail(Errc::no_ack, "the thermometer does not answer");
  if (crc8_one_wire(std::span(b).first(8)) != b[8]) return fail(Errc::checksum, "scratchpad");
  const bool untouched = b[6] == 0x0c;
  const bool power_on =
      (b[0] == 0x50 && b[1] == 0x05) || (b[0] == 0xaa && b[1] == 0x00);  // the latter in half degrees, DS18S20
  if (untouched && power_on) return fail(Errc::not_ready, "85 °C is the power-on value: no conversion took place");
  if (untouched && b[0] == 0xff && b[1] == 0x07) return fail(Errc::not_ready, "127.94 °C: the conversion lacked power");
  return {};
}

/// MAX31850: bits 7 to 4 of the configuration are set, bit 0 of the first byte tells an open or shorted thermocouple.
bool thermocouple_fault(const Scratchpad& b) { return (b[4] & 0xf0) == 0xf0 && (b[0] & 0x01) != 0; }

/// °C from the two lines of w1_slave. The second one holds the value of the last good read, so it counts only with the
/// first.
Result<double> parse_w1_slave(std::string_view text, bool thermocouple) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return fail(Errc::not_ready, "w1_slave is empty");
  const auto first_line = text.substr(0, text.find('\n'));
  const auto scratchpad = parse_scratchpad(first_line);
  if (!scratchpad) return fail(Errc::io, "w1_slave is not understood");
  B2M_TRY(check_scratchpad(*scratchpad));
  if (!first_line.ends_with("YES")) return fail(Errc::checksum, "the kernel refused the scratchpad");
  if (thermocouple && thermocouple_fault(*scratchpad))
    return fail(Errc::out_of_range, "the thermocouple is open or shorted");
  const auto value = text.rfind("t=");
  if (value == std::string_view::npos) return fail(Errc::not_ready, "w1_slave has no temperature");
  B2M_ASSIGN(const double millidegrees, parse_attribute(text.substr(value + 2)));
  return millidegrees / 1000;
}

/// °C from the file `temperature`, which does not show byte 6: the two magic values are refused although they may be
/// true.
Result<double> parse_temperature(std::string_view text) {
  B2M_ASSIGN(const double millidegrees, parse_attribute(text));
  if (millidegrees == 85000) return fail(Errc::not_ready, "85 °C is the power-on value");
  if (millidegrees == 127937) return fail(Errc::not_ready, "127.94 °C: the conversion lacked power");
  return millidegrees / 1000;
}

constexpr OptionSpec options[] = {{.key = "id",
                                   .type = OptionType::text,
                                   .summary = "\"28-00000a013d97\", or \"any\" for the first thermometer found",
                                   .fallback = "any"}};

bool is_thermometer(std::string_view id) {
  return std::any_of(std::begin(families), std::end(families), [&](auto family) { return id.starts_with(family); });
}

/// Worker only.
class W1Therm final : public Sensor {
 public:
  W1Therm(AttributeFiles& files, std::string wanted) : files_(files), wanted_(std::move(wanted)) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override;
  Result<> read(Samples& samples) override;

 private:
  [[nodiscard]] bool is_thermocouple() const { return id_.starts_with(thermocouple_family); }
  [[nodiscard]] std::string path(std::string_view file) const { return fmt::format("{}/{}/{}", root, id_, file); }

  AttributeFiles& files_;
  std::string wanted_;
  std::string id_;
};

Result<Progress> W1Therm::init() {
  const auto devices = files_.list(std::string(root));
  if (!devices && devices.error().code == Errc::gone)
    return fail(Errc::gone, fmt::format("{} is not there: enable the w1-gpio overlay of the board", root));
  if (!devices) return tl::unexpected(devices.error());
  std::vector<std::string> thermometers;
  std::copy_if(devices->begin(), devices->end(), std::back_inserter(thermometers), is_thermometer);
  const auto found = std::find_if(thermometers.begin(), thermometers.end(),
                                  [&](const auto& id) { return wanted_ == "any" || id == wanted_; });
  if (found == thermometers.end())
    return fail(Errc::gone,
                fmt::format("{} is not on the 1-Wire bus; there {}", wanted_ == "any" ? "a thermometer" : wanted_,
                            thermometers.empty() ? "is none" : fmt::format("are: {}", fmt::join(thermometers, ", "))));
  id_ = *found;
  return Progress::done();
}

std::vector<Channel> W1Therm::channels() const {
  auto found = to_channels(channel_table);
  if (is_thermocouple()) found[0].range = thermocouple_range;
  return found;
}

Result<> W1Therm::read(Samples& samples) {
  const auto text = files_.read(path("w1_slave"));
  if (!text && text.error().code == Errc::gone) {
    B2M_ASSIGN(const std::string temperature, files_.read(path("temperature")));
    B2M_ASSIGN(const double celsius, parse_temperature(temperature));
    samples.set(0, celsius);
    return {};
  }
  if (!text) return tl::unexpected(text.error());
  B2M_ASSIGN(const double celsius, parse_w1_slave(*text, is_thermocouple()));
  samples.set(0, celsius);
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<W1Therm>(*context.files, context.options.text("id"));
}

constexpr Model models[] = {
    {.name = "ds18b20"}, {.name = "ds18s20"}, {.name = "ds1822"}, {.name = "ds1825"}, {.name = "ds28ea00"},
};

}  // namespace

B2M_DRIVER(w1_therm) = {
    .name = "w1_therm",
    .summary = "DS18B20 and other 1-Wire thermometers",
    .datasheet = "Linux, Documentation/w1/slaves/w1_therm.rst; Maxim DS18B20 19-7487 rev. 6",
    .wiring =
        "VDD to 3.3 V, GND to ground, DQ to the line that the kernel was told (w1-gpio in the device "
        "tree; GPIO4 on a Raspberry Pi) with a pull-up of 4.7 kΩ to 3.3 V for all sensors together",
    .bus = BusKind::w1,
    .models = models,
    .channels = channel_table,
    .options = options,
    .every_min = 1s,
    .make_sensor = make,
    .example = R"({"driver": "w1_therm", "id": "28-00000a013d97"})",
};

}  // namespace b2m

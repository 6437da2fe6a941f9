#include "drivers/engine/w1_thermometer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "drivers/engine/attribute.hpp"
#include "drivers/engine/checksum.hpp"

namespace b2m::w1 {
namespace {

// Family codes: DS18S20, DS1822, DS18B20, DS1825/MAX31850, DS28EA00.
constexpr std::string_view families[] = {"10-", "22-", "28-", "3b-", "42-"};
constexpr std::string_view thermocouple_family = "3b-";

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

bool is_thermometer(std::string_view id) {
  return std::any_of(std::begin(families), std::end(families), [&](auto family) { return id.starts_with(family); });
}

bool is_thermocouple(std::string_view id) { return id.starts_with(thermocouple_family); }

std::string path(std::string_view id, std::string_view file) { return fmt::format("{}/{}/{}", root, id, file); }

}  // namespace

Range range_of(std::string_view id) noexcept { return is_thermocouple(id) ? thermocouple_range : thermometer_range; }

Result<std::vector<std::string>> list(AttributeFiles& files) {
  auto names = files.list(std::string(root));
  if (!names && names.error().code == Errc::gone)
    return fail(Errc::gone, fmt::format("{} is not there: enable the w1-gpio overlay of the board", root));
  return names;
}

std::vector<std::string> thermometers(const std::vector<std::string>& names) {
  std::vector<std::string> found;
  std::copy_if(names.begin(), names.end(), std::back_inserter(found), is_thermometer);
  return found;
}

Result<double> read_celsius(AttributeFiles& files, std::string_view id) {
  const auto text = files.read(path(id, "w1_slave"));
  if (text) return parse_w1_slave(*text, is_thermocouple(id));
  if (text.error().code != Errc::gone) return tl::unexpected(text.error());
  B2M_ASSIGN(const std::string temperature, files.read(path(id, "temperature")));
  return parse_temperature(temperature);
}

}  // namespace b2m::w1

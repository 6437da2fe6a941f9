#include "drivers/api/i2c_name.hpp"

#include <fmt/format.h>

#include <charconv>

namespace b2m {
namespace {

constexpr std::string_view adapter_prefix = "i2c-";
constexpr std::string_view mux_prefix = "mux:";
constexpr std::size_t most_digits = 5;  // of an adapter's number
// The address pins of the TCA9548A and PCA9548A (TI SCPS207H, table 8-1; NXP PCA9548A rev. 5.1, §7.1).
constexpr unsigned first_mux = 0x70;
constexpr unsigned last_mux = 0x77;
constexpr unsigned last_channel = 7;

std::optional<unsigned> parse_number(std::string_view text, int base) {
  unsigned value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_adapter_number(std::string_view text) { return text.size() <= most_digits && parse_number(text, 10); }

Result<std::string> parse_adapter(std::string_view text) {
  if (text.starts_with(adapter_prefix) && is_adapter_number(text.substr(adapter_prefix.size())))
    return std::string(text);
  const auto digits = text.find_first_of("0123456789");
  const auto number = digits == std::string_view::npos ? std::string_view() : text.substr(digits);
  return fail(Errc::out_of_range, is_adapter_number(number) ? fmt::format("write \"i2c-{}\"", number)
                                                            : "write \"i2c-1\" or \"/dev/i2c-1\"");
}

Result<I2cMuxChannel> parse_mux(std::string_view text) {
  constexpr std::string_view hex = "0x";
  const auto malformed = [] { return fail(Errc::out_of_range, "behind a multiplexer write \"i2c-1/mux:0x70:3\""); };
  if (!text.starts_with(mux_prefix)) return malformed();
  text.remove_prefix(mux_prefix.size());
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !text.starts_with(hex)) return malformed();
  const auto address = parse_number(text.substr(hex.size(), colon - hex.size()), 16);
  const auto channel = parse_number(text.substr(colon + 1), 10);
  if (!address || !channel) return malformed();
  if (*address < first_mux || *address > last_mux)
    return fail(Errc::out_of_range, fmt::format("a multiplexer has an address from 0x{:02x} to 0x{:02x}, not 0x{:02x}",
                                                first_mux, last_mux, *address));
  if (*channel > last_channel)
    return fail(Errc::out_of_range,
                fmt::format("a multiplexer has the channels 0 to {}, not {}", last_channel, *channel));
  return I2cMuxChannel{static_cast<std::uint8_t>(*address), *channel};
}

}  // namespace

std::string I2cBusName::text() const {
  return mux ? fmt::format("{}/{}0x{:02x}:{}", adapter, mux_prefix, mux->address, mux->channel) : adapter;
}

Result<I2cBusName> parse_i2c_bus(std::string_view spelling) {
  constexpr std::string_view directory = "/dev/";
  if (spelling.starts_with(directory)) spelling.remove_prefix(directory.size());
  const auto slash = spelling.find('/');
  B2M_ASSIGN(std::string adapter, parse_adapter(spelling.substr(0, slash)));
  I2cBusName name{.adapter = std::move(adapter)};
  if (slash == std::string_view::npos) return name;
  B2M_ASSIGN(name.mux, parse_mux(spelling.substr(slash + 1)));
  return name;
}

std::string adapter_of(std::string_view bus) {
  return parse_i2c_bus(bus).map(&I2cBusName::adapter).value_or(std::string(bus));
}

}  // namespace b2m

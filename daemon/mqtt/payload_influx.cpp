// Payloads in the line protocol of InfluxDB 2, docs.influxdata.com "Line protocol": a line is a point.
#include <utility>

#include "daemon/mqtt/command_payload.hpp"
#include "daemon/mqtt/payload_formats.hpp"

namespace b2m {
namespace {

using Buffer = fmt::memory_buffer;

constexpr std::string_view special_in_measurement = ", ";
constexpr std::string_view special_elsewhere = ",= ";

/// There is no way to write a line break, nor a backslash that ends a name; a byte that is not UTF-8 is refused.
char writable(char c, bool utf8) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f || c == '\\' || (byte >= 0x80 && !utf8) ? '_' : c;
}

/// With a backslash before what would end it.
void append_escaped(Buffer& out, std::string_view text, std::string_view special) {
  const bool utf8 = is_utf8(text);
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out.push_back('\\');
    out.push_back(writable(c, utf8));
  }
}

/// Names that begin with _ are the database's.
void append_name(Buffer& out, std::string_view name, std::string_view special) {
  if (name.empty() || writable(name.front(), is_utf8(name)) == '_') out.push_back('x');
  append_escaped(out, name, special);
}

void append_field(Buffer& out, const Channel& channel, double value) {
  if (channel.key == "time") append(out, "x_");  // the timestamp's name in queries
  append_name(out, channel.key, special_elsewhere);
  out.push_back('=');
  if (channel.quantity == Quantity::state) return append(out, value != 0 ? "true" : "false");
  append_value(out, channel.quantity, value);
}

}  // namespace

/// The gateway's name is the only tag, so that a sensor is one series.
Encoded encode_influx(const PayloadSource& source) {
  Buffer out;
  Encoded encoded;
  append_name(out, source.sensor, special_in_measurement);
  if (!source.context.name.empty()) {
    append(out, ",gateway=");
    append_escaped(out, source.context.name, special_elsewhere);
  }
  char separator = ' ';
  for (const auto& reading : source.readings) {
    const double* number = number_of(reading);
    if (number == nullptr) continue;
    out.push_back(std::exchange(separator, ','));
    append_field(out, source.channels[reading.channel], *number);
  }
  if (separator == ' ') return {.dropped = nothing_to_tell(source.readings)};
  if (source.measurement.simulated) append(out, ",simulated=true");
  append_time(out, source.measurement.moment, TimeSpot::Kind::influx_timestamp, encoded.spots);
  encoded.payload = fmt::to_string(out);
  return encoded;
}

}  // namespace b2m

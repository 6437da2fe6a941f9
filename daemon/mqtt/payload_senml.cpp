// Payloads in SenML's JSON, RFC 8428: a pack of records, whose names and units every consumer understands.
#include <algorithm>
#include <cmath>

#include "daemon/mqtt/payload_formats.hpp"

namespace b2m {
namespace {

using Buffer = fmt::memory_buffer;

constexpr bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
/// RFC 8428, 4.5.1: what names consist of.
constexpr bool may_be_in_name(char c) {
  return is_alphanumeric(c) || c == '-' || c == ':' || c == '.' || c == '/' || c == '_';
}
constexpr bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

/// With _ for each character that a name cannot have.
void append_name(Buffer& out, std::string_view name) {
  for (const char c : name)
    if (!continues_character(c)) out.push_back(may_be_in_name(c) ? c : '_');
}

/// "pi/climate/": what the names of the channels follow.
void append_base_name(Buffer& out, const PayloadSource& source) {
  const std::string_view gateway = source.context.name;
  append(out, "\"bn\":\"");
  if (gateway.empty() || !is_alphanumeric(gateway.front())) append(out, "x_");  // a name begins with a letter or digit
  append_name(out, gateway);
  out.push_back('/');
  append_name(out, source.sensor);
  append(out, "/\",");
}

/// In the unit of the record, which is that of SI but for one: dBm is among the secondary units, which a pack of
/// version 10 cannot have (RFC 8798, RFC 9100); it is dBW and 30.
double in_senml_unit(Quantity quantity, double value) {
  return quantity == Quantity::signal_strength ? value - 30 : value;
}

/// The digits in SI that tell as much as those published do: 400.5 ppm is 0.0004005.
int decimals_in_si(const QuantityInfo& row) {
  constexpr double rounding = 1e-9;  // log10(1e6) may be a little more than 6
  return std::max(0, static_cast<int>(std::ceil(row.decimals + std::log10(row.scale) - rounding)));
}

void append_value_of(Buffer& out, Quantity quantity, double value) {
  if (quantity == Quantity::state) return append(out, value != 0 ? "\"vb\":true" : "\"vb\":false");
  const auto& row = info(quantity);
  if (!row.senml_unit.empty()) {
    append(out, "\"u\":\"");
    append(out, row.senml_unit);
    append(out, "\",");
  }
  append(out, "\"v\":");
  append_number(out, in_senml_unit(quantity, value), decimals_in_si(row), true);
}

void append_record(Buffer& out, const Channel& channel, double value) {
  append(out, "\"n\":\"");
  append_name(out, channel.key);
  append(out, "\",");
  append_value_of(out, channel.quantity, value);
  out.push_back('}');
}

}  // namespace

Encoded encode_senml(const PayloadSource& source) {
  Buffer out;
  Encoded encoded;
  for (const auto& reading : source.readings) {
    const double* number = number_of(reading);
    if (number == nullptr) continue;
    if (out.size() == 0) {
      append(out, "[{");
      append_base_name(out, source);
      append_time(out, source.measurement.moment, TimeSpot::Kind::senml_base_time, encoded.spots);
    } else {
      append(out, ",{");
    }
    append_record(out, source.channels[reading.channel], *number);
  }
  if (out.size() == 0) return {.dropped = nothing_to_tell(source.readings)};
  if (source.measurement.simulated) append(out, R"(,{"n":"simulated","vb":true})");
  out.push_back(']');
  encoded.payload = fmt::to_string(out);
  return encoded;
}

}  // namespace b2m

// The formats of payloads, a file each, and what they share. For payload.cpp, which says what each is.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "daemon/mqtt/payload.hpp"

namespace b2m {

/// What a payload is made of.
struct PayloadSource {
  std::string_view sensor;
  std::span<const Channel> channels;
  const Measurement& measurement;
  std::span<const Reading> readings;
  const PayloadContext& context;
};

[[nodiscard]] Encoded encode_json(const PayloadSource& source);
[[nodiscard]] Encoded encode_value(const PayloadSource& source);
[[nodiscard]] Encoded encode_senml(const PayloadSource& source);
[[nodiscard]] Encoded encode_influx(const PayloadSource& source);
[[nodiscard]] Encoded encode_text(const PayloadSource& source, std::span<const TemplatePiece> pieces);

/// A value that can be told: a number that is finite in SI and as published; null where there is none. Pure.
[[nodiscard]] const double* number_of(const Reading& reading);
void append(fmt::memory_buffer& out, std::string_view text);
/// In the form of the kind. While the clock cannot be trusted, its place is a spot, where only TimeSpot::Kind::time
/// says what the clock does.
void append_time(fmt::memory_buffer& out, const Moment& moment, TimeSpot::Kind kind, std::vector<TimeSpot>& spots);
/// Why nothing of `readings` can be told: none was measured, or none is here. Pure.
[[nodiscard]] std::string_view nothing_to_tell(std::span<const Reading> readings);

}  // namespace b2m

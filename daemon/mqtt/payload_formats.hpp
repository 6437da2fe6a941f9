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
[[nodiscard]] Encoded encode_text(const PayloadSource& source, std::span<const TemplatePiece> pieces);

/// A value that can be told: a number that is finite in SI and as published; null where there is none. Pure.
[[nodiscard]] const double* number_of(const Reading& reading);
void append(fmt::memory_buffer& out, std::string_view text);
/// As format_time() writes it, with its spot while the clock cannot be trusted.
void append_time(fmt::memory_buffer& out, const Moment& moment, std::vector<TimeSpot>& spots);

}  // namespace b2m

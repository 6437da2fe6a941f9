// Payloads without a structure of their own: a template's text, a bare value.
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "daemon/mqtt/payload_formats.hpp"

namespace b2m {
namespace {

/// Fills in the pieces of a template. The order of `readings` does not matter.
class TextEncoder {
 public:
  explicit TextEncoder(const PayloadSource& source) : source_(source) {}

  Encoded encode(std::span<const TemplatePiece> pieces) {
    for (const auto& piece : pieces) {
      append(out_, piece.literal);
      if (piece.field.empty()) continue;
      if (const auto dropped = append_field(piece); !dropped.empty()) return {.dropped = dropped};
    }
    return {.payload = fmt::to_string(out_), .spots = std::move(spots_)};
  }

 private:
  /// The reason for which the text cannot be sent, or nothing. A channel's key wins over the words below.
  std::string_view append_field(const TemplatePiece& piece) {
    const auto channel = std::find_if(source_.channels.begin(), source_.channels.end(),
                                      [&](const auto& row) { return row.key == piece.field; });
    if (channel != source_.channels.end())
      return append_channel(static_cast<std::size_t>(channel - source_.channels.begin()), piece.digits);
    if (piece.field == "value" || piece.field == "channel" || piece.field == "unit") return append_only_channel(piece);
    if (const auto word = context_word(piece.field)) {
      append(out_, *word);
    } else if (piece.field == "time") {
      append_time(out_, source_.measurement.moment, TimeSpot::Kind::time, spots_);
    } else if (piece.field == "sequence") {
      fmt::format_to(std::back_inserter(out_), "{}", source_.measurement.sequence);
    } else if (piece.field == "run") {
      fmt::format_to(std::back_inserter(out_), "{}", source_.context.run_ms);
    } else {
      return "unknown_field";  // a channel that a dynamic sensor does not have
    }
    return {};
  }

  std::string_view append_channel(std::size_t channel, std::optional<int> digits) {
    const auto reading = std::find_if(source_.readings.begin(), source_.readings.end(),
                                      [&](const auto& row) { return row.channel == channel; });
    if (reading == source_.readings.end()) return "held_back";
    const double* number = number_of(*reading);
    if (number == nullptr) return "failed_channel";
    append_value(out_, source_.channels[channel].quantity, *number, digits);
    return {};
  }

  /// {value}, {channel} and {unit} speak of the channel of a message that carries one.
  std::string_view append_only_channel(const TemplatePiece& piece) {
    if (source_.readings.empty()) return "held_back";
    const auto index = source_.readings.front().channel;
    if (piece.field == "value") return append_channel(index, piece.digits);
    append(out_, piece.field == "channel" ? std::string_view(source_.channels[index].key)
                                          : info(source_.channels[index].quantity).unit);
    return {};
  }

  [[nodiscard]] std::optional<std::string_view> context_word(std::string_view field) const {
    if (field == "sensor") return source_.sensor;
    if (field == "name") return source_.context.name;
    if (field == "hostname") return source_.context.hostname;
    if (field == "machine_id") return source_.context.machine_id;
    if (field == "base") return source_.context.base;
    return std::nullopt;
  }

  const PayloadSource& source_;
  fmt::memory_buffer out_;
  std::vector<TimeSpot> spots_;
};

}  // namespace

Encoded encode_text(const PayloadSource& source, std::span<const TemplatePiece> pieces) {
  return TextEncoder(source).encode(pieces);
}

Encoded encode_value(const PayloadSource& source) {
  const double* number = source.readings.empty() ? nullptr : number_of(source.readings.front());
  if (number == nullptr) return {.dropped = nothing_to_tell(source.readings)};
  return {.payload = format_value(source.channels[source.readings.front().channel].quantity, *number)};
}

}  // namespace b2m

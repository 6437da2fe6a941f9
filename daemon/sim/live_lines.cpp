// Parts that speak by the timing of their lines, with moving values.
#include <cmath>

#include "daemon/sim/live_wires.hpp"

namespace b2m {
namespace {

using Frame = std::vector<std::uint8_t>;

void append_sum(Frame& frame) {
  unsigned sum = 0;
  for (const auto byte : frame) sum += byte;
  frame.push_back(static_cast<std::uint8_t>(sum & 0xff));
}

/// Aosong, AM2302 product manual: tenths, above 0 °C.
LineModel make_dht22(const LiveContext& context, const Options& /*options*/) {
  const auto frame = [celsius = context.moving(Quantity::temperature),
                      humidity = context.moving(Quantity::relative_humidity)] {
    Frame bytes;
    for (const double value : {humidity(), celsius()}) {
      const auto tenths = static_cast<unsigned>(std::lround(value * 10));
      bytes.push_back(static_cast<std::uint8_t>(tenths >> 8));
      bytes.push_back(static_cast<std::uint8_t>(tenths & 0xff));
    }
    append_sum(bytes);
    return bytes;
  };
  return {.frame = frame};
}

/// ASAIR, DHT11 product manual V1.3: a byte of units and a byte of tenths.
LineModel make_dht11(const LiveContext& context, const Options& /*options*/) {
  const auto frame = [celsius = context.moving(Quantity::temperature),
                      humidity = context.moving(Quantity::relative_humidity)] {
    Frame bytes;
    for (const double value : {humidity(), celsius()}) {
      const auto tenths = static_cast<unsigned>(std::lround(value * 10));
      bytes.push_back(static_cast<std::uint8_t>(tenths / 10));
      bytes.push_back(static_cast<std::uint8_t>(tenths % 10));
    }
    append_sum(bytes);
    return bytes;
  };
  return {.frame = frame};
}

/// Elecfreaks, HC-SR04 user guide: there and back at 343 m/s.
LineModel make_ranger(const LiveContext& context, const Options& /*options*/) {
  return {.echo = [distance = context.moving(Quantity::distance)] {
    return std::optional(std::chrono::nanoseconds(std::llround(distance() * 2 / 343.2 * 1e9)));
  }};
}

/// Avia Semiconductor, HX711 datasheet: two's complement of 24 bits.
LineModel make_hx711(const LiveContext& context, const Options& options) {
  const double scale = options.has("counts_per_g") ? options.number("counts_per_g") : 100;
  return {.word = [mass = context.moving(Quantity::mass), scale, offset = options.number("offset_counts")] {
    return static_cast<std::uint32_t>(std::lround(mass() * 1000 * scale + offset)) & 0xffffff;
  }};
}

using Row = PartRow<LineModel>;
constexpr std::array rows{Row{"dht22", make_dht22},     Row{"am2302", make_dht22},  Row{"am2301", make_dht22},
                          Row{"dht11", make_dht11},     Row{"hcsr04", make_ranger}, Row{"us015", make_ranger},
                          Row{"jsnsr04t", make_ranger}, Row{"hx711", make_hx711}};

}  // namespace

MakePart<LineModel> find_live_lines(std::string_view name) noexcept { return find_part(rows, name); }

}  // namespace b2m

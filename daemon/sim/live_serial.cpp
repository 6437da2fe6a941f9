// Particle, CO2 and energy meters on serial lines: their frames with moving values.
#include <algorithm>
#include <cmath>

#include "daemon/sim/live_wires.hpp"

namespace b2m {
namespace {

using Bytes = SerialModel::Bytes;

unsigned counts(double value, double step) {
  return static_cast<unsigned>(std::clamp(std::round(value / step), 0.0, 4e9));
}

void put_be16(Bytes& frame, std::size_t at, unsigned value) {
  frame[at] = static_cast<std::uint8_t>(value >> 8 & 0xff);
  frame[at + 1] = static_cast<std::uint8_t>(value & 0xff);
}

unsigned sum(std::span<const std::uint8_t> bytes) {
  unsigned total = 0;
  for (const auto byte : bytes) total += byte;
  return total;
}

/// Plantower PMS5003 series data manual V2.3, appendix I. `climate_at`: where temperature and humidity stand; 0:
/// nowhere.
template <std::uint8_t length, std::size_t climate_at>
SerialModel make_pms(const LiveContext& context, const Options& /*options*/) {
  const std::array dust{context.moving(Quantity::pm1), context.moving(Quantity::pm2_5), context.moving(Quantity::pm10)};
  const std::array climate{context.moving(Quantity::temperature), context.moving(Quantity::relative_humidity)};
  const auto speak = [dust, climate] {
    Bytes frame(std::size_t{length} + 4);
    put_be16(frame, 0, 0x424d);
    put_be16(frame, 2, length);
    for (std::size_t i = 0; i < dust.size(); ++i) {
      put_be16(frame, 4 + 2 * i, counts(dust[i](), 1e-9));
      put_be16(frame, 10 + 2 * i, counts(dust[i](), 1e-9));
    }
    constexpr std::array<unsigned, 6> share{150, 45, 8, 2, 1, 1};  // of 0.1 L for each µg/m³ of the coarsest
    for (std::size_t i = 0; length > 20 && i < share.size(); ++i)
      put_be16(frame, 16 + 2 * i, share[i] * counts(dust[2](), 1e-9));
    for (std::size_t i = 0; climate_at != 0 && i < climate.size(); ++i)
      put_be16(frame, climate_at + 2 * i, counts(climate[i](), 0.1));
    put_be16(frame, frame.size() - 2, sum(std::span(frame).first(frame.size() - 2)));
    return frame;
  };
  return {.speak = speak};
}

/// Nova Fitness, SDS011 specification V1.3.
SerialModel make_sds011(const LiveContext& context, const Options& /*options*/) {
  const auto speak = [fine = context.moving(Quantity::pm2_5), coarse = context.moving(Quantity::pm10)] {
    const unsigned pm2_5 = counts(fine(), 0.1e-9);
    const unsigned pm10 = counts(coarse(), 0.1e-9);
    const auto low = [](unsigned word) { return static_cast<std::uint8_t>(word & 0xff); };
    Bytes frame{0xaa, 0xc0, low(pm2_5), low(pm2_5 >> 8), low(pm10), low(pm10 >> 8), 0x12, 0x34, 0, 0xab};
    frame[8] = low(sum(std::span(frame).subspan(2, 6)));
    return frame;
  };
  return {.speak = speak};
}

/// Winsen, MH-Z19B user's manual V1.6.
SerialModel make_mhz19(const LiveContext& context, const Options& /*options*/) {
  const auto answer = [co2 = context.moving(Quantity::co2),
                       celsius = context.moving(Quantity::temperature)](std::span<const std::uint8_t> request) {
    if (request.size() != 9 || request[2] != 0x86) return Bytes{};
    Bytes frame{0xff, 0x86, 0, 0, static_cast<std::uint8_t>(counts(celsius() + 40, 1)), 0, 0, 0, 0};
    put_be16(frame, 2, counts(co2(), 1e-6));
    frame[8] = static_cast<std::uint8_t>(-sum(std::span(frame).subspan(1, 7)) & 0xff);
    return frame;
  };
  return {.answer = answer};
}

/// Modbus over Serial Line V1.02, §6.2.2.
void append_crc(Bytes& frame) {
  unsigned crc = 0xffff;
  for (const auto byte : frame) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xa001 : crc >> 1;
  }
  frame.push_back(static_cast<std::uint8_t>(crc & 0xff));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
}

/// Peacefair, PZEM-004T V3.0 user manual, §2.3; a household of 230 V whose energy grows with its power.
SerialModel make_pzem004t(const LiveContext& context, const Options& options) {
  const auto moving = [&](Range range, unsigned salt) {
    return MovingValue(context.clock, range, context.seed + salt);
  };
  const auto answer = [address = static_cast<std::uint8_t>(options.integer("modbus_address")), clock = context.clock,
                       start = context.clock(), volt = moving({226, 234}, 1), ampere = moving({0.4, 3}, 2),
                       factor = moving({0.85, 0.99}, 3),
                       hertz = moving({49.8, 50.2}, 4)](std::span<const std::uint8_t> request) {
    if (request.size() != 8 || request[0] != address || request[1] != 4) return Bytes{};
    const double power = volt() * ampere() * factor();
    const double hours = std::chrono::duration<double>(clock() - start).count() / 3600;
    Bytes frame{address, 4, 20};
    const auto word = [&frame](unsigned value) {
      frame.push_back(static_cast<std::uint8_t>(value >> 8 & 0xff));
      frame.push_back(static_cast<std::uint8_t>(value & 0xff));
    };
    word(counts(volt(), 0.1));
    for (const unsigned value : {counts(ampere(), 0.001), counts(power, 0.1), counts(12000 + 300 * hours, 1)}) {
      word(value & 0xffff);
      word(value >> 16);
    }
    word(counts(hertz(), 0.1));
    word(counts(factor(), 0.01));
    word(0);
    append_crc(frame);
    return frame;
  };
  return {.answer = answer};
}

using Row = PartRow<SerialModel>;
constexpr std::array rows{
    Row{"pms5003", make_pms<28, 0>},    Row{"pms7003", make_pms<28, 0>},  Row{"pmsa003", make_pms<28, 0>},
    Row{"pms1003", make_pms<28, 0>},    Row{"pms5003s", make_pms<28, 0>}, Row{"pms5003t", make_pms<28, 24>},
    Row{"pms5003st", make_pms<36, 30>}, Row{"pms3003", make_pms<20, 0>},  Row{"sds011", make_sds011},
    Row{"sds018", make_sds011},         Row{"sds021", make_sds011},       Row{"mhz19", make_mhz19},
    Row{"mhz19b", make_mhz19},          Row{"mhz19c", make_mhz19},        Row{"mhz14a", make_mhz19},
    Row{"pzem004t", make_pzem004t},     Row{"pzem016", make_pzem004t},
};

}  // namespace

MakePart<SerialModel> find_live_serial(std::string_view name) noexcept { return find_part(rows, name); }

}  // namespace b2m

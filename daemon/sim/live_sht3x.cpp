// Sensirion SHT3x-DIS (datasheet version 7): single shots and periodic mode, words with CRC-8.
#include <cmath>

#include "daemon/sim/command_model.hpp"
#include "daemon/sim/live_models.hpp"

namespace b2m {
namespace {

using Bytes = CommandChipModel::Bytes;

/// §4.12: polynomial 0x31, initial value 0xff.
std::uint8_t crc8(std::uint8_t high, std::uint8_t low) {
  unsigned crc = 0xff;
  for (const unsigned byte : {unsigned{high}, unsigned{low}}) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x80 ? crc << 1 ^ 0x31 : crc << 1) & 0xff;
  }
  return static_cast<std::uint8_t>(crc);
}

void append_word(Bytes& bytes, std::uint16_t word) {
  const auto high = static_cast<std::uint8_t>(word >> 8);
  const auto low = static_cast<std::uint8_t>(word & 0xff);
  bytes.insert(bytes.end(), {high, low, crc8(high, low)});
}

Bytes words(std::initializer_list<std::uint16_t> list) {
  Bytes bytes;
  for (const auto word : list) append_word(bytes, word);
  return bytes;
}

/// §4.13: what is `fraction` of the full scale.
std::uint16_t to_raw(double fraction) { return static_cast<std::uint16_t>(std::lround(fraction * 65535)); }

}  // namespace

std::unique_ptr<ChipModel> make_live_sht3x(const LiveContext& context) {
  const auto measure = [celsius = context.moving(Quantity::temperature),
                        humidity = context.moving(Quantity::relative_humidity)] {
    return words({to_raw((celsius() + 45) / 175), to_raw(humidity() / 100)});
  };
  CommandChipModel::Table table;
  // Tables 9 and 11: the single shots of each repeatability, with and without clock stretching, and "fetch data".
  table.replies = {
      {.commands = {{0x24, 0x00}, {0x24, 0x0b}, {0x24, 0x16}, {0x2c, 0x06}, {0x2c, 0x0d}, {0x2c, 0x10}, {0xe0, 0x00}},
       .answer = measure},
      {.commands = {{0xf3, 0x2d}}, .answer = [] { return words({0x8010}); }},  // status after power-on
      {.commands = {{0x36, 0x82}, {0x37, 0x80}},
       .answer =
           [] {
             return words({0x0b2d, 0x0001});
           }},  // serial number
  };
  return std::make_unique<CommandChipModel>(std::move(table));
}

}  // namespace b2m

// The controller of a character display behind its backpack, as far as a driver can tell.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace b2m {

/// Hitachi, HD44780U: takes a half when E falls, and works with eight bits, of which four are wired, until it is told
/// otherwise.
class LcdController {
 public:
  /// A byte of the bus: P0 RS, P2 E, P3 backlight, P4 to P7 data.
  void take(std::uint8_t pins) {
    light = (pins & 0x08) != 0;
    const bool falls = (before_ & 0x04) != 0 && (pins & 0x04) == 0;
    if (falls) half(before_ & 0xf0U, (before_ & 0x01) != 0);
    before_ = pins;
  }
  /// What stands at an address of its memory.
  [[nodiscard]] std::string line(unsigned address, unsigned columns) const {
    std::string text;
    for (unsigned i = 0; i < columns; ++i) text += static_cast<char>(memory.at(address + i));
    return text;
  }

  std::array<std::uint8_t, 128> memory{};
  std::array<std::uint8_t, 64> glyphs{};
  bool on = false;
  bool light = false;

 private:
  void half(unsigned bits, bool data) {
    if (!four_bits_) return instruction(bits);
    if (!upper_) {
      upper_ = bits;
      return;
    }
    const auto byte = static_cast<std::uint8_t>(*upper_ | bits >> 4U);
    upper_.reset();
    if (data) {
      (to_glyphs_ ? glyphs.at(address_++) : memory.at(address_++)) = byte;
    } else {
      instruction(byte);
    }
  }
  void instruction(unsigned byte) {
    if ((byte & 0x80U) != 0) {
      address_ = byte & 0x7fU;
      to_glyphs_ = false;
    } else if ((byte & 0x40U) != 0) {
      address_ = byte & 0x3fU;
      to_glyphs_ = true;
    } else if ((byte & 0x20U) != 0) {
      four_bits_ = (byte & 0x10U) == 0;
    } else if ((byte & 0x08U) != 0) {
      on = (byte & 0x04U) != 0;
    } else if (byte == 0x01) {
      memory.fill(' ');
    }
  }

  std::uint8_t before_ = 0;
  bool four_bits_ = false;
  bool to_glyphs_ = false;
  std::optional<unsigned> upper_;
  unsigned address_ = 0;
};

}  // namespace b2m

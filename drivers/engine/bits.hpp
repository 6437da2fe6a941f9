// Byte order and sign of raw register values: the one place where they are written down. Pure.
#pragma once

#include <cstdint>
#include <span>

namespace b2m {

enum class ByteOrder : std::uint8_t { big_endian, little_endian };

/// Up to four bytes as an unsigned number.
[[nodiscard]] constexpr std::uint32_t to_unsigned(std::span<const std::uint8_t> bytes, ByteOrder order) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value = value << 8 | bytes[order == ByteOrder::big_endian ? i : bytes.size() - 1 - i];
  return value;
}
[[nodiscard]] constexpr std::uint16_t be16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>(to_unsigned({at, 2}, ByteOrder::big_endian));
}
[[nodiscard]] constexpr std::uint16_t le16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>(to_unsigned({at, 2}, ByteOrder::little_endian));
}
[[nodiscard]] constexpr std::uint32_t be24(const std::uint8_t* at) {
  return to_unsigned({at, 3}, ByteOrder::big_endian);
}

/// The lowest `bits` (1 to 32) of `raw` as two's complement.
[[nodiscard]] constexpr std::int32_t sign_extend(std::uint32_t raw, unsigned bits) {
  const unsigned unused = 32 - bits;
  return static_cast<std::int32_t>(raw << unused) >> unused;
}
static_assert(sign_extend(0xfff, 12) == -1);
static_assert(sign_extend(0x7ff, 12) == 2047);

}  // namespace b2m

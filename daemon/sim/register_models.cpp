#include "daemon/sim/register_models.hpp"

namespace b2m {

Result<> ByteRegisterModel::write(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return {};
  pointer_ = bytes[0] & behaviour_.address_mask;
  if (behaviour_.write_mode == WriteMode::pairs) {
    write_pairs(bytes);
  } else {
    write_consecutive(bytes.subspan(1));
  }
  return {};
}

void ByteRegisterModel::write_consecutive(std::span<const std::uint8_t> values) {
  for (const auto value : values) write_register(pointer_++, value);
}

void ByteRegisterModel::write_pairs(std::span<const std::uint8_t> pairs) {
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    pointer_ = pairs[i] & behaviour_.address_mask;
    if (i + 1 < pairs.size()) write_register(pointer_, pairs[i + 1]);
  }
}

void ByteRegisterModel::write_register(std::uint8_t reg, std::uint8_t value) {
  registers_[reg] = value;
  if (behaviour_.written) behaviour_.written(registers_, reg, value);
}

Result<> ByteRegisterModel::read(std::span<std::uint8_t> into) {
  if (behaviour_.refresh) behaviour_.refresh(registers_);
  for (auto& byte : into) byte = registers_[pointer_++];
  return {};
}

Result<> WordRegisterModel::write(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return {};
  pointer_ = bytes[0];
  if (bytes.size() == 1) return {};
  auto& word = registers_[pointer_];
  auto high = static_cast<std::uint8_t>(word >> 8);
  auto low = static_cast<std::uint8_t>(word & 0xff);
  (behaviour_.big_endian ? high : low) = bytes[1];
  if (bytes.size() > 2) (behaviour_.big_endian ? low : high) = bytes[2];
  word = static_cast<std::uint16_t>(high << 8 | low);
  if (behaviour_.written) behaviour_.written(registers_, pointer_, word);
  return {};
}

Result<> WordRegisterModel::read(std::span<std::uint8_t> into) {
  if (behaviour_.refresh) behaviour_.refresh(registers_);
  const std::uint16_t word = registers_[pointer_];
  for (std::size_t i = 0; i < into.size(); ++i) {
    const bool high = (i % 2 == 0) == behaviour_.big_endian;
    into[i] = static_cast<std::uint8_t>(high ? word >> 8 : word & 0xff);
  }
  return {};
}

}  // namespace b2m

#include "daemon/sim/port_models.hpp"

namespace b2m {

Result<> StreamModel::write(std::span<const std::uint8_t> bytes) {
  if (!bytes.empty()) control_ = bytes[0];  // the bytes after it go to the output, which nobody looks at
  return {};
}

Result<> StreamModel::read(std::span<std::uint8_t> into) {
  for (auto& byte : into) {
    byte = converted_;
    converted_ = sample_(control_ & channel_mask_);
  }
  return {};
}

Result<> PortModel::write(std::span<const std::uint8_t> bytes) {
  if (!bytes.empty()) latch_ = bytes.back();
  return {};
}

Result<> PortModel::read(std::span<std::uint8_t> into) {
  for (auto& byte : into) byte = pins_() & latch_;
  return {};
}

}  // namespace b2m

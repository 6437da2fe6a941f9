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

// Bytes of a longer transfer go to the ports in turn.
Result<> PortModel::write(std::span<const std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto shift = 8 * (i % ports_);
    latch_ = static_cast<std::uint16_t>((latch_ & ~(0xffU << shift)) | static_cast<unsigned>(bytes[i]) << shift);
  }
  return {};
}

Result<> PortModel::read(std::span<std::uint8_t> into) {
  for (std::size_t i = 0; i < into.size(); ++i)
    into[i] = static_cast<std::uint8_t>((pins_() & latch_) >> (8 * (i % ports_)));
  return {};
}

}  // namespace b2m

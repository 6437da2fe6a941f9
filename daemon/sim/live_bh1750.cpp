// ROHM BH1750FVI (rev. D): one-byte instructions, a result of two bytes, a measurement time register that scales it.
#include <algorithm>
#include <cmath>

#include "daemon/sim/live_models.hpp"

namespace b2m {
namespace {

class Bh1750 final : public ChipModel {
 public:
  explicit Bh1750(MovingValue lux) : lux_(std::move(lux)) {}

  Result<> write(std::span<const std::uint8_t> bytes) override {
    for (const unsigned instruction : bytes) obey(instruction);
    return {};
  }

  Result<> read(std::span<std::uint8_t> into) override {
    const auto raw = result();
    for (std::size_t i = 0; i < into.size(); ++i)
      into[i] = static_cast<std::uint8_t>(i % 2 == 0 ? raw >> 8 : raw & 0xff);
    return {};
  }

 private:
  /// Page 5, the instruction set.
  void obey(unsigned instruction) {
    if ((instruction & 0xf8) == 0x40) measurement_time_ = (measurement_time_ & 0x1f) | (instruction & 0x07) << 5;
    if ((instruction & 0xe0) == 0x60) measurement_time_ = (measurement_time_ & 0xe0) | (instruction & 0x1f);
    if ((instruction & 0xf0) == 0x10 || (instruction & 0xf0) == 0x20) mode_ = instruction;
  }

  /// Page 11: counts = lux × 1.2 × time / 69, twice as many in H-resolution mode 2; 0 before the first measurement.
  [[nodiscard]] unsigned result() const {
    if (mode_ == 0) return 0;
    const double resolution = (mode_ & 0x0f) == 0x01 ? 2 : 1;
    const double counts = lux_() * 1.2 * measurement_time_ / 69 * resolution;
    return static_cast<unsigned>(std::clamp(std::round(counts), 0.0, 65535.0));
  }

  MovingValue lux_;
  unsigned measurement_time_ = 69;
  unsigned mode_ = 0;
};

}  // namespace

std::unique_ptr<ChipModel> make_live_bh1750(const LiveContext& context) {
  return std::make_unique<Bh1750>(context.moving(Quantity::illuminance));
}

}  // namespace b2m

// NXP PCF8591 rev. 7: the control byte selects an input; each byte read is the conversion before it (§8.3). On a supply
// of 3.3 V, which is the reference.
#include <algorithm>
#include <cmath>
#include <vector>

#include "daemon/sim/live_models.hpp"

namespace b2m {
namespace {

constexpr unsigned input_count = 4;
constexpr double reference_v = 3.3;
constexpr double codes = 256;

/// Worker only.
class LivePcf8591 final : public ChipModel {
 public:
  explicit LivePcf8591(const LiveContext& context) {
    for (std::uint32_t i = 0; i < input_count; ++i) inputs_.push_back(context.moving(Quantity::voltage, i));
  }

  Result<> write(std::span<const std::uint8_t> bytes) override {
    if (!bytes.empty()) selected_ = bytes[0] & (input_count - 1);
    return {};
  }
  Result<> read(std::span<std::uint8_t> into) override {
    for (auto& byte : into) {
      byte = converted_;
      converted_ = convert();
    }
    return {};
  }

 private:
  [[nodiscard]] std::uint8_t convert() const {
    return static_cast<std::uint8_t>(
        std::clamp(std::floor(inputs_[selected_]() / reference_v * codes), 0.0, codes - 1));
  }

  std::vector<MovingValue> inputs_;
  std::size_t selected_ = 0;
  std::uint8_t converted_ = 0x80;  // after power-on
};

}  // namespace

std::unique_ptr<ChipModel> make_live_pcf8591(const LiveContext& context) {
  return std::make_unique<LivePcf8591>(context);
}

}  // namespace b2m

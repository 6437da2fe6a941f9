#include "daemon/sim/simulated_spi.hpp"

#include <algorithm>

namespace b2m {

Result<> SimulatedSpi::transfer(const SpiFormat& /*format*/, std::span<const std::uint8_t> out,
                                std::span<std::uint8_t> in) {
  const std::lock_guard lock(mutex_);
  if (out.size() != in.size()) return fail(Errc::unsupported, "as many bytes go out as come in");
  std::fill(in.begin(), in.end(), std::uint8_t{0xff});
  if (model_) model_(out, in);
  return {};
}

void SimulatedSpi::attach(SpiModel model) {
  const std::lock_guard lock(mutex_);
  model_ = std::move(model);
}

void SpiRegisters::operator()(std::span<const std::uint8_t> out, std::span<std::uint8_t> in) {
  constexpr std::uint8_t write_bit = 0x80;
  if (out.empty()) return;
  const bool write = (out[0] & write_bit) != 0;
  if (!write && refresh_) refresh_(contents_);
  for (std::size_t i = 1; i < out.size(); ++i) {
    const auto reg = static_cast<std::uint8_t>((out[0] + i - 1) & 0x7f);
    in[i] = contents_[reg];
    if (write) contents_[reg] = out[i];
  }
}

}  // namespace b2m

#include "daemon/sim/simulated_i2c.hpp"

#include <fmt/format.h>

namespace b2m {
namespace {

Result<> run(ChipModel& chip, std::span<const I2cOp> ops) {
  for (const auto& op : ops) B2M_TRY(op.is_read() ? chip.read(op.read) : chip.write(op.write));
  return {};
}

}  // namespace

Result<> SimulatedI2c::transfer(std::uint8_t address, std::span<const I2cOp> ops) {
  const std::lock_guard lock(mutex_);
  if (address >= chips_.size() || !chips_[address])
    return fail(Errc::no_ack, fmt::format("nothing answers at 0x{:02x}", address));
  auto result = run(*chips_[address], ops);
  chips_[address]->stop();
  return result;
}

void SimulatedI2c::attach(std::uint8_t address, std::unique_ptr<ChipModel> chip) {
  const std::lock_guard lock(mutex_);
  chips_.at(address) = std::move(chip);
}

void SimulatedI2c::detach(std::uint8_t address) {
  const std::lock_guard lock(mutex_);
  chips_.at(address).reset();
}

}  // namespace b2m

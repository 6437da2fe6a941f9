#include "drivers/engine/register_burst.hpp"

#include <fmt/format.h>

namespace b2m {

Result<> expect_registers(const I2cDevice& device, const RegisterGuard& guard, Errc otherwise) {
  std::vector<std::uint8_t> found(guard.value.size());
  B2M_TRY(read_registers(device, guard.reg, found));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::uint8_t mask = guard.mask.empty() ? 0xff : guard.mask[i];
    if ((found[i] & mask) == (guard.value[i] & mask)) continue;
    return fail(otherwise, fmt::format("{}register 0x{:02x} reads 0x{:02x}, expected 0x{:02x}",
                                       otherwise == Errc::wrong_chip ? "" : "the chip lost its configuration: ",
                                       guard.reg + i, found[i], guard.value[i]));
  }
  return {};
}

Result<Progress> BurstSensor::init() {
  waiting_ = false;
  auto progress = write_next();
  if (!progress || !progress->again()) written_ = 0;
  return progress;
}

Result<Progress> BurstSensor::write_next() {
  if (written_ == 0 && chip_.identity) B2M_TRY(expect_registers(device_, *chip_.identity, Errc::wrong_chip));
  while (written_ < chip_.setup.size()) {
    const auto& row = chip_.setup[written_++];
    B2M_TRY(write_u8(device_, row.reg, row.value));
    if (row.pause.count() > 0) return Progress::again_after(row.pause);
  }
  return Progress::done();
}

Result<Progress> BurstSensor::trigger() {
  if (!waiting_) {
    if (chip_.guard) B2M_TRY(expect_registers(device_, *chip_.guard, Errc::io));
    wait_.restart();
  }
  auto progress = await_result();
  waiting_ = progress && progress->again();
  return progress;
}

Result<Progress> BurstSensor::await_result() {
  if (!chip_.ready) return Progress::done();
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, chip_.ready->reg));
  if ((status & chip_.ready->mask) == 0) return wait_.again();
  return Progress::done();
}

Result<> BurstSensor::read(Samples& samples) {
  std::vector<std::uint8_t> bytes(chip_.length);
  B2M_TRY(read_registers(device_, chip_.burst, bytes));
  return chip_.decode(bytes, samples);
}

}  // namespace b2m

#include "drivers/engine/register_burst.hpp"

#include <fmt/format.h>

#include <numeric>

namespace b2m {
namespace {

Result<> write_register(const I2cDevice& device, const RegisterWrite& row) {
  const auto written = row.width == 16 ? write_be16(device, row.reg, row.value)
                                       : write_u8(device, row.reg, static_cast<std::uint8_t>(row.value));
  if (!written && written.error().code == Errc::no_ack && row.may_be_refused) return {};
  return written;
}

}  // namespace

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

BurstSensor::BurstSensor(BurstChip chip, I2cDevice device, std::vector<Channel> channels)
    : chip_(std::move(chip)), device_(device), channels_(std::move(channels)) {
  bytes_.resize(std::accumulate(chip_.bursts.begin(), chip_.bursts.end(), std::size_t{0},
                                [](std::size_t sum, const Burst& burst) { return sum + burst.length; }));
  if (chip_.ready) wait_ = {chip_.ready->pause, chip_.ready->looks, "finish its conversion"};
}

Result<Progress> BurstSensor::init() {
  waiting_ = false;
  auto progress = write_next();
  if (!progress || !progress->again()) written_ = 0;
  return progress;
}

Result<Progress> BurstSensor::write_next() {
  if (written_ == 0 && chip_.identify) B2M_TRY(chip_.identify(device_));
  while (written_ < chip_.setup.size()) {
    const auto& row = chip_.setup[written_++];
    B2M_TRY(write_register(device_, row));
    if (row.pause.count() > 0) return Progress::again_after(row.pause);
  }
  return Progress::done();
}

Result<Progress> BurstSensor::trigger() {
  auto progress = waiting_ ? await_result() : start_conversion();
  waiting_ = progress && progress->again();
  return progress;
}

Result<Progress> BurstSensor::start_conversion() {
  if (chip_.guard) B2M_TRY(expect_registers(device_, *chip_.guard, Errc::io));
  for (const auto& row : chip_.trigger) B2M_TRY(write_register(device_, row));
  if (!chip_.ready) return Progress::done_after(chip_.conversion);
  wait_.restart();
  return chip_.conversion.count() > 0 ? Progress::again_after(chip_.conversion) : await_result();
}

Result<Progress> BurstSensor::await_result() {
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, chip_.ready->reg));
  if ((status & chip_.ready->mask) != chip_.ready->mask) return wait_.again();
  return Progress::done();
}

Result<> BurstSensor::read(Samples& samples) {
  std::span<std::uint8_t> room(bytes_);
  for (const auto& burst : chip_.bursts) {
    B2M_TRY(read_registers(device_, burst.reg, room.first(burst.length)));
    room = room.subspan(burst.length);
  }
  return chip_.decode(bytes_, samples);
}

}  // namespace b2m

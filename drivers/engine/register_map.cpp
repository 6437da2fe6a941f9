#include "drivers/engine/register_map.hpp"

#include "drivers/engine/identity.hpp"

namespace b2m {
namespace {

Result<> write_register(const I2cDevice& device, const RegisterValue& row) {
  if (row.width == 8) return write_u8(device, row.reg, static_cast<std::uint8_t>(row.value));
  return write_be16(device, row.reg, row.value);
}

Result<> check_register(const I2cDevice& device, const RegisterValue& row) {
  if (row.width == 16) return expect_be16(device, row.reg, row.value, row.mask);
  return expect_u8(device, row.reg, static_cast<std::uint8_t>(row.value), static_cast<std::uint8_t>(row.mask));
}

Result<Progress> write_all(const I2cDevice& device, std::span<const RegisterValue> rows, Progress::Duration pause) {
  for (const auto& row : rows) B2M_TRY(write_register(device, row));
  return Progress::done_after(pause);
}

}  // namespace

Result<double> decode(const Field& field, std::uint32_t raw) {
  if (field.invalid && raw == *field.invalid) return fail(Errc::not_ready, "the register holds its reset value");
  if ((raw & field.must_be_clear) != 0) return fail(Errc::not_ready, "the result still has the format of another mode");
  const unsigned bits = field.width - field.shift - field.unused_high;
  const std::uint32_t value = raw >> field.shift;
  const double steps = field.sign ? sign_extend(value, bits) : static_cast<double>(value & (~0U >> (32 - bits)));
  return steps * field.scale + field.offset;
}

Result<> check_identity(const I2cDevice& device, const RegisterChip& chip) {
  if (chip.identity) B2M_TRY(check_register(device, *chip.identity));
  if (chip.second_identity) B2M_TRY(check_register(device, *chip.second_identity));
  return {};
}

Result<Progress> RegisterSensor::init() {
  auto progress = resetting_ ? set_up() : begin();
  resetting_ = progress && progress->again();
  return progress;
}

Result<Progress> RegisterSensor::begin() {
  converting_ = false;
  B2M_TRY(check_identity(device_, chip_));
  if (!chip_.reset) return set_up();
  // The part may be gone into its reset before it acknowledges; that it is there has just been seen.
  const auto written = write_register(device_, *chip_.reset);
  if (!written && written.error().code != Errc::no_ack) return tl::unexpected(written.error());
  return Progress::again_after(chip_.reset_time);
}

Result<Progress> RegisterSensor::set_up() { return write_all(device_, chip_.setup, chip_.start_up); }

Result<Progress> RegisterSensor::trigger() {
  auto progress = converting_ ? await_conversion() : start_conversion();
  converting_ = progress && progress->again();
  return progress;
}

Result<Progress> RegisterSensor::start_conversion() {
  B2M_ASSIGN(const Progress started, write_all(device_, chip_.trigger, chip_.conversion));
  if (!chip_.ready) return started;
  wait_.restart();
  return Progress::again_after(chip_.conversion);
}

Result<Progress> RegisterSensor::await_conversion() {
  B2M_ASSIGN(const std::uint8_t flags, read_u8(device_, chip_.ready->reg));
  if ((flags & chip_.ready->mask) != chip_.ready->mask) return wait_.again();
  return Progress::done();
}

Result<> RegisterSensor::read(Samples& samples) { return chip_.burst ? read_burst(samples) : read_each(samples); }

Result<> RegisterSensor::read_each(Samples& samples) const {
  for (const auto& field : chip_.fields) {
    std::array<std::uint8_t, 4> bytes{};
    const auto used = std::span(bytes).first(field.width / 8);
    B2M_TRY(read_registers(device_, field.reg, used));
    keep(field, used, samples);
  }
  return {};
}

Result<> RegisterSensor::read_burst(Samples& samples) const {
  const Field& first = chip_.fields.front();
  const Field& last = chip_.fields.back();
  std::vector<std::uint8_t> bytes(last.reg - first.reg + last.width / 8);
  B2M_TRY(read_registers(device_, first.reg, bytes));
  for (const auto& field : chip_.fields)
    keep(field, std::span(bytes).subspan(field.reg - first.reg, field.width / 8), samples);
  return {};
}

void RegisterSensor::keep(const Field& field, std::span<const std::uint8_t> bytes, Samples& samples) const {
  const auto spec =
      std::find_if(channels_.begin(), channels_.end(), [&](const auto& c) { return c.key == field.channel; });
  samples.set(static_cast<std::size_t>(spec - channels_.begin()), decode(field, to_unsigned(bytes, field.order)));
}

}  // namespace b2m

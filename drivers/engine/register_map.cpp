#include "drivers/engine/register_map.hpp"

#include <fmt/format.h>

namespace b2m {
namespace {

Result<> write_register(const I2cDevice& device, const RegisterValue& row) {
  if (row.width == 8) return write_u8(device, row.reg, static_cast<std::uint8_t>(row.value));
  return write_be16(device, row.reg, row.value);
}

Result<> check_identity(const I2cDevice& device, const RegisterValue& row) {
  std::uint16_t found = 0;
  if (row.width == 8) {
    B2M_ASSIGN(found, read_u8(device, row.reg));
  } else {
    B2M_ASSIGN(found, read_be16(device, row.reg));
  }
  if ((found & row.mask) == (row.value & row.mask)) return {};
  return fail(Errc::wrong_chip, fmt::format("register 0x{:02x} reads 0x{:0{}x}, expected 0x{:0{}x}", row.reg, found,
                                            row.width / 4, row.value, row.width / 4));
}

Result<Progress> write_all(const I2cDevice& device, std::span<const RegisterValue> rows, Progress::Duration pause) {
  for (const auto& row : rows) B2M_TRY(write_register(device, row));
  return Progress::done_after(pause);
}

}  // namespace

Result<double> decode(const Field& field, std::uint32_t raw) {
  if (field.invalid && raw == *field.invalid) return fail(Errc::not_ready, "the register holds its reset value");
  if ((raw & field.must_be_clear) != 0) return fail(Errc::not_ready, "the result still has the format of another mode");
  const unsigned bits = field.width - field.shift;
  const std::uint32_t value = raw >> field.shift;
  const double steps = field.sign ? sign_extend(value, bits) : static_cast<double>(value);
  return steps * field.scale + field.offset;
}

Result<Progress> RegisterSensor::init() {
  if (chip_.identity) B2M_TRY(check_identity(device_, *chip_.identity));
  return write_all(device_, chip_.setup, chip_.start_up);
}

Result<Progress> RegisterSensor::trigger() { return write_all(device_, chip_.trigger, chip_.conversion); }

Result<> RegisterSensor::read(Samples& samples) {
  for (const auto& field : chip_.fields) {
    std::array<std::uint8_t, 4> bytes{};
    const auto used = std::span(bytes).first(field.width / 8);
    B2M_TRY(read_registers(device_, field.reg, used));
    const auto spec =
        std::find_if(channels_.begin(), channels_.end(), [&](const auto& c) { return c.key == field.channel; });
    samples.set(static_cast<std::size_t>(spec - channels_.begin()), decode(field, to_unsigned(used, field.order)));
  }
  return {};
}

}  // namespace b2m

#include "drivers/engine/register_map.hpp"

#include <algorithm>
#include <iterator>

#include "drivers/engine/identity.hpp"

namespace b2m {
namespace {

Result<> check_register(const I2cDevice& device, const RegisterValue& row) {
  if (row.width == 16) return expect_be16(device, row.reg, row.value, row.mask);
  return expect_u8(device, row.reg, static_cast<std::uint8_t>(row.value), static_cast<std::uint8_t>(row.mask));
}

RegisterWrite to_write(const RegisterValue& row) { return {.reg = row.reg, .value = row.value, .width = row.width}; }

std::vector<RegisterWrite> setup_of(const RegisterChip& chip) {
  std::vector<RegisterWrite> rows;
  if (chip.reset) {
    rows.push_back(to_write(*chip.reset));
    rows.back().pause = chip.reset_time;
    // The part may be gone into its reset before it acknowledges; that it is there has just been seen.
    rows.back().may_be_refused = true;
  }
  std::transform(chip.setup.begin(), chip.setup.end(), std::back_inserter(rows), to_write);
  if (!chip.setup.empty()) rows.back().pause = chip.start_up;
  return rows;
}

std::vector<Burst> bursts_of(const RegisterChip& chip) {
  std::vector<Burst> bursts;
  for (const auto& field : chip.fields) {
    if (chip.burst && !bursts.empty()) {
      bursts.front().length = field.reg - chip.fields.front().reg + field.width / 8;
    } else {
      bursts.push_back({field.reg, field.width / 8});
    }
  }
  return bursts;
}

/// Of a channel of the chip; each field has one.
std::size_t index_of(std::span<const ChannelSpec> channels, std::string_view key) {
  const auto spec = std::find_if(channels.begin(), channels.end(), [key](const auto& c) { return c.key == key; });
  return static_cast<std::size_t>(spec - channels.begin());
}

Result<> decode_fields(const RegisterChip& chip, RegisterBytes bytes, Samples& samples) {
  std::size_t at = 0;  // without a burst, the fields stand one behind the other
  for (const auto& field : chip.fields) {
    if (chip.burst) at = field.reg - chip.fields.front().reg;
    const auto own = bytes.subspan(at, field.width / 8);
    at += own.size();
    samples.set(index_of(chip.model.channels, field.channel), decode(field, to_unsigned(own, field.order)));
  }
  return {};
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

BurstChip to_burst_chip(const RegisterChip& chip) {
  BurstChip burst{
      .identify = [&chip](const I2cDevice& device) { return check_identity(device, chip); },
      .setup = setup_of(chip),
      .conversion = chip.conversion,
      .ready = chip.ready,
      .bursts = bursts_of(chip),
      .decode = [&chip](RegisterBytes bytes, Samples& samples) { return decode_fields(chip, bytes, samples); }};
  std::transform(chip.trigger.begin(), chip.trigger.end(), std::back_inserter(burst.trigger), to_write);
  return burst;
}

}  // namespace b2m

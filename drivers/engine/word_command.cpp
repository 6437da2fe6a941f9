#include "drivers/engine/word_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/checksum.hpp"

namespace b2m {

Result<double> decode(const WordField& field, std::uint16_t raw) {
  if (field.saturated && raw == *field.saturated) return fail(Errc::out_of_range, "the measurement is saturated");
  if (field.invalid && raw == *field.invalid) return fail(Errc::not_ready, "the word holds no measurement");
  const double value = field.offset + field.span * raw / field.steps;
  return field.crop ? std::clamp(value, field.crop->low, field.crop->high) : value;
}

Result<> check_words(std::span<const std::uint8_t> answer, std::span<std::uint16_t> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = answer.subspan(3 * i, 2);
    if (crc8_sensirion(word) != answer[3 * i + 2])
      return fail(Errc::checksum, fmt::format("word {} of {}", i + 1, words.size()));
    words[i] = be16(word.data());
  }
  return {};
}

Result<> send(const I2cDevice& device, const WordCommand& command) {
  std::array<std::uint8_t, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(command.code >> (8 * (bytes.size() - 1 - i)));
  auto sent = device.write(std::span<const std::uint8_t>(bytes).last(command.bytes));
  if (!sent && sent.error().code == Errc::no_ack && command.may_be_refused) return {};
  return sent;
}

Result<> read_words(const I2cDevice& device, bool checksums, std::span<std::uint16_t> words) {
  std::vector<std::uint8_t> answer(words.size() * (checksums ? 3 : 2));
  B2M_TRY(device.read(answer));
  if (checksums) return check_words(answer, words);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = be16(&answer[2 * i]);
  return {};
}

Result<std::uint16_t> query_word(const I2cDevice& device, const WordCommand& command, bool checksums) {
  B2M_TRY(send(device, command));
  std::array<std::uint16_t, 1> word{};
  B2M_TRY(read_words(device, checksums, word));
  return word[0];
}

Result<Progress> WordCommandSensor::init() {
  auto progress = start_next();
  if (progress && progress->again()) return progress;
  woken_ = false;
  started_ = 0;
  return progress;
}

Result<Progress> WordCommandSensor::start_next() {
  if (chip_.wake && !woken_) {
    B2M_TRY(send(device_, *chip_.wake));
    woken_ = true;
    return Progress::again_after(chip_.wake->pause);
  }
  if (started_ == 0) B2M_TRY(check_identity());
  if (started_ < chip_.start.size()) {
    const WordCommand& command = chip_.start[started_];
    B2M_TRY(send(device_, command));
    ++started_;
    return Progress::again_after(command.pause);
  }
  B2M_TRY(check_status());
  return Progress::done();
}

Result<> WordCommandSensor::check_identity() const {
  for (const auto& identity : chip_.identity) {
    B2M_ASSIGN(const std::uint16_t found, query_word(device_, identity.command, chip_.checksums));
    if ((found & identity.mask) != (identity.value & identity.mask))
      return fail(Errc::wrong_chip,
                  fmt::format("the identity word is 0x{:04x}, expected 0x{:04x}", found, identity.value));
  }
  return {};
}

Result<> WordCommandSensor::check_status() const {
  if (!chip_.status) return {};
  const auto word = query_word(device_, chip_.status->command);
  if (!word && word.error().code == Errc::checksum) return fail(Errc::checksum, "status word");
  if (!word) return tl::unexpected(word.error());
  if ((*word & chip_.status->must_be_clear) == 0) return {};
  return fail(Errc::not_ready, std::string(chip_.status->meaning));
}

Result<Progress> WordCommandSensor::trigger() {
  B2M_TRY(send(device_, chip_.measure));
  return Progress::done_after(chip_.measure.pause);
}

Result<> WordCommandSensor::fetch(std::span<std::uint16_t> words) const {
  auto fetched = read_words(device_, chip_.checksums, words);
  // The part has just acknowledged the command, so it is there: it refuses because its conversion is not finished.
  if (!fetched && fetched.error().code == Errc::no_ack) return fail(Errc::not_ready, "the conversion is not finished");
  return fetched;
}

Result<> WordCommandSensor::read(Samples& samples) {
  std::vector<std::uint16_t> words(chip_.fields.size());
  B2M_TRY(fetch(words));
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& field = chip_.fields[i];
    const auto spec =
        std::find_if(channels_.begin(), channels_.end(), [&](const auto& c) { return c.key == field.channel; });
    auto value = decode(field, words[i]);
    if (!value && value.error().code == Errc::not_ready) return tl::unexpected(value.error());
    samples.set(static_cast<std::size_t>(spec - channels_.begin()), std::move(value));
  }
  return {};
}

}  // namespace b2m

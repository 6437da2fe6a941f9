#include "drivers/engine/word_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/checksum.hpp"

namespace b2m {

Result<double> decode(const WordField& field, std::uint16_t raw) {
  if (field.saturated && raw == *field.saturated) return fail(Errc::out_of_range, "the measurement is saturated");
  return field.offset + field.span * raw / field.steps;
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

Result<> WordCommandSensor::send(const Command& command) const {
  const std::array bytes{static_cast<std::uint8_t>(command.code >> 8), static_cast<std::uint8_t>(command.code & 0xff)};
  auto sent = device_.write(std::span(bytes).last(command.bytes));
  if (!sent && sent.error().code == Errc::no_ack && command.may_be_refused) return {};
  return sent;
}

Result<Progress> WordCommandSensor::init() {
  auto progress = start_next();
  if (!progress || !progress->again()) started_ = 0;
  return progress;
}

Result<Progress> WordCommandSensor::start_next() {
  if (started_ < chip_.start.size()) {
    const Command& command = chip_.start[started_];
    B2M_TRY(send(command));
    ++started_;
    return Progress::again_after(command.pause);
  }
  B2M_TRY(check_status());
  return Progress::done();
}

Result<> WordCommandSensor::check_status() const {
  if (!chip_.status) return {};
  B2M_TRY(send(chip_.status->command));
  std::array<std::uint8_t, 3> answer{};
  B2M_TRY(device_.read(answer));
  std::array<std::uint16_t, 1> word{};
  if (!check_words(answer, word)) return fail(Errc::checksum, "status word");
  if ((word[0] & chip_.status->must_be_clear) == 0) return {};
  return fail(Errc::not_ready, std::string(chip_.status->meaning));
}

Result<Progress> WordCommandSensor::trigger() {
  B2M_TRY(send(chip_.measure));
  return Progress::done_after(chip_.measure.pause);
}

Result<> WordCommandSensor::fetch(std::span<std::uint16_t> words) const {
  std::vector<std::uint8_t> answer(words.size() * (chip_.checksums ? 3 : 2));
  auto read = device_.read(answer);
  // The part has just acknowledged the command, so it is there: it refuses because its conversion is not finished.
  if (!read && read.error().code == Errc::no_ack) return fail(Errc::not_ready, "the conversion is not finished");
  if (!read) return read;
  if (chip_.checksums) return check_words(answer, words);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = be16(&answer[2 * i]);
  return {};
}

Result<> WordCommandSensor::read(Samples& samples) {
  std::vector<std::uint16_t> words(chip_.fields.size());
  B2M_TRY(fetch(words));
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& field = chip_.fields[i];
    const auto spec =
        std::find_if(channels_.begin(), channels_.end(), [&](const auto& c) { return c.key == field.channel; });
    samples.set(static_cast<std::size_t>(spec - channels_.begin()), decode(field, words[i]));
  }
  return {};
}

}  // namespace b2m

#include "drivers/engine/word_dialog.hpp"

#include <fmt/format.h>

#include <array>

#include "drivers/engine/checksum.hpp"
#include "drivers/engine/word_command.hpp"

namespace b2m {
namespace {

void append_word(std::vector<std::uint8_t>& bytes, std::uint16_t word) {
  bytes.push_back(static_cast<std::uint8_t>(word >> 8));
  bytes.push_back(static_cast<std::uint8_t>(word & 0xff));
}

bool is_forgiven(const Exchange& exchange, const Error& error) {
  return exchange.may_be_refused && error.code == Errc::no_ack;
}

}  // namespace

Result<> send_checked_words(const I2cDevice& device, std::uint16_t code, Words arguments) {
  std::vector<std::uint8_t> bytes;
  append_word(bytes, code);
  for (const auto argument : arguments) {
    append_word(bytes, argument);
    bytes.push_back(crc8_sensirion(std::span(bytes).last(2)));
  }
  return device.write(bytes);
}

Result<> read_checked_words(const I2cDevice& device, std::span<std::uint16_t> words) {
  std::vector<std::uint8_t> answer(3 * words.size());
  B2M_TRY(device.read(answer));
  return check_words(answer, words);
}

Result<> ask_checked_words(const I2cDevice& device, std::uint16_t code, std::span<std::uint16_t> words) {
  constexpr int looks = 100;  // of 0.1 ms at least, the time of an address on a bus of 100 kHz
  B2M_TRY(send_checked_words(device, code));
  auto got = read_checked_words(device, words);
  for (int look = 1; look < looks && !got && got.error().code == Errc::no_ack; ++look)
    got = read_checked_words(device, words);
  return got;
}

void WordDialogSensor::rewind() {
  at_ = 0;
  asked_ = false;
  looked_ = 0;
}

Result<Progress> WordDialogSensor::init() {
  auto progress = advance(chip_.start, chip_.start.size());
  if (!progress || !progress->again()) rewind();
  return progress;
}

Result<Progress> WordDialogSensor::trigger() {
  const Exchange& measure = chip_.trigger.back();
  auto progress = advance(chip_.trigger, chip_.trigger.size() - 1);
  if (progress && progress->again()) return progress;
  rewind();
  if (!progress) return progress;
  B2M_TRY(send_checked_words(device_, measure.code, measure.arguments));
  return Progress::done_after(measure.pause);
}

Result<Progress> WordDialogSensor::advance(const std::vector<Exchange>& list, std::size_t size) {
  if (at_ == size) return Progress::done();
  return asked_ ? take_answer(list[at_]) : ask(list[at_]);
}

Result<Progress> WordDialogSensor::ask(const Exchange& exchange) {
  const Words arguments = exchange.only_on_change ? Words{} : Words(exchange.arguments);
  const auto sent = send_checked_words(device_, exchange.code, arguments);
  const bool forgiven = !sent && is_forgiven(exchange, sent.error());
  if (!sent && !forgiven) return tl::unexpected(sent.error());
  if (exchange.words == 0 || forgiven) return go_on(exchange.pause);
  asked_ = true;
  return Progress::again_after(exchange.pause);
}

Result<Progress> WordDialogSensor::take_answer(const Exchange& exchange) {
  std::vector<std::uint16_t> words(exchange.words);
  const auto got = read_checked_words(device_, words);
  if (!got && is_forgiven(exchange, got.error())) return go_on({});
  if (!got) return tl::unexpected(got.error());
  const auto accepted = exchange.accept ? exchange.accept(words) : Result<>{};
  if (!accepted && accepted.error().code == Errc::not_ready && exchange.looks > 1) {
    if (++looked_ >= exchange.looks) return fail(Errc::timeout, accepted.error().detail);
    asked_ = false;
    return Progress::again_after(exchange.between);
  }
  if (!accepted) return tl::unexpected(accepted.error());
  if (!exchange.only_on_change || words[0] == exchange.arguments[0]) return go_on({});
  B2M_TRY(send_checked_words(device_, exchange.code, exchange.arguments));
  return go_on(exchange.pause);
}

Result<Progress> WordDialogSensor::go_on(std::chrono::microseconds pause) {
  ++at_;
  asked_ = false;
  looked_ = 0;
  return Progress::again_after(pause);
}

Result<> WordDialogSensor::read(Samples& samples) {
  std::vector<std::uint16_t> words(chip_.trigger.back().words);
  auto got = read_checked_words(device_, words);
  // The part has just acknowledged the command, so it is there: it has nothing to tell yet.
  if (!got && got.error().code == Errc::no_ack) return fail(Errc::not_ready, "the measurement is not finished");
  if (!got) return got;
  return chip_.decode(words, samples);
}

}  // namespace b2m

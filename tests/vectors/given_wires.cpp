// Devices that do not speak I2C: given.kind "uart", "spi", "gpio_frame", "gpio_pulse", "gpio_clocked".
#include <algorithm>

#include "tests/vectors/case_board.hpp"

namespace b2m::vectors {
namespace {

struct SerialExchange {
  Bytes request;
  Bytes answer;
};

Result<std::vector<SerialExchange>> serial_exchanges(const Json& list) {
  std::vector<SerialExchange> exchanges;
  if (!list.is_array()) return fail(Errc::out_of_range, "\"exchanges\" is not a list");
  for (const auto& json : list) {
    B2M_ASSIGN(Bytes request, hex_member(json, "tx"));
    B2M_ASSIGN(Bytes answer, hex_member(json, "rx"));
    exchanges.push_back({std::move(request), std::move(answer)});
  }
  return exchanges;
}

struct SpiExchange {
  Bytes out;   ///< empty: whatever is sent
  Bytes mask;  ///< bits of `out` that count
  Bytes in;
  [[nodiscard]] bool is_for(std::span<const std::uint8_t> sent) const {
    if (sent.size() != in.size()) return false;
    for (std::size_t i = 0; i < out.size(); ++i)
      if (((sent[i] ^ out[i]) & mask[i]) != 0) return false;
    return true;
  }
};

Result<SpiExchange> parse_spi_exchange(const Json& json) {
  SpiExchange exchange;
  B2M_ASSIGN(exchange.in, hex_member(json, "miso"));
  if (!member(json, "mosi")) return exchange;
  B2M_ASSIGN(exchange.out, hex_member(json, "mosi"));
  exchange.mask.assign(exchange.out.size(), 0xff);
  if (member(json, "mosi_mask")) {
    B2M_ASSIGN(exchange.mask, hex_member(json, "mosi_mask"));
  }
  if (exchange.out.size() != exchange.in.size() || exchange.mask.size() != exchange.in.size())
    return fail(Errc::out_of_range, "\"mosi\", \"mosi_mask\" and \"miso\" differ in length");
  return exchange;
}

Result<> build_spi_exchanges(const Json& list, CaseBoard& board) {
  std::vector<SpiExchange> exchanges;
  if (!list.is_array()) return fail(Errc::out_of_range, "\"exchanges\" is not a list");
  for (const auto& json : list) {
    B2M_ASSIGN(auto exchange, parse_spi_exchange(json));
    exchanges.push_back(std::move(exchange));
  }
  board.spi.attach([exchanges](std::span<const std::uint8_t> out, std::span<std::uint8_t> in) {
    std::fill(in.begin(), in.end(), std::uint8_t{0});  // what the case does not tell, such as other inputs
    for (const auto& exchange : exchanges)
      if (exchange.is_for(out)) std::copy(exchange.in.begin(), exchange.in.end(), in.begin());
  });
  return {};
}

Result<> build_spi_registers(const Json& registers, CaseBoard& board) {
  if (!registers.is_object()) return fail(Errc::out_of_range, "\"regs\" is not an object");
  SpiRegisters::Contents contents;
  for (const auto& entry : registers.items()) {
    B2M_ASSIGN(const auto reg, parse_unsigned(Json(entry.key()), 0x7f));
    B2M_ASSIGN(const auto value, parse_unsigned(entry.value(), 0xff));
    contents[static_cast<std::uint8_t>(reg)] = static_cast<std::uint8_t>(value);
  }
  board.spi.attach(SpiRegisters(std::move(contents)));
  return {};
}

Result<> check_protocol(const Json& given, std::string_view known) {
  B2M_ASSIGN(const std::string protocol, text_member(given, "protocol"));
  if (protocol == known) return {};
  return fail(Errc::unsupported, "no protocol \"" + protocol + "\"");
}

}  // namespace

Result<> build_uart(const Json& given, CaseBoard& board) {
  if (const auto* list = member(given, "exchanges")) {
    B2M_ASSIGN(const auto exchanges, serial_exchanges(*list));
    board.serial.attach(
        "case", {.answer = [exchanges](std::span<const std::uint8_t> request) {
          for (const auto& exchange : exchanges)
            if (std::equal(request.begin(), request.end(), exchange.request.begin(), exchange.request.end()))
              return exchange.answer;
          return Bytes{};
        }});
    return {};
  }
  B2M_ASSIGN(const Bytes stream, hex_member(given, "stream"));
  board.serial.attach("case", {.speak = [stream] { return stream; }});
  return {};
}

Result<> build_spi(const Json& given, CaseBoard& board) {
  if (const auto* registers = member(given, "regs")) return build_spi_registers(*registers, board);
  if (const auto* list = member(given, "exchanges")) return build_spi_exchanges(*list, board);
  return fail(Errc::out_of_range, "neither \"regs\" nor \"exchanges\"");
}

Result<> build_gpio_frame(const Json& given, CaseBoard& board) {
  B2M_TRY(check_protocol(given, "dht"));
  B2M_ASSIGN(const Bytes frame, hex_member(given, "bytes"));
  board.timed_lines.attach(case_line, {.frame = [frame] { return frame; }});
  return {};
}

Result<> build_gpio_pulse(const Json& given, CaseBoard& board) {
  B2M_TRY(check_protocol(given, "hcsr04"));
  const auto* width = member(given, "echo_us");
  if (!width) return fail(Errc::out_of_range, "\"echo_us\" is missing");
  std::optional<std::chrono::nanoseconds> echo;
  if (!width->is_null()) {
    B2M_ASSIGN(const auto microseconds, unsigned_member(given, "echo_us", 1'000'000));
    echo = std::chrono::microseconds(microseconds);
  }
  board.timed_lines.attach(case_line, {.echo = [echo] { return echo; }});
  return {};
}

Result<> build_gpio_clocked(const Json& given, CaseBoard& board) {
  B2M_TRY(check_protocol(given, "hx711"));
  B2M_ASSIGN(const Bytes word, hex_member(given, "word"));
  if (word.size() != 3) return fail(Errc::out_of_range, "a word has 24 bits");
  const std::uint32_t value = std::uint32_t{word[0]} << 16 | std::uint32_t{word[1]} << 8 | word[2];
  board.timed_lines.attach(case_line, {.word = [value] { return value; }});
  return {};
}

}  // namespace b2m::vectors

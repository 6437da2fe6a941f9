// MCP3004, MCP3008 (10 bits) and MCP3204, MCP3208 (12 bits): analog-to-digital converters. Microchip, DS21295D and
// DS21298E.
// Supported: every input against ground. Not supported: pairs of inputs (differential). The parts have no identity;
// with its data line low, an absent part looks like one that measures 0 V.
#include <algorithm>
#include <string>

#include "drivers/api/driver.hpp"
#include "drivers/engine/spi_device.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

// DS21295D §1: 1.35 MHz at 2.7 V; DS21298E: 1 MHz at 2.7 V. A bit slower leaves room for long wires.
constexpr SpiFormat format{.mode = 0, .speed_hz = 900'000};

constexpr Range span{0, 5.5};  // the largest reference that a part can have
constexpr std::array channels{
    ChannelSpec{"ch0", Quantity::voltage, span}, ChannelSpec{"ch1", Quantity::voltage, span},
    ChannelSpec{"ch2", Quantity::voltage, span}, ChannelSpec{"ch3", Quantity::voltage, span},
    ChannelSpec{"ch4", Quantity::voltage, span}, ChannelSpec{"ch5", Quantity::voltage, span},
    ChannelSpec{"ch6", Quantity::voltage, span}, ChannelSpec{"ch7", Quantity::voltage, span},
};
constexpr std::span eight(channels);
constexpr auto four = eight.first<4>();

constexpr Model models[] = {{.name = "mcp3008", .channels = eight, .summary = "8 inputs, 10 bits"},
                            {.name = "mcp3004", .channels = four, .summary = "4 inputs, 10 bits"},
                            {.name = "mcp3208", .channels = eight, .summary = "8 inputs, 12 bits"},
                            {.name = "mcp3204", .channels = four, .summary = "4 inputs, 12 bits"}};

constexpr std::string_view input_names[] = {"ch0", "ch1", "ch2", "ch3", "ch4", "ch5", "ch6", "ch7"};
constexpr OptionSpec options[] = {
    {.key = "reference_v",
     .type = OptionType::number,
     .summary = "voltage at the pin VREF",
     .fallback = "3.3",
     .min = 0.25,
     .max = 5.5},
    {.key = "inputs", .type = OptionType::text_list, .summary = "inputs to read; default: all", .choices = input_names},
};

/// A conversion within one chip select: start bit, single ended, input; the result stands right aligned in the last
/// bytes. DS21295D §6.1, DS21298E §6.1.
struct Converter {
  unsigned bits;  ///< 10 or 12

  [[nodiscard]] constexpr std::array<std::uint8_t, 3> request(unsigned input) const {
    const unsigned word = bits == 10 ? 0x018000U | input << 12 : 0x060000U | input << 14;
    return {static_cast<std::uint8_t>(word >> 16), static_cast<std::uint8_t>(word >> 8 & 0xff), 0};
  }
  /// A null bit, then the result; what comes before is undefined.
  [[nodiscard]] Result<unsigned> result(const std::array<std::uint8_t, 3>& answer) const {
    const unsigned word = unsigned{answer[1]} << 8 | answer[2];
    if ((word >> bits & 1) != 0)
      return fail(Errc::no_ack, "no null bit before the result: nothing drives the data line");
    return word & ((1U << bits) - 1);
  }
};
static_assert(Converter{10}.request(3) == std::array<std::uint8_t, 3>{0x01, 0xb0, 0x00});
static_assert(Converter{12}.request(5) == std::array<std::uint8_t, 3>{0x07, 0x40, 0x00});

/// Converts the chosen inputs, one after the other.
/// Worker only.
class Mcp3008 final : public Sensor {
 public:
  Mcp3008(SpiBus& bus, Converter converter, double reference, std::vector<unsigned> inputs)
      : device_{&bus, format}, converter_(converter), reference_(reference), inputs_(std::move(inputs)) {}

  Result<Progress> init() override {
    if (inputs_.empty()) return fail(Errc::unsupported, "the part has none of the inputs in `inputs`");
    return Progress::done();
  }

  [[nodiscard]] std::vector<Channel> channels() const override {
    std::vector<ChannelSpec> chosen;
    for (const auto input : inputs_) chosen.push_back(b2m::channels[input]);
    return to_channels(chosen);
  }

  Result<> read(Samples& samples) override {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      B2M_ASSIGN(const auto answer, device_.exchange(converter_.request(inputs_[i])));
      B2M_ASSIGN(const unsigned code, converter_.result(answer));
      samples.set(i, reference_ * code / (1U << converter_.bits));
    }
    return {};
  }

 private:
  SpiDevice device_;
  Converter converter_;
  double reference_;
  std::vector<unsigned> inputs_;
};

/// The inputs of the option, in the order of the part; an input that the part does not have is left out.
std::vector<unsigned> chosen_inputs(const Options& given, std::size_t available) {
  std::vector<unsigned> inputs;
  for (unsigned input = 0; input < available; ++input) {
    const auto is_it = [&](const std::string& name) { return name == input_names[input]; };
    const bool wanted =
        !given.has("inputs") || std::any_of(given.list("inputs").begin(), given.list("inputs").end(), is_it);
    if (wanted) inputs.push_back(input);
  }
  return inputs;
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const Model& model = models[context.model];
  const bool twelve_bits = model.name.starts_with("mcp32");
  return std::make_unique<Mcp3008>(*context.spi, Converter{twelve_bits ? 12U : 10U},
                                   context.options.number("reference_v"),
                                   chosen_inputs(context.options, model.channels.size()));
}

}  // namespace

B2M_DRIVER(mcp3008) = {
    .name = "mcp3008",
    .summary = "Microchip MCP3004/3008 and MCP3204/3208 analog-to-digital converters",
    .datasheet = "Microchip, DS21295D (MCP3004/3008), DS21298E (MCP3204/3208)",
    .wiring =
        "VDD and VREF to 3.3 V, AGND and DGND to ground: supplied with 5 V, its output would harm the "
        "board",
    .bus = BusKind::spi,
    .models = models,
    .channels = channels,
    .options = options,
    .make_sensor = make,
    .example = R"({"driver": "mcp3008", "bus": "spidev1.0", "reference_v": 3.3})",
};

}  // namespace b2m

// DHT11, DHT22 (AM2302), DHT21 (AM2301): humidity and temperature over one line. Aosong, AM2302 product manual; AM2301
// product manual; ASAIR, DHT11 product manual V1.3 (2020).
// Supported: the widths of the pulses as the kernel times them, with any number of edges lost before the first bit. Not
// supported: lines that cannot interrupt. The kernel driver dht11 does the same with less risk of lost edges, where a
// device tree names it: then use the driver "iio".
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"
#include "drivers/engine/checksum.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using Nanoseconds = TimedLines::Nanoseconds;

constexpr ChannelSpec dht22_channels[] = {{"temperature", Quantity::temperature, {-40, 80}, "±0.5 °C"},
                                          {"humidity", Quantity::relative_humidity, {0, 100}, "±2 %"}};
constexpr ChannelSpec dht11_channels[] = {{"temperature", Quantity::temperature, {-20, 60}, "±2 °C"},
                                          {"humidity", Quantity::relative_humidity, {0, 100}, "±5 %"}};

constexpr OptionSpec options[] = {{.key = "line",
                                   .type = OptionType::line,
                                   .summary = "GPIO line of the part's data pin, pulled up",
                                   .required = true}};

constexpr std::size_t bits = 40;
using Frame = std::array<std::uint8_t, bits / 8>;

/// A frame has 2 edges of its announcement, 2 of each bit and one when the part lets go of the line.
constexpr std::size_t most_edges = 4 + 2 * bits;
/// High for 26 to 28 µs: 0; for 70 µs: 1. Parts and pull-ups blur both.
constexpr Nanoseconds one_is_longer_than = 48us;
/// No bit lasts longer; the announcement is 80 µs low and 80 µs high.
constexpr Nanoseconds quiet = 20ms;

struct Values {
  double temperature;
  double humidity;
};

/// Tenths, the temperature with a sign of its own. A part that counts below zero in two's complement instead also has
/// bit 14 set, which no real temperature in tenths of a degree reaches.
Result<Values> decode_dht22(const Frame& frame) {
  const unsigned raw = be16(&frame[2]);
  const bool complement = (raw & 0xc000) == 0xc000;
  const int magnitude = static_cast<int>(raw & 0x7fff);
  const int signed_magnitude = (raw & 0x8000) != 0 ? -magnitude : magnitude;
  return Values{(complement ? sign_extend(raw, 16) : signed_magnitude) / 10.0, be16(&frame[0]) / 10.0};
}

/// A byte of whole units and a byte of tenths, always 0 in old parts; the sign is the highest bit of the tenths.
Result<Values> decode_dht11(const Frame& frame) {
  const int tenths = frame[3] & 0x7f;
  if (frame[1] > 9 || tenths > 9) return fail(Errc::out_of_range, "more than nine tenths: is the part a dht22?");
  const double temperature = frame[2] + tenths / 10.0;
  return Values{(frame[3] & 0x80) != 0 ? -temperature : temperature, frame[0] + frame[1] / 10.0};
}

struct Part {
  Model model;
  Nanoseconds start;  ///< how long the line is pulled low to wake the part
  Progress::Duration rest;
  Result<Values> (*decode)(const Frame&);
};
// AM2302, table 6: 0.8 to 20 ms, typically 1; DHT11 §7.2: 18 to 30 ms.
// clang-format off
constexpr std::array parts{
    Part{{.name = "dht22", .channels = dht22_channels, .summary = "also AM2302"}, 1200us, 2s, decode_dht22},
    Part{{.name = "am2302", .channels = dht22_channels}, 1200us, 2s, decode_dht22},
    Part{{.name = "am2301", .channels = dht22_channels, .summary = "also DHT21"}, 1200us, 2s, decode_dht22},
    Part{{.name = "dht11", .channels = dht11_channels}, 20ms, 2s, decode_dht11},
};
// clang-format on
constexpr auto models = [] {
  std::array<Model, parts.size()> rows{};
  std::transform(parts.begin(), parts.end(), rows.begin(), [](const Part& part) { return part.model; });
  return rows;
}();

/// The widths of the high pulses, as far as both of their edges were seen.
std::vector<Nanoseconds> high_pulses(std::span<const LineEvent> edges) {
  std::vector<Nanoseconds> widths;
  for (std::size_t i = 1; i < edges.size(); ++i)
    if (edges[i - 1].active && !edges[i].active && edges[i].lost_before == 0)
      widths.push_back(edges[i].time - edges[i - 1].time);
  return widths;
}

/// The bits are the last pulses: what comes before them belongs to the announcement.
Result<Frame> frame_of(std::span<const LineEvent> edges) {
  const auto widths = high_pulses(edges);
  if (edges.size() < 2) return fail(Errc::timeout, "the part does not answer");
  if (widths.size() < bits)
    return fail(Errc::checksum, "only " + std::to_string(widths.size()) + " of 40 bits were seen");
  Frame frame{};
  for (std::size_t i = 0; i < bits; ++i) {
    const bool one = widths[widths.size() - bits + i] > one_is_longer_than;
    frame[i / 8] = static_cast<std::uint8_t>(frame[i / 8] << 1 | (one ? 1 : 0));
  }
  if ((byte_sum(std::span(frame).first<4>()) & 0xff) != frame[4]) return fail(Errc::checksum);
  if (std::all_of(frame.begin(), frame.end(), [](auto byte) { return byte == 0; }))
    return fail(Errc::not_ready, "the frame is empty");
  return frame;
}

/// Wakes the part and times its answer. Between two attempts it needs a rest.
/// Worker only.
class Dht final : public Sensor {
 public:
  Dht(TimedLines& lines, LineId line, const Part& part) : lines_(lines), line_(std::move(line)), part_(part) {}
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(part_.model.channels); }

  /// The first answer is a measurement of long ago: it is not looked at.
  Result<Progress> init() override {
    tired_ = false;
    B2M_TRY(record());
    return Progress::done_after(part_.rest);
  }

  Result<Progress> trigger() override {
    if (std::exchange(tired_, false)) return Progress::done_after(part_.rest);
    return Progress::done();
  }

  Result<> read(Samples& samples) override {
    tired_ = true;  // unless it succeeds: a retry comes at once
    B2M_ASSIGN(const auto edges, record());
    B2M_ASSIGN(const Frame frame, frame_of(edges));
    B2M_ASSIGN(const Values values, part_.decode(frame));
    tired_ = false;
    samples.set(0, values.temperature);
    samples.set(1, values.humidity);
    return {};
  }

 private:
  Result<std::vector<LineEvent>> record() { return lines_.wake_and_record(line_, part_.start, most_edges, quiet); }

  TimedLines& lines_;
  LineId line_;
  const Part& part_;
  bool tired_ = false;
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Dht>(*context.timed_lines, context.lines.at("line"), parts[context.model]);
}

}  // namespace

B2M_DRIVER(dht) = {
    .name = "dht",
    .summary = "DHT11, DHT22 (AM2302) and AM2301 humidity and temperature sensors",
    .datasheet = "Aosong, AM2302 and AM2301 product manuals; ASAIR, DHT11 product manual V1.3",
    .wiring = "3.3 V; DATA needs a pull-up of 4.7 to 10 kΩ to 3.3 V, which boards with three pins have",
    .bus = BusKind::timed_lines,
    .models = models,
    .channels = dht22_channels,
    .options = options,
    .every = 30s,
    .every_min = 2s,
    .make_sensor = make,
    .example = R"({"driver": "dht22", "line": "PC9"})",
};

}  // namespace b2m

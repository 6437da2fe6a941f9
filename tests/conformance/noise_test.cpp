// What every polled driver does with a part that answers nonsense: it ends, in bounded time, and does not fall over.
// Needs no case, so that a driver is covered from its first line.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "drivers/api/registry.hpp"
#include "tests/conformance/bounded_step.hpp"
#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

/// What a part on any bus sends: the same byte for ever, or bytes without a pattern.
using Noise = std::function<std::uint8_t()>;

Noise always(std::uint8_t byte) {
  return [byte] { return byte; };
}
/// The minimal standard generator of Park and Miller; the same bytes in every run.
Noise random_bytes(std::uint32_t seed) {
  return [state = std::uint64_t{seed}]() mutable {
    state = state * 48271 % 2147483647;
    return static_cast<std::uint8_t>(state >> 8);
  };
}

/// Every port, and behind each of them noise. Counts what is asked of it.
class NoisyPorts final : public I2cBus, public SpiBus, public SerialPort, public TimedLines, public AttributeFiles {
 public:
  explicit NoisyPorts(Noise noise) : noise_(std::move(noise)) {}
  [[nodiscard]] std::size_t transfers() const noexcept { return transfers_; }

  Result<> transfer(std::uint8_t, std::span<const I2cOp> ops) override {
    for (const auto& op : ops) fill(op.read);
    return {};
  }
  Result<> transfer(const SpiFormat&, std::span<const std::uint8_t>, std::span<std::uint8_t> in) override {
    fill(in);
    return {};
  }
  Result<> write(const SerialFormat&, std::span<const std::uint8_t>) override { return {}; }
  Result<std::size_t> read(const SerialFormat&, std::span<std::uint8_t> into, std::chrono::milliseconds) override {
    fill(into);
    return into.size();
  }
  Result<> discard(const SerialFormat&) override { return {}; }
  Result<std::vector<LineEvent>> wake_and_record(const LineId&, Nanoseconds, std::size_t most, Nanoseconds) override {
    std::vector<LineEvent> edges(most);
    std::chrono::steady_clock::time_point now{};
    for (auto& edge : edges) edge = {.active = (noise_() & 1) != 0, .time = now += std::chrono::microseconds(noise_())};
    return edges;
  }
  Result<Nanoseconds> echo(const LineId&, const LineId&, Nanoseconds, Nanoseconds) override {
    return std::chrono::microseconds(noise_() << 8 | noise_());
  }
  Result<std::unique_ptr<ClockedLines>> clocked(const LineId&, const LineId&) override {
    return std::make_unique<NoisyClock>(noise_);
  }
  Result<std::string> read(const std::string&) override {
    std::string text(noise_() % 32, '\0');
    for (auto& c : text) c = static_cast<char>(noise_());
    return text;
  }
  Result<> write(const std::string&, std::string_view) override { return {}; }
  Result<std::vector<std::string>> list(const std::string&) override {
    std::vector<std::string> names(noise_() % 4);
    for (auto& name : names) name = read(std::string()).value();
    return names;
  }
  Result<Space> space(const std::string&) override {
    return Space{.total_bytes = static_cast<double>(noise_()), .free_bytes = static_cast<double>(noise_())};
  }

 private:
  struct NoisyClock final : ClockedLines {
    explicit NoisyClock(Noise& noise) : noise_(noise) {}
    Result<bool> data() override { return (noise_() & 1) != 0; }
    Result<std::uint32_t> clock_in(unsigned bits, unsigned, std::chrono::nanoseconds) override {
      std::uint32_t word = 0;
      for (unsigned i = 0; i < bits; ++i) word = word << 1 | (noise_() & 1);
      return word;
    }
    Noise& noise_;
  };

  void fill(std::span<std::uint8_t> into) {
    ++transfers_;
    for (auto& byte : into) byte = noise_();
  }

  Noise noise_;
  std::size_t transfers_ = 0;
};

/// As the example of its description configures it.
std::unique_ptr<Sensor> make_as_in_its_example(const DriverInfo& driver, NoisyPorts& ports) {
  OptionTexts texts;
  const auto example = nlohmann::json::parse(driver.example);
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& [key, value] : example.items())
    if (key != "driver") members.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  for (const auto& [key, text] : members) texts.emplace_back(key, text);
  const auto ref = driver_named(example.at("driver").get<std::string>());
  const Options options = make_options(driver, texts);
  DriverContext context{.options = options,
                        .model = ref.model,
                        .i2c = &ports,
                        .spi = &ports,
                        .serial = &ports,
                        .timed_lines = &ports,
                        .files = &ports};
  for (const auto& spec : driver.options)
    if (spec.type == OptionType::line)
      context.lines[std::string(spec.key)] = {"gpiochip0", static_cast<unsigned>(context.lines.size() + 1)};
  return driver.make_sensor(context);
}

class DriverInNoise : public testing::TestWithParam<const DriverInfo*> {};

std::vector<const DriverInfo*> sensors() {
  std::vector<const DriverInfo*> found;
  for (const auto* driver : all_drivers())
    if (driver->make_sensor) found.push_back(driver);
  return found;
}

INSTANTIATE_TEST_SUITE_P(Drivers, DriverInNoise, testing::ValuesIn(sensors()),
                         [](const auto& param) { return std::string(param.param->name); });

std::vector<Noise> kinds_of_noise() {
  std::vector<Noise> kinds{always(0x00), always(0xff), always(0x80), always(0x01), always(0x55)};
  for (std::uint32_t seed = 1; seed <= 50; ++seed) kinds.push_back(random_bytes(seed));
  return kinds;
}

TEST_P(DriverInNoise, EndsEachStepInBoundedTimeAndWithBoundedTransfers) {
  std::size_t kind = 0;
  for (const auto& noise : kinds_of_noise()) {
    SCOPED_TRACE("noise " + std::to_string(kind++));
    NoisyPorts ports(noise);
    const auto sensor = make_as_in_its_example(*GetParam(), ports);
    for (int poll = 0; poll < 3; ++poll) {
      if (!expect_bounded(*sensor, &Sensor::init) || !expect_bounded(*sensor, &Sensor::trigger)) continue;
      Samples samples(sensor->channels().size());
      static_cast<void>(sensor->read(samples));
    }
    EXPECT_LT(ports.transfers(), 5000u);
  }
}

TEST_P(DriverInNoise, IsNotFoundOnABusThatIsStuck) {
  if (GetParam()->probe == nullptr) return;
  for (const auto level : {std::uint8_t{0x00}, std::uint8_t{0xff}}) {
    NoisyPorts ports(always(level));
    EXPECT_FALSE(GetParam()->probe({&ports, GetParam()->addresses.front()})) << int{level};
  }
}

}  // namespace
}  // namespace b2m

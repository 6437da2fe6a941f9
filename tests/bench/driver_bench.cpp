// What a reading costs: the driver's own time, and what goes over the wire. One line for each driver that has a case in
// tests/vectors; what the buses answer is that of the case. docs/benchmarks.md says how to run it and how to read it.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/fakes/poll_once.hpp"
#include "tests/vectors/case_rig.hpp"
#include "tests/vectors/check.hpp"

namespace b2m {
namespace {

using vectors::CaseRig;
using vectors::GoodCase;
using vectors::Transfer;

/// An I2C or SPI bus that notes one reading and then plays it again and again, so that nothing but the driver takes
/// time.
class Tape final : public I2cBus, public SpiBus {
 public:
  explicit Tape(const DriverContext& real) : i2c_(real.i2c), spi_(real.spi) {}
  void record() { answers_.clear(); }
  void play() { playing_ = true; }
  void rewind() { next_ = 0; }

  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override {
    if (!playing_) B2M_TRY(i2c_->transfer(address, ops));
    for (const auto& op : ops) B2M_TRY(pass(op.read));
    return {};
  }
  Result<> transfer(const SpiFormat& format, std::span<const std::uint8_t> out, std::span<std::uint8_t> in) override {
    if (!playing_) B2M_TRY(spi_->transfer(format, out, in));
    return pass(in);
  }

 private:
  Result<> pass(std::span<std::uint8_t> answer) {
    if (answer.empty()) return {};
    if (!playing_) {
      answers_.emplace_back(answer.begin(), answer.end());
      return {};
    }
    if (next_ == answers_.size() || answers_[next_].size() != answer.size()) return fail(Errc::io, "another transfer");
    std::copy(answers_[next_].begin(), answers_[next_].end(), answer.begin());
    ++next_;
    return {};
  }

  I2cBus* i2c_;
  SpiBus* spi_;
  bool playing_ = false;
  std::vector<vectors::Bytes> answers_;
  std::size_t next_ = 0;
};

/// A driver on a tape; other buses than I2C and SPI stay simulated.
struct TapedDriver {
  explicit TapedDriver(const GoodCase& good)
      : driver(vectors::prepare(*good.chip, *good.one, board, find_driver).value()),
        options(vectors::options_for(driver, *good.one, board).value()),
        tape(vectors::context_for(driver, options, board)) {
    auto context = vectors::context_for(driver, options, board);
    context.i2c = context.i2c ? &tape : nullptr;
    context.spi = context.spi ? &tape : nullptr;
    sensor = driver.driver->make_sensor(context);
  }

  vectors::CaseBoard board;
  DriverRef driver;
  Options options;
  Tape tape;
  std::unique_ptr<Sensor> sensor;
};

void demand(const Result<Poll>& poll) {
  if (!poll) throw std::runtime_error(to_string(poll.error()));
}

/// The transfers of a reading after the first, when settings that follow the light have come to rest.
std::vector<Transfer> transfers_of(const GoodCase& good) {
  const auto rig = CaseRig::make(*good.chip, *good.one).value();
  demand(poll_once(rig->sensor()));
  rig->wire().watch();
  demand(poll_again(rig->sensor()));
  return rig->wire().transfers();
}

/// Bits on an I2C bus: nine for each byte, the addresses included, a start or repeated start with each address, and a
/// stop.
double i2c_bits(const std::vector<Transfer>& transfers) {
  double bits = 0;
  for (const auto& transfer : transfers)
    bits += 9.0 * static_cast<double>(transfer.written.size() + transfer.read.size()) +
            10.0 * static_cast<double>(transfer.overhead) + 1;
  return bits;
}

void report_wire(benchmark::State& state, const GoodCase& good) {
  const auto transfers = transfers_of(good);
  std::size_t bytes = 0;
  for (const auto& transfer : transfers) bytes += transfer.written.size() + transfer.read.size() + transfer.overhead;
  state.counters["transfers"] = static_cast<double>(transfers.size());
  if (good.driver->bus == BusKind::spi) bytes /= 2;  // both ways at once
  state.counters["bytes"] = static_cast<double>(bytes);
  state.counters["ms_at_100kHz"] = good.driver->bus == BusKind::i2c ? i2c_bits(transfers) / 100 : 0;
}

/// trigger and read, without their pauses.
void read_again(benchmark::State& state, const GoodCase& good) {
  TapedDriver taped(good);
  demand(poll_once(*taped.sensor));
  taped.tape.record();
  demand(poll_again(*taped.sensor));
  taped.tape.play();
  const auto channels = taped.sensor->channels().size();
  Samples samples(channels);
  for (auto _ : state) {
    taped.tape.rewind();
    const auto triggered = run_step(*taped.sensor, &Sensor::trigger);
    if (!triggered || !taped.sensor->read(samples)) state.SkipWithError("the reading failed");
    benchmark::DoNotOptimize(samples);
  }
  state.counters["channels"] = static_cast<double>(channels);
  report_wire(state, good);
}

void register_all() {
  std::set<std::string_view> seen;
  for (const auto& good : vectors::good_cases()) {
    if (!seen.insert(good.driver->name).second) continue;
    const std::string name(good.driver->name);
    benchmark::RegisterBenchmark(name.c_str(), [&good](benchmark::State& state) { read_again(state, good); });
  }
}

}  // namespace
}  // namespace b2m

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  std::string tabular = "--benchmark_counters_tabular=true";
  arguments.insert(arguments.begin() + 1, tabular.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return EXIT_FAILURE;
  b2m::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}

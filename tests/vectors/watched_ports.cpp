#include "tests/vectors/watched_ports.hpp"

#include <algorithm>
#include <utility>

namespace b2m::vectors {
namespace {

Error injected(Errc code) { return {code, "injected"}; }

class WatchedI2c final : public I2cBus {
 public:
  WatchedI2c(I2cBus& bus, Wire& wire) : bus_(bus), wire_(wire) {}
  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override {
    Transfer transfer{.overhead = ops.size()};
    Wire::Answer answer;
    for (const auto& op : ops) {
      transfer.written.insert(transfer.written.end(), op.write.begin(), op.write.end());
      if (op.is_read()) answer.push_back(op.read);
    }
    return wire_.pass(std::move(transfer), answer, [&] { return bus_.transfer(address, ops); });
  }

 private:
  I2cBus& bus_;
  Wire& wire_;
};

class WatchedSpi final : public SpiBus {
 public:
  WatchedSpi(SpiBus& bus, Wire& wire) : bus_(bus), wire_(wire) {}
  Result<> transfer(const SpiFormat& format, std::span<const std::uint8_t> out, std::span<std::uint8_t> in) override {
    return wire_.pass({.written = {out.begin(), out.end()}}, {in}, [&] { return bus_.transfer(format, out, in); });
  }

 private:
  SpiBus& bus_;
  Wire& wire_;
};

class WatchedSerial final : public SerialPort {
 public:
  WatchedSerial(SerialPort& port, Wire& wire) : port_(port), wire_(wire) {}
  Result<> write(const SerialFormat& format, std::span<const std::uint8_t> bytes) override {
    return wire_.pass({.written = {bytes.begin(), bytes.end()}}, {}, [&] { return port_.write(format, bytes); });
  }
  Result<std::size_t> read(const SerialFormat& format, std::span<std::uint8_t> into,
                           std::chrono::milliseconds wait) override {
    Bytes arrived(into.size());
    B2M_ASSIGN(const std::size_t count, port_.read(format, arrived, wait));
    const auto used = into.first(count);
    B2M_TRY(wire_.pass({}, {used}, [&]() -> Result<> {
      std::copy_n(arrived.begin(), count, into.begin());
      return {};
    }));
    return count;
  }
  Result<> discard(const SerialFormat& format) override {
    B2M_TRY(wire_.note(0));
    return port_.discard(format);
  }

 private:
  SerialPort& port_;
  Wire& wire_;
};

class WatchedClock final : public ClockedLines {
 public:
  WatchedClock(std::unique_ptr<ClockedLines> lines, Wire& wire) : lines_(std::move(lines)), wire_(wire) {}
  Result<bool> data() override {
    B2M_TRY(wire_.note(0));
    return lines_->data();
  }
  Result<std::uint32_t> clock_in(unsigned bits, unsigned trailing, std::chrono::nanoseconds longest) override {
    B2M_ASSIGN(const auto wrong_bit, wire_.note(bits));
    B2M_ASSIGN(const std::uint32_t word, lines_->clock_in(bits, trailing, longest));
    return wrong_bit ? word ^ 1U << *wrong_bit : word;
  }

 private:
  std::unique_ptr<ClockedLines> lines_;
  Wire& wire_;
};

/// The high pulse that ends with the given falling edge becomes a short one if it was long, and the other way round.
void invert_pulse(std::vector<LineEvent>& edges, std::size_t pulse) {
  constexpr std::chrono::microseconds between{50}, difference{43};
  std::size_t falling = 0;
  for (std::size_t i = 1; i < edges.size(); ++i) {
    if (edges[i].active || falling++ != pulse) continue;
    const bool is_long = edges[i].time - edges[i - 1].time > between;
    for (; i < edges.size(); ++i) edges[i].time += is_long ? -difference : difference;
  }
}

class WatchedTimedLines final : public TimedLines {
 public:
  WatchedTimedLines(TimedLines& lines, Wire& wire) : lines_(lines), wire_(wire) {}
  Result<std::vector<LineEvent>> wake_and_record(const LineId& line, Nanoseconds low, std::size_t most,
                                                 Nanoseconds quiet) override {
    B2M_ASSIGN(auto edges, lines_.wake_and_record(line, low, most, quiet));
    const auto pulses = static_cast<std::size_t>(
        std::count_if(edges.begin(), edges.end(), [](const LineEvent& edge) { return !edge.active; }));
    B2M_ASSIGN(const auto wrong_bit, wire_.note(pulses > 1 ? pulses - 1 : 0));
    if (wrong_bit) invert_pulse(edges, *wrong_bit);
    return edges;
  }
  Result<Nanoseconds> echo(const LineId& trigger, const LineId& echo, Nanoseconds pulse, Nanoseconds timeout) override {
    B2M_TRY(wire_.note(0));
    return lines_.echo(trigger, echo, pulse, timeout);
  }
  Result<std::unique_ptr<ClockedLines>> clocked(const LineId& clock, const LineId& data) override {
    B2M_TRY(wire_.note(0));
    B2M_ASSIGN(auto lines, lines_.clocked(clock, data));
    return std::make_unique<WatchedClock>(std::move(lines), wire_);
  }

 private:
  TimedLines& lines_;
  Wire& wire_;
};

class WatchedFiles final : public AttributeFiles {
 public:
  WatchedFiles(AttributeFiles& files, Wire& wire) : files_(files), wire_(wire) {}
  Result<std::string> read(const std::string& path) override {
    B2M_TRY(wire_.note(0));
    return files_.read(path);
  }
  Result<> write(const std::string& path, std::string_view text) override {
    B2M_TRY(wire_.note(0));
    return files_.write(path, text);
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    B2M_TRY(wire_.note(0));
    return files_.list(directory);
  }
  Result<Space> space(const std::string& path) override {
    B2M_TRY(wire_.note(0));
    return files_.space(path);
  }

 private:
  AttributeFiles& files_;
  Wire& wire_;
};

template <class Watched, class Port>
std::unique_ptr<Port> behind(Port* port, Wire& wire) {
  if (!port) return nullptr;
  return std::make_unique<Watched>(*port, wire);
}

}  // namespace

void Wire::watch(std::optional<Disturbance> disturbance) {
  disturbance_ = disturbance;
  transfers_.clear();
}

std::optional<Disturbance> Wire::due() const {
  const bool now = disturbance_ && (disturbance_->lasting ? disturbance_->transfer <= transfers_.size()
                                                          : disturbance_->transfer == transfers_.size());
  return now ? disturbance_ : std::nullopt;
}

Result<> Wire::pass(Transfer transfer, const Answer& answer, const std::function<Result<>()>& real) {
  const auto wrong = due();
  auto result = wrong && wrong->error ? Result<>(tl::unexpected(injected(*wrong->error))) : real();
  for (const auto& part : answer) transfer.read.insert(transfer.read.end(), part.begin(), part.end());
  transfer.damageable = 8 * transfer.read.size();
  if (wrong && wrong->wrong_bit) {
    std::size_t bit = *wrong->wrong_bit;
    for (const auto& part : answer) {
      if (bit < 8 * part.size()) {
        part[bit / 8] = static_cast<std::uint8_t>(part[bit / 8] ^ 1U << bit % 8);
        break;
      }
      bit -= 8 * part.size();
    }
  }
  transfers_.push_back(std::move(transfer));
  return result;
}

Result<std::optional<std::size_t>> Wire::note(std::size_t damageable) {
  const auto wrong = due();
  transfers_.push_back({.damageable = damageable});
  if (wrong && wrong->error) return tl::unexpected(injected(*wrong->error));
  return wrong ? wrong->wrong_bit : std::nullopt;
}

WatchedPorts::WatchedPorts(const DriverContext& real, Wire& wire)
    : real_(real),
      i2c_(behind<WatchedI2c>(real.i2c, wire)),
      spi_(behind<WatchedSpi>(real.spi, wire)),
      serial_(behind<WatchedSerial>(real.serial, wire)),
      timed_lines_(behind<WatchedTimedLines>(real.timed_lines, wire)),
      files_(behind<WatchedFiles>(real.files, wire)) {}

WatchedPorts::~WatchedPorts() = default;

DriverContext WatchedPorts::context() const {
  DriverContext context = real_;
  context.i2c = i2c_.get();
  context.spi = spi_.get();
  context.serial = serial_.get();
  context.timed_lines = timed_lines_.get();
  context.files = files_.get();
  return context;
}

}  // namespace b2m::vectors

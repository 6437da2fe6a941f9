// Uses the project's Linux ports and drivers by hand, for tests on a real kernel:
//   board_probe read DRIVER [KEY=VALUE...]     one reading, a line for each channel: temperature=25.5000
//   board_probe watch LINE EDGES               the level now, then that many edges with their age
//   board_probe drive LINE 0|1 [active_low]    requests the output at that level, then follows 0 and 1 on standard
//   input board_probe chips                          the GPIO chips and who holds their lines
// Errors are printed as "error CAUSE: detail"; exit status 1.
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <span>
#include <thread>

#include "daemon/io/linux_board.hpp"
#include "daemon/io/linux_gpio.hpp"
#include "drivers/api/registry.hpp"

namespace {

using namespace b2m;
using Arguments = std::span<const std::string_view>;

constexpr int edge_timeout_ms = 20000;
constexpr int most_steps = 1000;

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

const OptionSpec* find_spec(std::span<const OptionSpec> specs, std::string_view key) {
  const auto at = std::find_if(specs.begin(), specs.end(), [&](const auto& spec) { return spec.key == key; });
  return at == specs.end() ? nullptr : &*at;
}

Result<Options> parse_options(const DriverInfo& driver, Arguments pairs) {
  Options options = default_options(driver.options);
  if (!driver.addresses.empty()) options.set("address", std::int64_t{driver.addresses.front()});
  for (const auto pair : pairs) {
    const auto key = pair.substr(0, pair.find('='));
    const auto* spec = find_spec(driver.options, key);
    if (spec == nullptr) spec = find_spec(bus_options(driver.bus), key);
    if (spec == nullptr || key.size() == pair.size()) return fail(Errc::out_of_range, fmt::format("option {}", pair));
    B2M_ASSIGN(auto value, parse_option(*spec, pair.substr(key.size() + 1)));
    options.set(key, std::move(value));
  }
  return options;
}

/// Calls a step of a sensor until it is finished, with the pauses it asks for.
template <class Step>
Result<> finish(Step step) {
  for (int i = 0; i < most_steps; ++i) {
    B2M_ASSIGN(const Progress progress, step());
    std::this_thread::sleep_for(progress.pause());
    if (!progress.again()) return {};
  }
  return fail(Errc::timeout, "the sensor asked for more time for ever");
}

Result<> read_sensor(Board& board, Arguments arguments) {
  const auto ref = find_driver(arguments.front());
  if (!ref || ref->driver->make_sensor == nullptr) return fail(Errc::unsupported, "no such sensor");
  B2M_ASSIGN(const Options options, parse_options(*ref->driver, arguments.subspan(1)));
  const DriverContext context{.options = options,
                              .model = ref->model,
                              .i2c = options.has("bus") ? &board.i2c(options.text("bus")) : nullptr,
                              .gpio = &board.gpio(),
                              .files = &board.files()};
  const auto sensor = ref->driver->make_sensor(context);
  B2M_TRY(finish([&] { return sensor->init(); }));
  B2M_TRY(finish([&] { return sensor->trigger(); }));
  const auto channels = sensor->channels();
  Samples samples(channels.size());
  B2M_TRY(sensor->read(samples));
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (!samples[i]) return tl::unexpected(samples[i].error());
    say(fmt::format("{}={:.4f}", channels[i].key, *samples[i]));
  }
  return {};
}

Result<> watch(Board& board, const BoardTable& table, Arguments arguments) {
  B2M_ASSIGN(const LineId id, resolve_line(table, arguments[0]));
  B2M_ASSIGN(const auto line, board.gpio().request_input(id, {}));
  B2M_ASSIGN(const bool active, line->active());
  say(fmt::format("watching {}, now {}", describe(table, id), active ? 1 : 0));
  for (int left = std::stoi(std::string(arguments[1])); left > 0;) {
    B2M_ASSIGN(const auto event, line->next_event());
    if (event) {
      const auto age = std::chrono::steady_clock::now() - event->time;
      say(fmt::format("edge to {}, {} ms ago", event->active ? 1 : 0,
                      std::chrono::duration_cast<std::chrono::milliseconds>(age).count()));
      --left;
      continue;
    }
    pollfd readable{.fd = line->fd(), .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, edge_timeout_ms) <= 0) return fail(Errc::timeout, "no edge");
  }
  return {};
}

Result<> drive(Board& board, const BoardTable& table, Arguments arguments) {
  B2M_ASSIGN(const LineId id, resolve_line(table, arguments[0]));
  const OutputSettings settings{.active_low = arguments.size() > 2 && arguments[2] == "active_low",
                                .initially_active = arguments[1] == "1"};
  B2M_ASSIGN(const auto line, board.gpio().request_output(id, settings));
  say(fmt::format("driving {} at {}", describe(table, id), arguments[1]));
  for (std::string word; std::cin >> word;) {
    B2M_TRY(line->set(word == "1"));
    B2M_ASSIGN(const bool active, line->active());
    say(fmt::format("set to {}", active ? 1 : 0));
  }
  return {};
}

Result<> show_chips() {
  for (const auto& chip : gpio_chips()) {
    say(fmt::format("{} [{}] {} lines", chip.name, chip.label, chip.lines.size()));
    for (const auto& line : chip.lines)
      if (line.used || !line.name.empty())
        say(fmt::format("  \"{}\" {} {}", line.name, line.output ? "output" : "input",
                        line.used ? fmt::format("held by \"{}\"", line.holder) : "free"));
  }
  return {};
}

Result<> run(Arguments arguments) {
  const auto& table = *find_board("generic");
  LinuxBoard board(table);
  const auto command = arguments.empty() ? std::string_view() : arguments.front();
  if (command == "read" && arguments.size() >= 2) return read_sensor(board, arguments.subspan(1));
  if (command == "watch" && arguments.size() == 3) return watch(board, table, arguments.subspan(1));
  if (command == "drive" && arguments.size() >= 3) return drive(board, table, arguments.subspan(1));
  if (command == "chips") return show_chips();
  return fail(Errc::unsupported, "usage: board_probe read|watch|drive|chips ...");
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  const auto result = run(arguments);
  if (!result) say("error " + to_string(result.error()));
  return result ? 0 : 1;
}

#include "daemon/sim/simulated_outputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace b2m {
namespace {

constexpr std::string_view pwm_class = "/sys/class/pwm";
constexpr std::string_view chip_prefix = "pwmchip";
constexpr unsigned pwm_channels = 16;
constexpr std::array<std::string_view, 4> triggers{"none", "timer", "heartbeat", "default-on"};

tl::unexpected<Error> invalid() { return fail(Errc::io, "Invalid argument"); }

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return count;
}

struct PwmChannel {
  std::uint64_t period = 0;
  std::uint64_t duty = 0;
  bool enabled = false;
  bool inversed = false;
};

/// Changes what a channel does, as far as the core allows: nothing without a period, no pulse longer than it, the
/// polarity in rest alone.
Result<> apply(PwmChannel& channel, const PwmChannel& wanted) {
  if (wanted.period == 0 || wanted.duty > wanted.period) return invalid();
  if (wanted.inversed != channel.inversed && channel.enabled) return fail(Errc::busy, "Device or resource busy");
  channel = wanted;
  return {};
}

void export_channel(SimulatedFiles& files, const std::string& directory) {
  const auto channel = std::make_shared<PwmChannel>();
  const auto add_count = [&](std::string_view name, std::uint64_t PwmChannel::*member) {
    files.add_writable(
        fmt::format("{}/{}", directory, name), [channel, member] { return fmt::format("{}\n", *channel.*member); },
        [channel, member](std::string_view text) -> Result<> {
          const auto count = parse_count(text);
          if (!count) return invalid();
          auto wanted = *channel;
          wanted.*member = *count;
          return apply(*channel, wanted);
        });
  };
  const auto add_flag = [&](std::string_view name, bool PwmChannel::*member, std::string_view no,
                            std::string_view yes) {
    files.add_writable(
        fmt::format("{}/{}", directory, name),
        [channel, member, no, yes] { return fmt::format("{}\n", *channel.*member ? yes : no); },
        [channel, member, no, yes](std::string_view text) -> Result<> {
          if (text != no && text != yes) return invalid();
          auto wanted = *channel;
          wanted.*member = text == yes;
          return apply(*channel, wanted);
        });
  };
  add_count("period", &PwmChannel::period);
  add_count("duty_cycle", &PwmChannel::duty);
  add_flag("enable", &PwmChannel::enabled, "0", "1");
  add_flag("polarity", &PwmChannel::inversed, "normal", "inversed");
}

/// Where a new chip goes; none when it is there.
std::optional<std::string> free_chip(SimulatedFiles& files, const std::string& name, const std::string& node) {
  if (name.starts_with(chip_prefix)) {
    auto directory = fmt::format("{}/{}", pwm_class, name);
    return files.has_directory(directory) ? std::nullopt : std::optional(std::move(directory));
  }
  for (unsigned number = 0;; ++number) {
    auto directory = fmt::format("{}/{}{}", pwm_class, chip_prefix, number);
    if (!files.has_directory(directory)) return directory;
    const auto found = files.read(directory + "/device/uevent");
    if (found && *found == node) return std::nullopt;
  }
}

}  // namespace

void add_pwm_chip(SimulatedFiles& files, const SimulationClock& /*clock*/, const std::string& name) {
  const auto node = fmt::format("OF_FULLNAME=/soc/{}", name);
  const auto directory = free_chip(files, name, node);
  if (!directory) return;
  if (!name.starts_with(chip_prefix)) files.add(*directory + "/device/uevent", node + "\n");
  files.add(*directory + "/npwm", fmt::format("{}\n", pwm_channels));
  files.add_writable(
      *directory + "/export", [] { return std::string(); },
      [&files, directory = *directory](std::string_view text) -> Result<> {
        const auto channel = parse_count(text);
        if (!channel) return invalid();
        if (*channel >= pwm_channels) return fail(Errc::gone, "No such device");
        const auto place = fmt::format("{}/pwm{}", directory, *channel);
        if (files.has_directory(place)) return fail(Errc::busy, "Device or resource busy");
        export_channel(files, place);
        return {};
      });
}

void add_led(SimulatedFiles& files, const SimulationClock& /*clock*/, const std::string& name) {
  const auto directory = "/sys/class/leds/" + name;
  if (files.has_directory(directory)) return;
  files.add(directory + "/max_brightness", "255\n");
  files.add_writable(directory + "/brightness", "0\n");
  const auto active = std::make_shared<std::string>(triggers.front());
  files.add_writable(
      directory + "/trigger",
      [active] {
        std::string text;
        for (const auto trigger : triggers)
          text += trigger == *active ? fmt::format("[{}] ", trigger) : fmt::format("{} ", trigger);
        return text + '\n';
      },
      [active](std::string_view text) -> Result<> {
        if (std::find(triggers.begin(), triggers.end(), text) == triggers.end()) return invalid();
        *active = text;
        return {};
      });
}

}  // namespace b2m

#include "drivers/engine/kernel_pwm.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "drivers/engine/attribute.hpp"

namespace b2m {
namespace {

using std::chrono::nanoseconds;

constexpr std::string_view pwm_class = "/sys/class/pwm";
constexpr std::string_view chip_prefix = "pwmchip";
constexpr std::string_view inversed_polarity = "inversed";

// udev gets to a new channel within some ten milliseconds, on a board that is starting up within seconds.
constexpr auto udev_pause = std::chrono::milliseconds(50);
constexpr int most_waits = 60;

/// The value of "KEY=value" in a uevent file; empty when it is not there.
std::string value_of(std::string_view uevent, std::string_view key) {
  while (!uevent.empty()) {
    const auto line = uevent.substr(0, uevent.find('\n'));
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == '=')
      return std::string(line.substr(key.size() + 1));
    uevent.remove_prefix(std::min(uevent.size(), line.size() + 1));
  }
  return {};
}

/// What the chip of a directory is called in the device tree, "/soc/pwm@300a000"; empty without one.
std::string node_of(AttributeFiles& files, const std::string& directory) {
  const auto uevent = files.read(directory + "/device/uevent");
  return uevent ? value_of(*uevent, "OF_FULLNAME") : std::string();
}

/// "pwm@300a000" of "/soc/pwm@300a000".
std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// The directory of the chip whose device has this name on some bus; none when there is no such device.
std::optional<std::string> find_by_device(AttributeFiles& files, std::string_view device) {
  if (device.empty() || device.find('/') != std::string_view::npos) return std::nullopt;
  for (const auto& bus : files.list("/sys/bus").value_or(std::vector<std::string>())) {
    const auto chips = files.list(fmt::format("/sys/bus/{}/devices/{}/pwm", bus, device));
    if (chips && !chips->empty()) return fmt::format("{}/{}", pwm_class, chips->front());
  }
  return std::nullopt;
}

Result<std::string> find_chip(AttributeFiles& files, const std::string& wanted) {
  const auto entries = files.list(std::string(pwm_class));
  if (!entries && entries.error().code != Errc::gone) return tl::unexpected(entries.error());
  std::vector<std::string> there;
  for (const auto& entry : entries.value_or(std::vector<std::string>())) {
    if (!entry.starts_with(chip_prefix)) continue;
    auto directory = fmt::format("{}/{}", pwm_class, entry);
    const auto node = node_of(files, directory);
    if (entry == wanted || (!node.empty() && (node == wanted || last_part(node) == wanted))) return directory;
    there.push_back(node.empty() ? entry : fmt::format("{} ({})", last_part(node), entry));
  }
  if (auto directory = find_by_device(files, wanted)) return std::move(*directory);
  if (there.empty())
    return fail(Errc::gone, "the kernel shows no PWM chip; on most boards an overlay of the device tree enables it");
  return fail(Errc::gone, fmt::format("no PWM chip is called \"{}\"; there are: {}", wanted, fmt::join(there, ", ")));
}

}  // namespace

nanoseconds pwm_period(double frequency_hz) { return nanoseconds(std::llround(1e9 / frequency_hz)); }

KernelPwm::KernelPwm(const DriverContext& context)
    : KernelPwm(*context.files, context.options.text("chip"), static_cast<unsigned>(context.options.integer("channel")),
                context.options.flag("active_low")) {}

Result<Progress> KernelPwm::prepare(nanoseconds period) {
  B2M_ASSIGN(const bool taken, take_channel());
  if (taken) {
    fresh_ = true;
    waits_ = 0;
  }
  const auto writable = touch(period);
  if (!writable && fresh_ && ++waits_ <= most_waits) return Progress::again_after(udev_pause);
  fresh_ = false;
  B2M_TRY(writable);
  return Progress::done();
}

/// Whether it had to be taken.
Result<bool> KernelPwm::take_channel() {
  B2M_ASSIGN(const std::string chip, find_chip(files_, chip_));
  B2M_ASSIGN(const double channels, read_attribute(files_, chip + "/npwm"));
  if (channel_ >= channels)
    return fail(Errc::out_of_range, fmt::format("{} has channels 0 to {}, not {}", chip_, channels - 1, channel_));
  directory_ = fmt::format("{}/pwm{}", chip, channel_);
  const auto found = files_.read(file("period"));
  if (found || found.error().code != Errc::gone) return false;
  const auto taken = files_.write(chip + "/export", fmt::format("{}", channel_));
  if (!taken && taken.error().code == Errc::busy)
    return fail(Errc::busy,
                fmt::format("channel {} of {} is used by a driver of the kernel, such as a backlight, a fan "
                            "or a LED; /sys/kernel/debug/pwm names it",
                            channel_, chip_));
  B2M_TRY(taken);
  return true;
}

/// Whether the files can be written, found out by writing what they hold. Without a period a channel takes nothing.
Result<> KernelPwm::touch(nanoseconds period) const {
  B2M_ASSIGN(const auto found, read_time("period"));
  B2M_TRY(write_period(found.count() == 0 ? period : found));
  B2M_ASSIGN(const std::string polarity, files_.read(file("polarity")));
  return write("polarity", polarity);
}

Result<PwmPulse> KernelPwm::pulse() const {
  B2M_ASSIGN(const auto found, state());
  if (!found.enabled) return PwmPulse{found.period, nanoseconds(0)};
  return PwmPulse{found.period, found.inversed == active_low_ ? found.duty : found.period - found.duty};
}

/// What is off is a pulse of no length: what a channel that is not enabled does with its pin, the kernel leaves open.
/// A channel that runs keeps its polarity, which could only be changed in a break of the pulses.
Result<> KernelPwm::set_pulse(const PwmPulse& pulse) const {
  B2M_ASSIGN(auto found, state());
  if (!found.enabled && found.inversed != active_low_) {
    const auto turned = write("polarity", active_low_ ? inversed_polarity : "normal");
    if (!turned && turned.error().code == Errc::gone) return turned;
    B2M_ASSIGN(found.inversed, inversed());  // not every chip can
  }
  const auto duty = found.inversed == active_low_ ? pulse.active : pulse.period - pulse.active;
  const auto set_duty = [&]() -> Result<> { return write("duty_cycle", fmt::format("{}", duty.count())); };
  // At no time may a pulse be longer than the period.
  const bool fits = duty <= found.period;
  if (fits && duty != found.duty) B2M_TRY(set_duty());
  if (pulse.period != found.period) B2M_TRY(write_period(pulse.period));
  if (!fits) B2M_TRY(set_duty());
  return found.enabled ? Result<>() : write("enable", "1");
}

Result<KernelPwm::State> KernelPwm::state() const {
  State state{};
  B2M_ASSIGN(state.period, read_time("period"));
  B2M_ASSIGN(state.duty, read_time("duty_cycle"));
  B2M_ASSIGN(const double enabled, read_attribute(files_, file("enable")));
  state.enabled = enabled != 0;
  B2M_ASSIGN(state.inversed, inversed());
  return state;
}

Result<bool> KernelPwm::inversed() const {
  B2M_ASSIGN(const std::string polarity, files_.read(file("polarity")));
  return polarity == inversed_polarity;
}

Result<nanoseconds> KernelPwm::read_time(std::string_view name) const {
  B2M_ASSIGN(const double count, read_attribute(files_, file(name)));
  return nanoseconds(std::llround(count));
}

Result<> KernelPwm::write_period(nanoseconds period) const {
  auto written = write("period", fmt::format("{}", period.count()));
  if (!written && (written.error().code == Errc::busy || written.error().code == Errc::io))
    return fail(written.error().code, fmt::format("{} (when it is the frequency: {:.6g} Hz may be none of the chip's, "
                                                  "or its channels share one)",
                                                  written.error().detail, 1e9 / static_cast<double>(period.count())));
  return written;
}

Result<> KernelPwm::write(std::string_view name, std::string_view text) const { return files_.write(file(name), text); }

std::string KernelPwm::file(std::string_view name) const { return fmt::format("{}/{}", directory_, name); }

}  // namespace b2m

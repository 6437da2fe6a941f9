// The board itself: load, memory, disk, uptime, temperature. Linux, proc(5) loadavg, meminfo, uptime; statvfs(3);
// Documentation/driver-api/thermal/sysfs-api.rst.
// Supported: one temperature, that of the hottest thermal zone, where the board has any. Not supported: network,
// processes.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "drivers/api/driver.hpp"
#include "drivers/engine/attribute.hpp"

namespace b2m {
namespace {

constexpr std::string_view thermal_root = "/sys/class/thermal";

constexpr ChannelSpec channel_table[] = {
    {"load_1min", Quantity::count, {0, 1e6}, "processes that run or wait, on average of a minute"},
    {"memory_used", Quantity::ratio, {0, 1}, "of the whole memory, without what can be reclaimed"},
    {"disk_used", Quantity::ratio, {0, 1}, "of the file system that holds `disk`, reserved blocks included"},
    {"uptime", Quantity::duration, {0, 1e10}, "since the start of the kernel"},
    {"temperature", Quantity::temperature, {-100, 250}, "of the hottest thermal zone, where there is one"},
};
enum ChannelIndex : std::size_t { load_1min, memory_used, disk_used, uptime, temperature };

constexpr OptionSpec options[] = {
    {.key = "disk", .type = OptionType::text, .summary = "a path on the file system to watch", .fallback = "/"}};

/// The first blank-separated word of "0.20 0.18 0.12 1/80 11206".
Result<double> first_number(std::string_view text) { return parse_attribute(text.substr(0, text.find(' '))); }

/// The number of a line "MemTotal:  1018204 kB". Pure.
Result<double> meminfo_value(std::string_view meminfo, std::string_view key) {
  const auto line = meminfo.find(key);
  if (line == std::string_view::npos) return fail(Errc::unsupported, fmt::format("/proc/meminfo has no {}", key));
  auto rest = meminfo.substr(line + key.size());
  rest = rest.substr(0, rest.find("kB"));
  return parse_attribute(rest);
}

Result<double> used_share(double total, double free) {
  if (!(total > 0) || !(free >= 0) || free > total)
    return fail(Errc::out_of_range, fmt::format("{} of {} free", free, total));
  return 1 - free / total;
}

/// Worker only.
class System final : public Sensor {
 public:
  System(AttributeFiles& files, std::string disk) : files_(files), disk_(std::move(disk)) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override;
  Result<> read(Samples& samples) override;

 private:
  Result<double> read_first(const std::string& path);
  Result<double> read_memory();
  Result<double> read_disk();
  Result<double> read_hottest();

  AttributeFiles& files_;
  std::string disk_;
  std::vector<std::string> zones_;  ///< paths of `temp`
};

/// A board without thermal zones, such as most virtual machines, is measured without a temperature.
Result<Progress> System::init() {
  zones_.clear();
  const auto entries = files_.list(std::string(thermal_root));
  if (!entries && entries.error().code == Errc::gone) return Progress::done();
  if (!entries) return tl::unexpected(entries.error());
  for (const auto& entry : *entries)
    if (entry.starts_with("thermal_zone")) zones_.push_back(fmt::format("{}/{}/temp", thermal_root, entry));
  return Progress::done();
}

std::vector<Channel> System::channels() const {
  auto found = to_channels(channel_table);
  if (zones_.empty()) found.pop_back();
  return found;
}

Result<double> System::read_first(const std::string& path) {
  B2M_ASSIGN(const std::string text, files_.read(path));
  return first_number(text);
}

Result<double> System::read_memory() {
  B2M_ASSIGN(const std::string meminfo, files_.read("/proc/meminfo"));
  B2M_ASSIGN(const double total, meminfo_value(meminfo, "MemTotal:"));
  B2M_ASSIGN(const double available, meminfo_value(meminfo, "MemAvailable:"));
  return used_share(total, available);
}

Result<double> System::read_disk() {
  B2M_ASSIGN(const AttributeFiles::Space space, files_.space(disk_));
  return used_share(space.total_bytes, space.free_bytes);
}

/// A zone that cannot be read, for example because it is switched off, is passed over unless all are.
Result<double> System::read_hottest() {
  std::optional<double> hottest;
  std::optional<Error> error;
  for (const auto& zone : zones_) {
    const auto millidegrees = read_attribute(files_, zone);
    if (millidegrees) {
      hottest = std::max(hottest.value_or(*millidegrees), *millidegrees);
    } else {
      error = millidegrees.error();
    }
  }
  if (hottest) return *hottest / 1000;
  return tl::unexpected(error.value_or(Error{Errc::gone, "no thermal zone"}));
}

Result<> System::read(Samples& samples) {
  samples.set(load_1min, read_first("/proc/loadavg"));
  samples.set(memory_used, read_memory());
  samples.set(disk_used, read_disk());
  samples.set(uptime, read_first("/proc/uptime"));
  if (!zones_.empty()) samples.set(temperature, read_hottest());
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<System>(*context.files, context.options.text("disk"));
}

}  // namespace

B2M_DRIVER(system) = {
    .name = "system",
    .summary = "the board itself: load, memory, disk, uptime, temperature",
    .datasheet = "Linux, proc(5), statvfs(3), Documentation/driver-api/thermal/sysfs-api.rst",
    .bus = BusKind::files,
    .channels = channel_table,
    .options = options,
    .make_sensor = make,
    .example = R"({"driver": "system", "disk": "/"})",
};

}  // namespace b2m

// All 1-Wire thermometers of the board, each a channel, behind the kernel's w1_therm: DS18B20, DS18S20, DS1822, DS1825
// (and MAX31850), DS28EA00. Linux, Documentation/w1/slaves/w1_therm.rst, "bulk read".
// Supported: one conversion for all of a bus where the kernel has `therm_bulk_read` (5.8 and later, and the right to
// write it); otherwise one after the other, 750 ms each. Thermometers that are added while the daemon runs become
// channels at the next reading. Not supported: setting the resolution, alarms.
// The kernel's trigger returns at the end of the conversion: it takes the 1-Wire worker 750 ms, and no other. With one
// thermometer the payload is a bare number, as that of every sensor with one channel; "payload": "json" keeps its shape
// when a second one is added.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "drivers/api/driver.hpp"
#include "drivers/engine/w1_thermometer.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view master_prefix = "w1_bus_master";

// Disturbed searches find devices that are not there. What a daemon remembers of years of them is bounded.
constexpr std::size_t most_thermometers = 64;

/// The channel of "28-00000a013d97" is "28_00000a013d97".
std::string key_of(std::string id) {
  std::replace(id.begin(), id.end(), '-', '_');
  return id;
}

/// Worker only.
class W1Bus final : public Sensor {
 public:
  explicit W1Bus(AttributeFiles& files) : files_(files) {}

  Result<Progress> init() override;
  bool has_changed() override;
  [[nodiscard]] std::vector<Channel> channels() const override;
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  [[nodiscard]] bool is_known(const std::string& id) const {
    return std::find(ids_.begin(), ids_.end(), id) != ids_.end();
  }
  void convert_all(const std::string& master);

  AttributeFiles& files_;
  std::vector<std::string> ids_;  ///< every thermometer seen; one that is pulled off stays as an error
  std::vector<std::string> masters_;
  std::size_t step_ = 0;                ///< of a reading: the masters, then the thermometers
  std::vector<Result<double>> values_;  ///< of the reading, one for each id
};

Result<Progress> W1Bus::init() {
  B2M_ASSIGN(const auto names, w1::list(files_));
  masters_.clear();
  step_ = 0;
  std::copy_if(names.begin(), names.end(), std::back_inserter(masters_),
               [](const auto& name) { return name.starts_with(master_prefix); });
  const auto found = w1::thermometers(names);
  if (found.empty()) return fail(Errc::gone, "there is no thermometer on the 1-Wire bus");
  for (const auto& id : found)
    if (!is_known(id) && ids_.size() < most_thermometers) ids_.push_back(id);
  return Progress::done();
}

bool W1Bus::has_changed() {
  const auto names = w1::list(files_);
  if (!names || ids_.size() >= most_thermometers) return false;
  const auto found = w1::thermometers(*names);
  return std::any_of(found.begin(), found.end(), [&](const auto& id) { return !is_known(id); });
}

std::vector<Channel> W1Bus::channels() const {
  std::vector<Channel> found;
  for (const auto& id : ids_) found.push_back({key_of(id), Quantity::temperature, w1::range_of(id)});
  return found;
}

/// One conversion or one thermometer at a time: where each converts by itself, all of them together would take longer
/// than a step may.
Result<Progress> W1Bus::trigger() {
  if (step_ == 0) values_.clear();
  if (step_ < masters_.size()) {
    convert_all(masters_[step_]);
  } else {
    values_.push_back(w1::read_celsius(files_, ids_[values_.size()]));
  }
  ++step_;
  if (values_.size() < ids_.size()) return Progress::again_after(0us);
  step_ = 0;
  return Progress::done();
}

/// Where this is not possible, each read converts by itself: slower, and just as right.
void W1Bus::convert_all(const std::string& master) {
  const auto written = files_.write(fmt::format("{}/{}/therm_bulk_read", w1::root, master), "trigger\n");
  static_cast<void>(written);
}

Result<> W1Bus::read(Samples& samples) {
  const bool all_gone = std::all_of(values_.begin(), values_.end(),
                                    [](const auto& value) { return !value && value.error().code == Errc::gone; });
  if (all_gone) return fail(Errc::gone, "no thermometer is left on the 1-Wire bus");
  for (std::size_t i = 0; i < values_.size(); ++i) samples.set(i, values_[i]);
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) { return std::make_unique<W1Bus>(*context.files); }

}  // namespace

B2M_DRIVER(w1_bus) = {
    .name = "w1_bus",
    .summary = "all DS18B20 and other 1-Wire thermometers, each a channel such as 28_00000a013d97",
    .datasheet = "Linux, Documentation/w1/slaves/w1_therm.rst; Maxim DS18B20 19-7487 rev. 6",
    .bus = BusKind::w1,
    .dynamic_channels = true,
    .every_min = 1s,
    .make_sensor = make,
    .example = R"({"driver": "w1_bus"})",
};

}  // namespace b2m

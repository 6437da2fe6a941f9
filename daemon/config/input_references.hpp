// The inputs of computed sensors: names of other sensors' channels, which can be looked up only when all sensors are
// known.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/model.hpp"
#include "daemon/config/object_reader.hpp"

namespace b2m {

/// Pure.
class InputReferences {
 public:
  /// Notes what the options of a computed sensor name, which is the next to be added to Config::sensors at `index`.
  void note(const ObjectReader& reader, const SensorConfig& sensor, std::size_t index);
  /// Fills in SensorConfig::source and reports what does not exist, cannot be a source or measures something else.
  /// `ids` are all that were written, right or wrong.
  void resolve(Config& config, std::span<const std::string> ids, Diagnostics& diagnostics) const;

 private:
  struct Reference {
    std::size_t sensor;
    std::size_t input;  ///< row of DriverInfo::inputs
    std::string text;   ///< "adc.ain0"
    Place place;
    std::string pointer;
  };
  static Checked<> resolve_one(const Reference& reference, Config& config, std::span<const std::string> ids);

  std::vector<Reference> references_;
};

}  // namespace b2m

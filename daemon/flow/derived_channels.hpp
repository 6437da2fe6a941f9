// The channels that a sensor has beside its driver's: those of the option `derive`.
#pragma once

#include <span>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/flow/computation.hpp"

namespace b2m {

/// Loop only.
class DerivedChannels {
 public:
  explicit DerivedChannels(const SensorConfig& config);

  /// Appends the derived channels to the driver's and remembers which they are computed from.
  void extend(std::vector<Channel>& channels);
  /// Appends their values to the driver's. Computed from the values before any filter: a sensor that warms itself
  /// measures too high a temperature and too low a humidity, and the two together still give the right dew point.
  void extend(std::vector<Result<double>>& values) const;

 private:
  struct Item {
    Derivation derivation;
    Computation computation;
  };
  std::vector<Item> items_;
};

}  // namespace b2m

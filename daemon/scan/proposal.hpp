// From what was found to entries of a configuration.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/scan/scan.hpp"

namespace b2m {

enum class Standing : std::uint8_t {
  active,      ///< it is what it is: an entry that runs
  possible,    ///< an entry for somebody who knows that it is this part
  configured,  ///< the configuration has it
  unusable,    ///< there is nothing to configure: no driver, or held by the kernel
};

/// A thing found, and the entry for it. Its members are texts: driver, bus, address …
struct Proposal {
  Standing standing = Standing::unusable;
  std::string place;    ///< "i2c-1 0x76", "hwmon0"
  std::string what;     ///< "bme280", "possibly ads1115, ads1015 or lm75", for people
  std::string id = {};  ///< of the entry proposed, or of the one that is configured
  std::vector<std::pair<std::string, std::string>> entry = {};  ///< in the order to be written
};

/// One for each thing found, in the order found. Ids are made of name and address and differ from each other and from
/// those of `config`, which is null when there is no valid one. Pure.
[[nodiscard]] std::vector<Proposal> propose(const ScanReport& report, const Config* config);

/// A configuration, or a part of one, with the active entries; the possible ones are comments in it. Ends with a
/// newline. Pure.
[[nodiscard]] std::string to_snippet(const std::vector<Proposal>& proposals);

/// Whether the snippet has an active entry. Pure.
[[nodiscard]] bool has_active(const std::vector<Proposal>& proposals);

}  // namespace b2m

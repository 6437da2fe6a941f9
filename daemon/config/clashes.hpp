// What two devices cannot share.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/object_reader.hpp"
#include "drivers/api/gpio.hpp"
#include "drivers/api/i2c_name.hpp"

namespace b2m {

/// Remembers who has what and reports the second who wants it. Pure.
class Clashes {
 public:
  /// `bus` as I2cBusName::text() spells it; `key` is the option that says so. Devices with the same `chip`, if they
  /// have one, share the address.
  void claim_address(const ObjectReader& device, std::string_view key, const std::string& bus, std::int64_t address,
                     const std::string& chip = {});
  /// A chip select or a serial port, in the option `key`.
  void claim_place(const ObjectReader& device, std::string_view key, const std::string& place);
  void claim_line(const ObjectReader& device, std::string_view key, const LineId& line);
  void claim_commands(const ObjectReader& device, const std::string& filter);
  /// The option `key` says something of the whole of `place`; devices there must agree.
  void claim_agreement(const ObjectReader& device, std::string_view key, const std::string& place);

 private:
  struct Address {
    I2cBusName bus;
    std::int64_t address;
    std::string holder;
    std::string chip;
  };
  struct Mux {
    std::string adapter;
    std::int64_t address;
    std::string holder;  ///< a device behind it
  };
  bool claim_mux(const ObjectReader& device, const I2cBusName& bus);
  bool clashes_with_mux(const ObjectReader& device, std::string_view key, const I2cBusName& bus, std::int64_t address);

  std::vector<Address> addresses_;
  std::vector<Mux> muxes_;
  std::map<std::pair<std::string, std::string>, std::pair<OptionValue, std::string>> agreements_;
  std::map<std::string, std::string> places_;
  std::vector<std::pair<LineId, std::string>> lines_;
  std::vector<std::pair<std::string, std::string>> commands_;
};

}  // namespace b2m

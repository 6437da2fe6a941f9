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

namespace b2m {

/// Remembers who has what and reports the second who wants it. Pure.
class Clashes {
 public:
  void claim_address(const ObjectReader& device, const std::string& bus, std::int64_t address);
  /// A chip select or a serial port, in the option `key`.
  void claim_place(const ObjectReader& device, std::string_view key, const std::string& place);
  void claim_line(const ObjectReader& device, std::string_view key, const LineId& line);
  void claim_commands(const ObjectReader& device, const std::string& filter);

 private:
  std::map<std::pair<std::string, std::int64_t>, std::string> addresses_;
  std::map<std::string, std::string> places_;
  std::vector<std::pair<LineId, std::string>> lines_;
  std::vector<std::pair<std::string, std::string>> commands_;
};

}  // namespace b2m

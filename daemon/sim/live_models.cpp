#include "daemon/sim/live_models.hpp"

#include <algorithm>

namespace b2m {
namespace {

// clang-format off
constexpr std::array rows{
    LiveModelRow{"bme280", make_live_bme280},   LiveModelRow{"bmp280", make_live_bmp280},
    LiveModelRow{"lm75", make_live_lm75},       LiveModelRow{"lm75b", make_live_lm75},
    LiveModelRow{"tmp75", make_live_lm75},      LiveModelRow{"tmp105", make_live_lm75},
    LiveModelRow{"ds75", make_live_lm75},       LiveModelRow{"tmp102", make_live_tmp102},
    LiveModelRow{"tmp112", make_live_tmp102},   LiveModelRow{"tmp117", make_live_tmp117},
    LiveModelRow{"sht3x", make_live_sht3x},     LiveModelRow{"sht30", make_live_sht3x},
    LiveModelRow{"sht31", make_live_sht3x},     LiveModelRow{"sht35", make_live_sht3x},
    LiveModelRow{"bh1750", make_live_bh1750},
    LiveModelRow{"ads1115", make_live_ads1115}, LiveModelRow{"ads1015", make_live_ads1015},
    LiveModelRow{"mcp23017", make_live_mcp23017}, LiveModelRow{"mcp23008", make_live_mcp23008},
    LiveModelRow{"pcf8574", make_live_pcf8574}, LiveModelRow{"pcf8574a", make_live_pcf8574},
    LiveModelRow{"pcf8575", make_live_pcf8575}, LiveModelRow{"pca9685", make_live_pca9685},
    LiveModelRow{"pca9685_servo", make_live_pca9685}, LiveModelRow{"mcp4725", make_live_mcp4725},
    LiveModelRow{"pcf8591", make_live_pcf8591}, LiveModelRow{"pcf8591_dac", make_live_pcf8591},
};
// clang-format on

}  // namespace

MakeLiveModel find_live_model(std::string_view name) noexcept {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.name == name; });
  return row == rows.end() ? nullptr : row->make;
}

}  // namespace b2m

#include "drivers/api/driver.hpp"

#include <array>

namespace b2m {
namespace {

constexpr std::array i2c_options{
    OptionSpec{.key = "bus",
               .type = OptionType::text,
               .summary = "I2C bus: \"i2c-1\", \"/dev/i2c-1\" or, behind a multiplexer, \"i2c-1/mux:0x70:3\"",
               .required = true},
    OptionSpec{.key = "address",
               .type = OptionType::address,
               .summary = "7-bit address of the chip; default: the first it can have",
               .min = 0x03,
               .max = 0x77},
};

constexpr std::array spi_options{
    OptionSpec{.key = "bus",
               .type = OptionType::text,
               .summary = "SPI chip select: \"spidev1.0\" or \"/dev/spidev1.0\"",
               .required = true},
};

constexpr std::array serial_options{
    OptionSpec{.key = "port",
               .type = OptionType::text,
               .summary = "serial port: \"/dev/ttyS2\" or \"/dev/serial/by-id/…\"",
               .required = true},
};

constexpr std::array gpio_options{
    OptionSpec{.key = "line",
               .type = OptionType::line,
               .summary =
                   "GPIO line: \"PC8\", \"GPIO17\", \"header:11\", \"gpiochip0:73\", the line's name, or one of an "
                   "expander, \"mcp23017@i2c-1:0x20/5\"",
               .required = true},
    OptionSpec{.key = "active_low",
               .type = OptionType::boolean,
               .summary = "active when the line is low",
               .fallback = "false"},
};

}  // namespace

std::span<const OptionSpec> bus_options(BusKind kind) noexcept {
  switch (kind) {
    case BusKind::i2c: return i2c_options;
    case BusKind::spi: return spi_options;
    case BusKind::serial: return serial_options;
    case BusKind::gpio: return gpio_options;
    case BusKind::gpio_lines:
    case BusKind::timed_lines:
    case BusKind::files:
    case BusKind::w1:
    case BusKind::none: break;
  }
  return {};
}

std::span<const std::uint8_t> DriverRef::addresses() const noexcept {
  const bool own = model < driver->models.size() && !driver->models[model].addresses.empty();
  return own ? driver->models[model].addresses : driver->addresses;
}

std::span<const ChannelSpec> DriverRef::channels() const noexcept {
  const bool own = model < driver->models.size() && !driver->models[model].channels.empty();
  return own ? driver->models[model].channels : driver->channels;
}

std::string_view DriverRef::name() const noexcept {
  return model < driver->models.size() ? driver->models[model].name : driver->name;
}

}  // namespace b2m

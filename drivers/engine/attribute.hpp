// The engine for sensors that the kernel shows as small text files: numbers in the C locale, and devices found by name,
// since their numbers change from start to start.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "drivers/api/channel.hpp"
#include "drivers/api/files.hpp"
#include "drivers/api/quantity.hpp"

namespace b2m {

/// A whole text as a finite decimal number, whatever the locale. An empty text is not_ready. Pure.
[[nodiscard]] Result<double> parse_attribute(std::string_view text);

/// The number in a file; the error's detail has the path. Worker only.
[[nodiscard]] Result<double> read_attribute(AttributeFiles& files, const std::string& path);

/// A class of kernel devices: the directories below `root` that begin with `prefix`, named by their file `attribute`.
struct DeviceClass {
  std::string_view what;  ///< for messages: "IIO device"
  std::string_view root;
  std::string_view prefix;
  std::string_view attribute;
  std::string_view missing;  ///< advice when the class itself is not there
};

/// The directory of the device whose directory or attribute is called `wanted`; the first one, if several are. When
/// there is none: gone, and the detail names those that are there. Worker only.
[[nodiscard]] Result<std::string> find_device(AttributeFiles& files, const DeviceClass& device_class,
                                              std::string_view wanted);

/// Reads each of a device's inputs into the channel of its place with `read_one`. An input that cannot be read fails
/// alone; a vanished one means that the device has gone or was bound anew. Worker only.
template <class Inputs, class ReadOne>
[[nodiscard]] Result<> read_inputs(const Inputs& inputs, Samples& samples, ReadOne read_one) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Result<double> value = read_one(inputs[i]);
    if (!value && value.error().code == Errc::gone) return tl::unexpected(value.error());
    samples.set(i, std::move(value));
  }
  return {};
}

/// What a channel may show whose device tells nothing about its range: everything but the physically impossible. Pure.
[[nodiscard]] constexpr Range possible_range(Quantity quantity) noexcept {
  switch (quantity) {
    case Quantity::temperature: return {-273.15, 5000};
    case Quantity::relative_humidity: return {0, 100};
    default: return {-1e15, 1e15};
  }
}

}  // namespace b2m

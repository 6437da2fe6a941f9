// The kernel's error numbers as the causes that callers tell apart.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "drivers/api/result.hpp"

namespace b2m {

/// What the kernel grants, or the number of its error.
template <class T>
using Granted = tl::expected<T, int>;

/// What an errno means coming from a device's file or attribute; Documentation/i2c/fault-codes.rst for those of buses.
/// Pure.
[[nodiscard]] Errc to_errc(int error) noexcept;

/// The error with "place: the kernel's words" as its detail. Where permission is missing, also the way out: the group
/// that the file at `place` belongs to. Any thread.
[[nodiscard]] Error kernel_error(int error, std::string_view place);

/// The kernel's words alone. Pure.
[[nodiscard]] std::string kernel_words(int error);

}  // namespace b2m

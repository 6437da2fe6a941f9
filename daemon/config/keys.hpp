// The keys of the configuration that are not a driver's. Each row is what the loader checks by, what the JSON Schema
// says and what help and documentation show.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "drivers/api/driver.hpp"
#include "drivers/api/options.hpp"

namespace b2m::keys {

using Rows = std::span<const OptionSpec>;

/// The rows of one object each. Pure.
[[nodiscard]] Rows top() noexcept;
[[nodiscard]] Rows mqtt() noexcept;
[[nodiscard]] Rows tls() noexcept;
[[nodiscard]] Rows login() noexcept;
[[nodiscard]] Rows presence() noexcept;  ///< birth, and will but for its delay; their payloads are the loader's
[[nodiscard]] Rows will() noexcept;
[[nodiscard]] Rows reconnect() noexcept;
[[nodiscard]] Rows outbox() noexcept;
[[nodiscard]] Rows homeassistant() noexcept;
[[nodiscard]] Rows channel() noexcept;
[[nodiscard]] Rows broker_lost() noexcept;
[[nodiscard]] Rows ack() noexcept;
[[nodiscard]] Rows condition() noexcept;    ///< an entry of `all` and `any`
[[nodiscard]] Rows rule_action() noexcept;  ///< beside `state` or `value`, which may be of any type
[[nodiscard]] Rows rule() noexcept;         ///< an entry of `rules`, which is a condition, too

/// The row of the key that every device has. Pure.
[[nodiscard]] const OptionSpec& driver() noexcept;

/// The rows of an entry under `sensors` or `actuators`: those of every device, of its bus, of its driver. A key that
/// would have no effect with this driver is not among them: `every` of what is told at each edge, `payload` where the
/// driver has its own.
[[nodiscard]] std::vector<OptionSpec> device(const DriverInfo& driver);

/// Every row that some device can have, for `defaults`; a key may come more than once.
[[nodiscard]] std::vector<OptionSpec> any_device();

/// The keys of rows.
[[nodiscard]] std::vector<std::string_view> names(Rows rows);

}  // namespace b2m::keys

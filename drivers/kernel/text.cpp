// Text that is sent as it is written: a sign of life, a greeting, a test message. Needs no hardware.
// Supported: the placeholders that payload templates have. Their meaning is the publisher's; this driver only keeps the
// time.
#include <memory>

#include "drivers/api/driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr OptionSpec options[] = {
    {.key = "text",
     .type = OptionType::text,
     .summary = "the message; {sequence} counts from 1, {run} is the time of the start in milliseconds",
     .required = true}};

/// Has nothing to measure and therefore never fails.
/// Worker only.
class Text final : public Sensor {
 public:
  [[nodiscard]] std::vector<Channel> channels() const override { return {}; }
  Result<> read(Samples&) override { return {}; }
};

std::unique_ptr<Sensor> make(const DriverContext&) { return std::make_unique<Text>(); }

}  // namespace

B2M_DRIVER(text) = {
    .name = "text",
    .summary = "sends a text at regular intervals",
    .datasheet = "none: not a device",
    .bus = BusKind::none,
    .options = options,
    .every = 10s,
    .every_min = 100ms,
    .payload_option = "text",
    .make_sensor = make,
    .example = R"({"driver": "text", "text": "Hello WalnutPi! {sequence}"})",
};

}  // namespace b2m

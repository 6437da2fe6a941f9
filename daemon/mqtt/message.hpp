// An MQTT message as a value, and the port through which the daemon's parts hand theirs over.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/flow/reading.hpp"

namespace b2m {

/// What MQTT 5 says a payload is.
enum class ContentType : std::uint8_t {
  none,
  senml_json,  ///< application/senml+json
};

struct Message {
  std::string topic;
  std::string payload;  ///< bytes
  int qos = 1;
  bool retain = false;
  // MQTT 5 only; ignored below.
  std::string response_topic = {};
  std::string correlation_data = {};  ///< bytes
  std::optional<std::chrono::seconds> expiry = {};
  ContentType content_type = ContentType::none;
  friend bool operator==(const Message&, const Message&) = default;
};

/// What an outgoing message is called between the session and the link. Never used twice in one run of the daemon.
using MessageId = std::uint64_t;

/// A start of the machine, as the outbox's store numbers them; 0 is the present one.
using BootNumber = std::uint32_t;

/// A place in the payload of a measurement that was taken while the clock was not synchronised. The numbers of the
/// kinds are on disk.
struct TimeSpot {
  enum class Kind : std::uint8_t {
    time,              ///< the time, as format_time() writes it
    remark,            ///< says that the time is not to be trusted; goes when it is
    senml_base_time,   ///< none, or how long ago; `"bt":…,` when it is known
    influx_timestamp,  ///< none; a space and nanoseconds when it is known
  };
  Kind kind = Kind::time;
  std::uint32_t at = 0;      ///< bytes
  std::uint32_t length = 0;  ///< bytes
  friend bool operator==(const TimeSpot&, const TimeSpot&) = default;
};

/// When a reading was taken, and what becomes of its payload once the clock is synchronised.
struct Taken {
  WallTime wall = {};
  SteadyTime monotonic = {};  ///< since `boot`
  BootNumber boot = 0;
  bool synchronised = true;          ///< `wall` can be trusted
  std::vector<TimeSpot> spots = {};  ///< in order; none when there is nothing to correct
};

/// A reading on its way to the broker.
struct ReadingMessage {
  Message message = {};
  Taken taken = {};
};

/// Where messages go that are ready to be sent. Loop only.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  /// Kept until the broker has it, in order, within the outbox's bounds.
  virtual void publish_reading(ReadingMessage reading) = 0;
  /// The truth about something now: replaces what waits on its topic, and is sent again after every connect.
  virtual void publish_state(Message message) = 0;
  /// An answer that is of use now or never: dropped and counted while there is no broker.
  virtual void publish_event(Message message) = 0;
  /// A reading that will not be sent, and why ("failed_channel"). Counted, and shown in the health report.
  virtual void count_dropped(const std::string& reason) = 0;
};

}  // namespace b2m

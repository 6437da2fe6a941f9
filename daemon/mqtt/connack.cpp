#include "daemon/mqtt/connack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace b2m {
namespace {

struct Row {
  int code;
  std::string_view words;
  std::string_view hint = {};
};

constexpr std::string_view login_hint = "check mqtt.username and mqtt.password_file";
constexpr std::string_view id_hint = "check mqtt.client_id: it may be too long or must be one the broker knows";
constexpr std::string_view busy_hint = "it will be tried again";

// clang-format off
// 1 to 5: MQTT 3.1.1 §3.2.2.3. 128 and above: MQTT 5.0 §2.4.
constexpr std::array rows{
    Row{1, "unacceptable protocol version", "set mqtt.protocol to auto, 3.1.1 or 3.1"},
    Row{2, "client id rejected", id_hint},
    Row{3, "server unavailable", busy_hint},
    Row{4, "bad user name or password", login_hint},
    Row{5, "not authorized", login_hint},
    Row{16, "no matching subscribers"},
    Row{17, "no subscription existed"},
    Row{128, "unspecified error", "the broker's log may say more"},
    Row{129, "malformed packet"},
    Row{130, "protocol error"},
    Row{131, "implementation specific error", "the broker's log may say more"},
    Row{132, "unsupported protocol version", "set mqtt.protocol to auto, 3.1.1 or 3.1"},
    Row{133, "client id not valid", id_hint},
    Row{134, "bad user name or password", login_hint},
    Row{135, "not authorized", "check the login and the broker's access rules"},
    Row{136, "server unavailable", busy_hint},
    Row{137, "server busy", busy_hint},
    Row{138, "banned", "ask who runs the broker; mqtt.rate_limit and mqtt.reconnect keep traffic low"},
    Row{139, "server shutting down", busy_hint},
    Row{140, "bad authentication method"},
    Row{141, "keep alive timeout", "nothing arrived at the broker for too long: check the network, or raise mqtt.keepalive"},
    Row{142, "session taken over", "another client has the same client id: every gateway needs its own mqtt.client_id"},
    Row{143, "topic filter invalid"},
    Row{144, "topic name invalid"},
    Row{145, "packet identifier in use"},
    Row{146, "packet identifier not found"},
    Row{147, "receive maximum exceeded", "lower mqtt.max_inflight"},
    Row{148, "topic alias invalid"},
    Row{149, "packet too large"},
    Row{150, "message rate too high", "set mqtt.rate_limit"},
    Row{151, "quota exceeded", "set mqtt.rate_limit"},
    Row{152, "administrative action"},
    Row{153, "payload format invalid"},
    Row{154, "retain not supported", "set mqtt.no_retain"},
    Row{155, "QoS not supported", "lower mqtt.qos"},
    Row{156, "use another server", "change mqtt.broker"},
    Row{157, "server moved", "change mqtt.broker"},
    Row{158, "shared subscriptions not supported", "use a command_topic without $share"},
    Row{159, "connection rate exceeded", "raise mqtt.reconnect.min"},
    Row{160, "maximum connect time"},
    Row{161, "subscription identifiers not supported"},
    Row{162, "wildcard subscriptions not supported", "use command topics without + and #"},
};
// clang-format on

std::string in_words(int code, std::string_view unknown) {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [code](const Row& candidate) { return candidate.code == code; });
  if (row == rows.end()) return fmt::format("{}: {}", code, unknown);
  if (row->hint.empty()) return fmt::format("{}: {}", code, row->words);
  return fmt::format("{}: {} ({})", code, row->words, row->hint);
}

}  // namespace

std::string connack_words(int code) { return in_words(code, "unknown answer to CONNECT"); }
std::string reason_words(int reason) { return in_words(reason, "unknown reason"); }

bool is_refused_login(int code) noexcept {
  switch (code) {
    case 2:
    case 4:
    case 5:
    case 133:
    case 134:
    case 135:
    case 138:
    case 140:
    case 159:
      return true;
    default:
      return false;
  }
}

bool is_refused_version(int code) noexcept { return code == 1 || code == 132; }

}  // namespace b2m

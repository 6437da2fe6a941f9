#include "daemon/mqtt/protocol.hpp"

namespace b2m {

std::string_view to_string(MqttProtocol protocol) noexcept {
  switch (protocol) {
    case MqttProtocol::automatic:
      return "auto";
    case MqttProtocol::v5:
      return "5";
    case MqttProtocol::v3_1_1:
      return "3.1.1";
    case MqttProtocol::v3_1:
      return "3.1";
  }
  return "auto";
}

}  // namespace b2m

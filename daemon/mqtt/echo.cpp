#include "daemon/mqtt/echo.hpp"

#include <algorithm>

namespace b2m {

void EchoMemory::sent(std::string_view topic, std::string_view payload, SteadyTime now) {
  while (!sent_.empty() && (sent_.size() >= capacity || now - sent_.front().time > lifetime)) sent_.pop_front();
  sent_.push_back({std::string(topic), std::string(payload), now});
}

bool EchoMemory::take(std::string_view topic, std::string_view payload, SteadyTime now) {
  const auto found = std::find_if(sent_.begin(), sent_.end(), [&](const Sent& sent) {
    return sent.topic == topic && sent.payload == payload && now - sent.time <= lifetime;
  });
  if (found == sent_.end()) return false;
  sent_.erase(found);
  return true;
}

}  // namespace b2m

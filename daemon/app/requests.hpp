// Requests over MQTT: {base}/request/{what} is answered on {base}/response/{what}.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "daemon/mqtt/link.hpp"
#include "daemon/mqtt/publisher.hpp"

namespace b2m {

/// Loop only.
class Requests {
 public:
  using Handler = std::function<nlohmann::json()>;

  Requests(Publisher& publisher, const std::string& base_topic)
      : publisher_(publisher), prefix_(base_topic + "/request/") {}

  /// `handler` gives the data of the answer to `what`.
  void answer(std::string what, Handler handler) { handlers_[std::move(what)] = std::move(handler); }
  [[nodiscard]] Subscription subscription() const { return {.filter = prefix_ + "+", .qos = 1}; }
  /// False when the topic is no request's. An unknown one is answered with what there is. `transaction` is copied.
  bool take(const Message& message, bool retained);

 private:
  [[nodiscard]] nlohmann::json respond(const std::string& what) const;

  Publisher& publisher_;
  std::string prefix_;
  std::map<std::string, Handler> handlers_;
};

}  // namespace b2m

// Requests over MQTT: {base}/request/{what} is answered on {base}/response/{what}.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "daemon/flow/command.hpp"
#include "daemon/mqtt/link.hpp"
#include "daemon/mqtt/publisher.hpp"

namespace b2m {

/// Loop only.
class Requests {
 public:
  /// What is not done, why, and perhaps more about it.
  struct Refused {
    Refusal why;
    nlohmann::json data = {};
  };
  using Answer = tl::expected<nlohmann::json, Refused>;
  /// Of the payload, which is an object, or discarded where there was none.
  using Handler = std::function<Answer(const nlohmann::json& request)>;

  Requests(Publisher& publisher, const std::string& base_topic)
      : publisher_(publisher), prefix_(prefix_of(base_topic)) {}

  void set_base_topic(const std::string& base_topic) { prefix_ = prefix_of(base_topic); }

  /// `handler` gives the data of the answer to `what`; it may change the base topic.
  void answer(std::string what, Handler handler) { handlers_[std::move(what)] = std::move(handler); }
  [[nodiscard]] Subscription subscription() const { return {.filter = prefix_ + "+", .qos = 1, .prompt = false}; }
  /// False when the topic is no request's. An unknown one is answered with what there is. `transaction` is copied.
  bool take(const Message& message, bool retained);

 private:
  static std::string prefix_of(const std::string& base_topic) { return base_topic + "/request/"; }
  [[nodiscard]] nlohmann::json respond(const std::string& what, const nlohmann::json& request) const;

  Publisher& publisher_;
  std::string prefix_;
  std::map<std::string, Handler> handlers_;
};

}  // namespace b2m

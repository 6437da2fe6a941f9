#include "daemon/app/requests.hpp"

#include <fmt/format.h>

namespace b2m {
namespace {

using nlohmann::json;

constexpr std::size_t longest_request = 4096;

/// An object, or a discarded value for everything else: a request needs no payload at all.
json parse(const std::string& payload) {
  if (payload.size() > longest_request) return json(json::value_t::discarded);
  auto request = json::parse(payload, nullptr, /*allow_exceptions=*/false);
  return request.is_object() ? request : json(json::value_t::discarded);
}

}  // namespace

bool Requests::take(const Message& message, bool retained) {
  if (!message.topic.starts_with(prefix_)) return false;
  if (retained) return true;  // asked long ago
  const auto what = message.topic.substr(prefix_.size());
  const auto request = parse(message.payload);
  ReplyTo reply{message.response_topic, message.correlation_data};
  if (reply.response_topic.empty()) reply = {publisher_.response_topic(what)};  // whatever the answer changes
  auto response = respond(what, request);
  if (request.contains("transaction")) response["transaction"] = request["transaction"];
  publisher_.response(what, response, reply);
  return true;
}

json Requests::respond(const std::string& what, const json& request) const {
  const auto handler = handlers_.find(what);
  if (handler != handlers_.end()) {
    auto answer = handler->second(request);
    if (answer) return {{"status", "ok"}, {"data", std::move(*answer)}};
    json refused{{"status", "error"}, {"error", answer.error().why.error}, {"message", answer.error().why.message}};
    if (!answer.error().data.is_null()) refused["data"] = std::move(answer.error().data);
    return refused;
  }
  std::string known;
  for (const auto& [name, unused] : handlers_) known += (known.empty() ? "" : ", ") + name;
  return {{"status", "error"},
          {"error", "unknown_request"},
          {"message", fmt::format("\"{}\" is not a request; there are {}", what, known)}};
}

}  // namespace b2m

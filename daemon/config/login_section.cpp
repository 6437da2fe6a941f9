#include "daemon/config/login_section.hpp"

#include <fmt/format.h>

#include "daemon/config/keys.hpp"
#include "daemon/config/secret_file.hpp"

namespace b2m {
namespace {

// Outside of it the login is refused (Alibaba Cloud IoT Platform, "Establish MQTT connections over TCP").
constexpr std::chrono::seconds shortest_keepalive{30};
constexpr std::chrono::seconds longest_keepalive{1200};

SignMethod parse_method(const std::string& text) {
  if (text == "hmacsha1") return SignMethod::hmac_sha1;
  if (text == "hmacmd5") return SignMethod::hmac_md5;
  return SignMethod::hmac_sha256;
}

/// What the client id, the user name and the signed text are put together with: the signs between them cannot be in it.
std::string read_part(const ObjectReader& login, std::string_view key) {
  if (!login.valid(key)) return {};
  auto text = login.options().text(key);
  if (text.empty() || text.find_first_of("&|,= ") != std::string::npos)
    login.error(key, fmt::format("{} cannot be a {}", in_quotes(text), key), "copy it from the platform's console");
  return text;
}

std::string read_secret_key(const ObjectReader& login, const LoadContext& context) {
  if (login.given("device_secret") == login.given("device_secret_file")) {
    login.error(
        login.given("device_secret") ? "device_secret" : "device_secret_file",
        login.given("device_secret") ? "there is a \"device_secret_file\" too" : "the device's secret is missing",
        "write one of \"device_secret_file\" and \"device_secret\"");
    return {};
  }
  if (login.valid("device_secret_file")) {
    auto secret =
        read_secret(login.place("device_secret_file"), login.options().text("device_secret_file"), context.environment);
    if (secret) return std::move(*secret);
    login.error("device_secret_file", secret.error().message, secret.error().hint);
  }
  if (!login.valid("device_secret")) return {};
  if (const auto is_private = check_private(*login.place("device_secret").file); !is_private)
    login.error("device_secret", "everybody may read the file that this secret stands in",
                is_private.error().hint + ", or use \"device_secret_file\"");
  return login.options().text("device_secret");
}

}  // namespace

std::optional<AliyunLogin> read_login(const ObjectReader& mqtt, LoadContext& context) {
  const auto* node = mqtt.nested("login");
  if (node == nullptr) return std::nullopt;
  const ObjectReader login(*node, "/mqtt/login", keys::login(), context.diagnostics);
  for (const std::string_view key : {"username", "password", "password_file"})
    if (mqtt.given(key)) mqtt.error(key, "\"login\" computes it", "remove it, or \"login\"");
  AliyunLogin result;
  result.product_key = read_part(login, "product_key");
  result.device_name = read_part(login, "device_name");
  result.device_secret = read_secret_key(login, context);
  result.method = parse_method(login.options().text("sign_method"));
  result.timestamp = login.text_or("timestamp");
  if (result.timestamp.find_first_not_of("0123456789") != std::string::npos)
    login.error("timestamp", fmt::format("{} is no number of milliseconds", in_quotes(result.timestamp)));
  const auto keepalive = mqtt.options().duration("keepalive");
  if (keepalive < shortest_keepalive || keepalive > longest_keepalive)
    mqtt.error("keepalive", "this platform refuses a login with it", "write 30s to 1200s");
  return result;
}

}  // namespace b2m

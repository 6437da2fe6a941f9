#include "daemon/mqtt/login.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace b2m {
namespace {

struct Method {
  std::string_view name;
  const EVP_MD* digest;
};

Method method_of(SignMethod method) {
  switch (method) {
    case SignMethod::hmac_sha256: return {"hmacsha256", EVP_sha256()};
    case SignMethod::hmac_sha1: return {"hmacsha1", EVP_sha1()};
    case SignMethod::hmac_md5: return {"hmacmd5", EVP_md5()};
  }
  return {"hmacsha256", EVP_sha256()};
}

/// Hexadecimal; empty when the library refuses the digest.
std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  const std::basic_string<unsigned char> bytes(data.begin(), data.end());
  if (HMAC(digest, key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(), sum.data(), &size) == nullptr)
    return {};
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", sum[i]);
  return text;
}

}  // namespace

tl::expected<Credentials, std::string> aliyun_credentials(const AliyunLogin& login, std::string_view id,
                                                          bool encrypted) {
  constexpr std::size_t longest_id = 64;
  id = id.substr(0, longest_id);
  const auto method = method_of(login.method);
  const bool timed = !login.timestamp.empty();
  // Names and values in alphabetic order of the names.
  const auto data = fmt::format("clientId{}deviceName{}productKey{}{}{}", id, login.device_name, login.product_key,
                                timed ? "timestamp" : "", login.timestamp);
  auto password = hmac(method.digest, login.device_secret, data);
  if (password.empty())
    return tl::unexpected(fmt::format("{} is not available here: set mqtt.login.sign_method", method.name));
  return Credentials{fmt::format("{}|securemode={},signmethod={}{}{}|", id, encrypted ? 2 : 3, method.name,
                                 timed ? ",timestamp=" : "", login.timestamp),
                     fmt::format("{}&{}", login.device_name, login.product_key), std::move(password)};
}

}  // namespace b2m

// Logins that are computed.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/config/model.hpp"

namespace b2m {

struct Credentials {
  std::string client_id;
  std::string username;
  std::string password;
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

/// What Alibaba Cloud's IoT platform expects of the device (its help page "Establish MQTT connections over TCP"); `id`
/// is any text that tells connections of one device apart, of which 64 characters are used. The error is in words: a
/// library without the method. Pure.
[[nodiscard]] tl::expected<Credentials, std::string> aliyun_credentials(const AliyunLogin& login, std::string_view id,
                                                                        bool encrypted);

}  // namespace b2m

#include "daemon/config/secret_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace b2m {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t largest_secret = 65535;  // bytes; what a CONNECT packet can carry

fs::path find_secret(const Place& named_in, std::string_view path, const Environment& environment) {
  const fs::path written(path);
  std::error_code error;
  if (written.is_relative() && !environment.credentials.empty() && fs::exists(environment.credentials / written, error))
    return environment.credentials / written;
  return beside(named_in, path);
}

bool is_of_the_service(const fs::path& file) {
  return file.lexically_normal().string().starts_with("/etc/board2mqtt/");
}

std::string let_the_service_in(const fs::path& file) {
  return fmt::format("sudo chgrp board2mqtt {0} && sudo chmod 640 {0}", file.string());
}

}  // namespace

std::string how_to_hide(const fs::path& file) {
  return is_of_the_service(file) ? let_the_service_in(file) : fmt::format("chmod o-r {}", file.string());
}

std::string how_to_read(const fs::path& file, int error) {
  if (error != EACCES) return {};
  if (is_of_the_service(file)) return fmt::format("for the service: {}; for yourself: sudo", let_the_service_in(file));
  return "whoever runs this must be allowed to read it";
}

fs::path beside(const Place& named_in, std::string_view path) {
  const fs::path written(path);
  if (written.is_absolute() || !named_in.file) return written;
  return fs::path(*named_in.file).parent_path() / written;
}

Checked<> check_private(const fs::path& file) {
  std::error_code error;
  const auto status = fs::status(file, error);
  if (error) return refuse(fmt::format("{}: {}", file.string(), error.message()), how_to_read(file, error.value()));
  if ((status.permissions() & fs::perms::others_read) != fs::perms::none)
    return refuse(fmt::format("everybody may read {}", file.string()), how_to_hide(file));
  return {};
}

Checked<> check_exists(const fs::path& file) {
  std::error_code error;
  const auto status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) return refuse(fmt::format("there is no file {}", file.string()));
  return {};
}

Checked<std::string> read_secret(const Place& named_in, std::string_view path, const Environment& environment) {
  const auto file = find_secret(named_in, path, environment);
  if (auto is_private = check_private(file); !is_private) return tl::unexpected(is_private.error());
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return refuse(fmt::format("{} is not a regular file", file.string()));
  std::ifstream stream(file, std::ios::binary);
  if (const int why = errno; !stream)
    return refuse(fmt::format("{} cannot be read: {}", file.string(), std::generic_category().message(why)),
                  how_to_read(file, why));
  std::string secret(largest_secret + 1, '\0');
  stream.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  secret.resize(static_cast<std::size_t>(stream.gcount()));
  if (secret.size() > largest_secret)
    return refuse(fmt::format("{} is larger than {} bytes", file.string(), largest_secret));
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) return refuse(fmt::format("{} is empty", file.string()));
  return secret;
}

}  // namespace b2m

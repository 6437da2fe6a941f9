#include "daemon/mqtt/tls_diagnosis.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "daemon/mqtt/probe.hpp"

namespace b2m {
namespace {

constexpr timeval handshake_patience{3, 0};
constexpr timeval alert_patience{1, 0};

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;

std::string library_words() {
  const auto code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection is closed during the handshake" : reason;
}

int give_password(char* buffer, int size, int, void* context) {
  const auto& password = *static_cast<const std::string*>(context);
  return static_cast<int>(password.copy(buffer, static_cast<std::size_t>(size)));
}

/// What is wrong with the files; empty when nothing is.
std::string load_files(SSL_CTX& context, const TlsConfig& tls) {
  std::string password = tls.key_password;
  SSL_CTX_set_default_passwd_cb(&context, give_password);
  SSL_CTX_set_default_passwd_cb_userdata(&context, &password);
  std::string wrong;
  if (tls.ca.empty()) {
    SSL_CTX_set_default_verify_paths(&context);
  } else if (SSL_CTX_load_verify_locations(&context, tls.ca.c_str(), nullptr) != 1) {
    wrong = fmt::format("mqtt.tls.ca cannot be used: {}", library_words());
  }
  if (!tls.cert.empty() && SSL_CTX_use_certificate_chain_file(&context, tls.cert.c_str()) != 1)
    wrong = fmt::format("mqtt.tls.cert cannot be used: {}", library_words());
  if (!tls.key.empty() && SSL_CTX_use_PrivateKey_file(&context, tls.key.c_str(), SSL_FILETYPE_PEM) != 1)
    wrong = fmt::format("mqtt.tls.key cannot be used: {}", library_words());
  SSL_CTX_set_default_passwd_cb_userdata(&context, nullptr);
  return wrong;
}

void expect_host(SSL& connection, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (inet_pton(AF_INET, host.c_str(), address.data()) == 1 || inet_pton(AF_INET6, host.c_str(), address.data()) == 1) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&connection), host.c_str());
    return;
  }
  SSL_ctrl(&connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str()));
  SSL_set1_host(&connection, host.c_str());
}

std::string shake_hands(SSL& connection, int socket, bool verify) {
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &handshake_patience, sizeof handshake_patience);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &handshake_patience, sizeof handshake_patience);
  SSL_set_fd(&connection, socket);
  if (SSL_connect(&connection) != 1) {
    const auto verdict = SSL_get_verify_result(&connection);
    if (verify && verdict != X509_V_OK)
      return fmt::format("certificate verify failed: {}", X509_verify_cert_error_string(verdict));
    return library_words();
  }
  // With TLS 1.3 the broker's opinion of the client's certificate comes after the handshake (RFC 8446 §4.4.2.4).
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &alert_patience, sizeof alert_patience);
  char byte = 0;
  const int got = SSL_peek(&connection, &byte, 1);
  return got <= 0 && SSL_get_error(&connection, got) == SSL_ERROR_SSL ? library_words() : std::string();
}

}  // namespace

std::string diagnose_tls(const BrokerUrl& broker, const TlsConfig& tls) {
  ERR_clear_error();
  const Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context) return {};
  if (auto wrong = load_files(*context, tls); !wrong.empty()) return "TLS: " + wrong;
  SSL_CTX_set_verify(context.get(), tls.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  const Connection connection(SSL_new(context.get()), SSL_free);
  if (!connection) return {};
  const auto socket = connected_socket(broker);
  if (!socket) return socket.error();
  if (tls.verify) expect_host(*connection, broker.host);
  const auto words = shake_hands(*connection, *socket, tls.verify);
  close(*socket);
  ERR_clear_error();
  return words.empty() ? words : "TLS: " + words;
}

}  // namespace b2m

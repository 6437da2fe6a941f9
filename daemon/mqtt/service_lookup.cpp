#include "daemon/mqtt/service_lookup.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <utility>

namespace b2m {
namespace {

constexpr std::size_t most_records = 32;
constexpr std::size_t longest_answer = 65535;  // bytes, RFC 1035 §4.2.2
constexpr int seconds_for_a_server = 2;
constexpr int rounds = 2;

/// Letters, digits, hyphens and dots, as a host has them (RFC 1123 §2.1), and underscores, as some have them.
bool is_host_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

std::optional<ServiceRecord> parse_record(const ns_msg& message, const ns_rr& record) {
  constexpr std::size_t fixed = 6;  // priority, weight, port
  const auto* data = ns_rr_rdata(record);
  if (ns_rr_type(record) != ns_t_srv || ns_rr_class(record) != ns_c_in || ns_rr_rdlen(record) <= fixed)
    return std::nullopt;
  std::array<char, NS_MAXDNAME> name{};
  if (dn_expand(ns_msg_base(message), ns_msg_end(message), data + fixed, name.data(), static_cast<int>(name.size())) <
      0)
    return std::nullopt;
  const auto number = [&](std::size_t at) { return static_cast<std::uint16_t>(data[at] << 8U | data[at + 1]); };
  ServiceRecord result{number(0), number(2), number(4), name.data()};
  if (!is_host_name(result.target) || result.port == 0) return std::nullopt;
  return result;
}

/// Moves one of [first, last) to the front: RFC 2782, "Usage rules".
void choose_first(std::vector<ServiceRecord>::iterator first, std::vector<ServiceRecord>::iterator last,
                  const std::function<std::uint32_t(std::uint32_t)>& random) {
  std::uint32_t total = 0;
  for (auto record = first; record != last; ++record) total += record->weight;
  const auto drawn = random(total);
  std::uint32_t sum = 0;
  const auto chosen = std::find_if(first, last, [&](const auto& record) { return (sum += record.weight) >= drawn; });
  if (chosen != last) std::rotate(first, chosen, chosen + 1);
}

struct CloseResolver {
  void operator()(res_state state) const {
    res_nclose(state);
    delete state;
  }
};
using Resolver = std::unique_ptr<std::remove_pointer_t<res_state>, CloseResolver>;

Resolver open_resolver(const std::optional<NameServer>& server) {
  Resolver resolver(new std::remove_pointer_t<res_state>{});
  if (res_ninit(resolver.get()) != 0) return nullptr;
  resolver->retrans = seconds_for_a_server;
  resolver->retry = rounds;
  if (!server) return resolver;
  resolver->nscount = 1;
  auto& address = resolver->nsaddr_list[0];
  address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(server->port);
  return inet_pton(AF_INET, server->address.c_str(), &address.sin_addr) == 1 ? std::move(resolver) : nullptr;
}

std::string lookup_error(int code, const std::string& name) {
  switch (code) {
    case HOST_NOT_FOUND: return fmt::format("DNS does not know {}", name);
    case NO_DATA: return fmt::format("DNS has no SRV record for {}", name);
    default: return fmt::format("DNS does not answer for {}", name);
  }
}

bool is_below(std::string_view host, std::string_view domain) {
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };  // letters in either case
  if (host.size() < domain.size()) return false;
  const auto tail = host.substr(host.size() - domain.size());
  if (!std::equal(tail.begin(), tail.end(), domain.begin(), domain.end(), same)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

}  // namespace

Found<std::vector<ServiceRecord>> parse_service_answer(std::span<const std::uint8_t> answer) {
  ns_msg message{};
  if (answer.size() > longest_answer || ns_initparse(answer.data(), static_cast<int>(answer.size()), &message) != 0)
    return tl::unexpected(std::string("the answer is damaged"));
  std::vector<ServiceRecord> records;
  for (int i = 0; i < ns_msg_count(message, ns_s_an) && records.size() < most_records; ++i) {
    ns_rr record{};
    if (ns_parserr(&message, ns_s_an, i, &record) != 0) return tl::unexpected(std::string("the answer is damaged"));
    if (auto parsed = parse_record(message, record)) records.push_back(std::move(*parsed));
  }
  return records;
}

std::vector<ServiceRecord> in_order(std::vector<ServiceRecord> records,
                                    const std::function<std::uint32_t(std::uint32_t)>& random) {
  // Those without weight come first within a priority, so that they have a small chance.
  std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return std::pair(a.priority, a.weight != 0) < std::pair(b.priority, b.weight != 0);
  });
  for (auto first = records.begin(); first != records.end(); ++first) {
    const auto last =
        std::find_if(first, records.end(), [&](const auto& record) { return record.priority != first->priority; });
    choose_first(first, last, random);
  }
  return records;
}

Found<std::vector<BrokerUrl>> look_up_service(const BrokerUrl& service, const std::optional<NameServer>& server) {
  const bool encrypted = service.scheme == BrokerScheme::mqtts_srv;
  const auto name = fmt::format("{}._tcp.{}", encrypted ? "_secure-mqtt" : "_mqtt", service.host);
  const auto resolver = open_resolver(server);
  if (!resolver) return tl::unexpected(std::string("the resolver cannot be set up: see /etc/resolv.conf"));
  std::vector<std::uint8_t> answer(longest_answer);
  const int size =
      res_nquery(resolver.get(), name.c_str(), ns_c_in, ns_t_srv, answer.data(), static_cast<int>(answer.size()));
  if (size < 0) return tl::unexpected(lookup_error(resolver->res_h_errno, name));
  answer.resize(std::min(static_cast<std::size_t>(size), answer.size()));
  auto records = parse_service_answer(answer);
  if (!records) return tl::unexpected(fmt::format("{}: {}", name, records.error()));
  std::minstd_rand engine{std::random_device()()};
  std::vector<BrokerUrl> brokers;
  for (auto& record : in_order(std::move(*records), [&](std::uint32_t most) {
         return std::uniform_int_distribution<std::uint32_t>(0, most)(engine);
       })) {
    if (encrypted && !is_below(record.target, service.host)) continue;
    brokers.push_back(
        {encrypted ? BrokerScheme::mqtts : BrokerScheme::mqtt, std::move(record.target), record.port, {}});
  }
  if (brokers.empty())
    return tl::unexpected(fmt::format("DNS names no host {} for {}", encrypted ? "of the domain" : "", name));
  return brokers;
}

}  // namespace b2m

#include "daemon/mqtt/service_lookup.hpp"

#include <gmock/gmock.h>

#include <map>

namespace b2m {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using Bytes = std::vector<std::uint8_t>;

void append(Bytes& bytes, std::initializer_list<unsigned> words) {
  for (const auto word : words) {
    bytes.push_back(static_cast<std::uint8_t>(word >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(word & 0xffU));
  }
}

void append_name(Bytes& bytes, std::string_view name) {
  while (!name.empty()) {
    const auto label = name.substr(0, name.find('.'));
    bytes.push_back(static_cast<std::uint8_t>(label.size()));
    bytes.insert(bytes.end(), label.begin(), label.end());
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  bytes.push_back(0);
}

/// An answer with the question and the records, as RFC 1035 §4 and RFC 2782 lay it out.
Bytes answer(const std::vector<ServiceRecord>& records) {
  Bytes bytes;
  append(bytes, {0x1234, 0x8180, 1, static_cast<unsigned>(records.size()), 0, 0});
  append_name(bytes, "_mqtt._tcp.example.org");
  append(bytes, {33, 1});
  for (const auto& record : records) {
    Bytes target;
    append_name(target, record.target);
    append(bytes, {0xc00c, 33, 1, 0, 300, static_cast<unsigned>(6 + target.size()), record.priority, record.weight,
                   record.port});
    bytes.insert(bytes.end(), target.begin(), target.end());
  }
  return bytes;
}

const std::vector<ServiceRecord> two{{10, 60, 1883, "a.example.org"}, {20, 0, 8883, "b.example.org"}};

TEST(ServiceAnswer, HoldsTheRecordsAsTheyWereSent) { EXPECT_EQ(parse_service_answer(answer(two)).value(), two); }

TEST(ServiceAnswer, WhatIsNoHostNameIsLeftOut) {
  // RFC 2782: the target "." says that there is no such service.
  EXPECT_THAT(parse_service_answer(answer({{0, 0, 0, ""}})).value(), SizeIs(0));
  EXPECT_THAT(parse_service_answer(answer({{0, 0, 1883, "a/b@c"}, {0, 0, 0, "portless.example.org"}})).value(),
              SizeIs(0));
}

TEST(ServiceAnswer, CutAtAnyByteItIsRefusedAndNothingBeyondItIsRead) {
  const auto whole = answer(two);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(parse_service_answer(cut)) << size;
  }
}

TEST(ServiceAnswer, WithAnyByteChangedItGivesHostNamesOrAnError) {
  const auto whole = answer(two);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned value : {0U, 1U, 0x3fU, 0xc0U, 0xffU}) {
      auto changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      const auto parsed = parse_service_answer(changed);
      if (!parsed) continue;
      for (const auto& record : *parsed) EXPECT_EQ(record.target.find_first_of(" /@:\\"), std::string::npos);
    }
  }
}

TEST(ServiceAnswer, AFloodOfRecordsIsBounded) {
  EXPECT_THAT(parse_service_answer(answer(std::vector<ServiceRecord>(500, two[0]))).value(), SizeIs(32));
}

TEST(ServiceOrder, TheLowestPriorityComesFirst) {
  const auto never = [](std::uint32_t) { return 0U; };
  EXPECT_THAT(in_order({{20, 0, 1, "c"}, {10, 0, 2, "a"}, {10, 0, 3, "b"}}, never),
              ElementsAre(ServiceRecord{10, 0, 2, "a"}, ServiceRecord{10, 0, 3, "b"}, ServiceRecord{20, 0, 1, "c"}));
}

TEST(ServiceOrder, WithinAPriorityTheWeightIsTheShareOfFirstPlaces) {
  std::map<std::string, int> first;
  for (std::uint32_t drawn = 0; drawn <= 100; ++drawn)
    ++first[in_order({{1, 75, 1, "big"}, {1, 25, 1, "small"}, {1, 0, 1, "none"}},
                     [&](std::uint32_t most) { return std::min(drawn, most); })
                .front()
                .target];
  EXPECT_EQ(first, (std::map<std::string, int>{{"none", 1}, {"big", 75}, {"small", 25}}));
}

}  // namespace
}  // namespace b2m

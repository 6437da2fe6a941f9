// The line protocol of InfluxDB 2. What the encoder writes is read by a parser that follows docs.influxdata.com, "Line
// protocol": its syntax, its table of special characters, its naming restrictions.
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <stdexcept>

#include "daemon/mqtt/payload.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

struct Point {
  std::string measurement;
  std::map<std::string, std::string> tags;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string timestamp;  ///< empty: the database's own
};

/// Throws invalid_argument at the first thing that is not as documented.
class LineParser {
 public:
  explicit LineParser(std::string line) : line_(std::move(line)) {}

  Point parse() {
    if (line_.find('\n') != std::string::npos) throw std::invalid_argument("a line break");
    if (line_.starts_with('#')) throw std::invalid_argument("a comment");
    Point point;
    point.measurement = name(", ");
    check_name(point.measurement);
    while (take(',')) {
      const auto key = name(",= ");
      check_name(key);
      expect('=');
      if (!point.tags.emplace(key, name(",= ")).second) throw std::invalid_argument("a tag twice");
    }
    do {
      expect(point.fields.empty() ? ' ' : ',');
      const auto key = name(",= ");
      check_name(key);
      expect('=');
      point.fields.emplace_back(key, value());
    } while (at_ < line_.size() && line_[at_] == ',');
    if (at_ == line_.size()) return point;
    expect(' ');
    point.timestamp = line_.substr(at_);
    const auto digits = point.timestamp.substr(point.timestamp.starts_with('-') ? 1 : 0);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos)
      throw std::invalid_argument("timestamp " + point.timestamp);
    return point;
  }

 private:
  bool take(char c) {
    if (at_ >= line_.size() || line_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) throw std::invalid_argument(std::string("no ") + c + " at " + line_.substr(at_));
  }
  static void check_name(const std::string& name) {
    if (name.starts_with('_')) throw std::invalid_argument("reserved name " + name);
  }
  /// Up to an unescaped character of `ends`. Before any other character a backslash is itself.
  std::string name(std::string_view ends) {
    std::string text;
    for (; at_ < line_.size() && ends.find(line_[at_]) == std::string_view::npos; ++at_) {
      const bool escapes =
          line_[at_] == '\\' && at_ + 1 < line_.size() && ends.find(line_[at_ + 1]) != std::string_view::npos;
      if (escapes) ++at_;
      text += line_[at_];
    }
    if (text.empty()) throw std::invalid_argument("an empty name");
    return text;
  }
  /// A float or a boolean: what a gateway has.
  std::string value() {
    const auto end = std::min(line_.find_first_of(", ", at_), line_.size());
    auto text = line_.substr(at_, end - at_);
    at_ = end;
    if (text == "true" || text == "false") return text;
    std::size_t used = 0;
    if (!std::isfinite(std::stod(text, &used)) || used != text.size()) throw std::invalid_argument("value " + text);
    return text;
  }

  std::string line_;
  std::size_t at_ = 0;
};

Point parse(const std::string& line) { return LineParser(line).parse(); }

// 2026-11-21T03:04:05.678Z, as `date -u -d @1795230245.678` says, and some nanoseconds.
constexpr Moment moment{WallTime{1795230245678000123ns}, {}, true};

struct InfluxTest : testing::Test {
  PayloadContext context{.name = "pi"};
  std::string sensor = "climate";
  std::vector<Channel> channels{{"temperature", Quantity::temperature, {-40, 85}},
                                {"humidity", Quantity::relative_humidity, {0, 100}},
                                {"pressure", Quantity::atmospheric_pressure, {30e3, 110e3}}};
  Measurement measurement{
      .sequence = 7,
      .moment = moment,
      .readings = {{0, 23.7248, Quality::good}, {1, 65.0, Quality::good}, {2, 100943.4, Quality::good}}};

  [[nodiscard]] Encoded encoded() const {
    return encode({.kind = PayloadKind::influx}, sensor, channels, measurement, measurement.readings, context);
  }
  [[nodiscard]] std::string payload() const { return encoded().payload; }
};

TEST_F(InfluxTest, TheParserOfTheseTestsKnowsTheExamplesOfTheDocumentation) {
  const auto point =
      parse("my\\ Measurement\\,x,tag\\ Key1=tag\\=Value1,tag2=a\\b field\\,Key=-1.5e3,x=true -155681356109800");
  EXPECT_EQ(point.measurement, "my Measurement,x");
  EXPECT_THAT(point.tags, ElementsAre(Pair("tag Key1", "tag=Value1"), Pair("tag2", "a\\b")));
  EXPECT_THAT(point.fields, ElementsAre(Pair("field,Key", "-1.5e3"), Pair("x", "true")));
  EXPECT_EQ(point.timestamp, "-155681356109800");
  for (const auto* wrong : {"m", "m 1", "m a=", "m a=1,", "m,t= a=1", "m,t=b\\ a=1", "_m a=1", "m _a=1", "m a=nan",
                            "m a=1\nm a=2", "m a=1 1.5", "m a=1  1", "#m a=1", "m,t=1,t=2 a=1", "m a=1b"})
    EXPECT_THROW(parse(wrong), std::invalid_argument) << wrong;
}

TEST_F(InfluxTest, AReadingIsAPointWithAFieldForEachChannelInPublishedUnits) {
  EXPECT_EQ(payload(), "climate,gateway=pi temperature=23.72,humidity=65,pressure=1009.43 1795230245678000123");
}

TEST_F(InfluxTest, AStateIsABoolean) {
  channels = {{"state", Quantity::state, {0, 1}}};
  measurement.readings = {{0, 1.0, Quality::good}};
  EXPECT_EQ(payload(), "climate,gateway=pi state=true 1795230245678000123");
  measurement.readings = {{0, 0.0, Quality::good}};
  EXPECT_EQ(payload(), "climate,gateway=pi state=false 1795230245678000123");
}

TEST_F(InfluxTest, WhateverAKernelCallsItsChannelsTheLineIsOneAndItsNamesAreThere) {
  const auto field_of = [this](std::string key) {
    channels = {{std::move(key), Quantity::temperature, {}}};
    measurement.readings = {{0, 1.0, Quality::good}};
    const auto point = parse(payload());
    EXPECT_THAT(point.tags, ElementsAre(Pair("gateway", context.name)));
    EXPECT_EQ(point.timestamp, "1795230245678000123");
    return point.fields.size() == 1 ? point.fields[0].first : "several";
  };
  EXPECT_EQ(field_of("a b,c=d"), "a b,c=d");
  EXPECT_EQ(field_of("°C \"in\""), "°C \"in\"");
  EXPECT_EQ(field_of("one\ntwo\ttabs\x7f"), "one_two_tabs_");
  EXPECT_EQ(field_of("ends with \\"), "ends with _");
  EXPECT_EQ(field_of("a\\ b"), "a_ b");
  EXPECT_EQ(field_of("\xff\xb0"), "x__");
  EXPECT_EQ(field_of("_internal"), "x_internal");
  EXPECT_EQ(field_of("\nfirst"), "x_first");
  EXPECT_EQ(field_of("time"), "x_time");
  context.name = "my=pi,2";
  EXPECT_EQ(field_of("t"), "t");
}

TEST_F(InfluxTest, ASensorMayBeCalledWhatTheDatabaseKeepsForItself) {
  sensor = "_door";
  EXPECT_EQ(parse(payload()).measurement, "x_door");
}

TEST_F(InfluxTest, WithoutANameThereIsNoTag) {
  context.name = "";
  EXPECT_THAT(parse(payload()).tags, IsEmpty());
}

TEST_F(InfluxTest, AFailedChannelHasNoField) {
  measurement.readings[0] = {0, fail(Errc::checksum), Quality::fault};
  measurement.readings[2] = {2, std::nan(""), Quality::good};
  EXPECT_THAT(parse(payload()).fields, ElementsAre(Pair("humidity", "65")));
}

TEST_F(InfluxTest, APointWithoutAFieldIsNotSentButCounted) {
  measurement.readings = {{0, fail(Errc::no_ack), Quality::fault}};
  EXPECT_EQ(encoded().dropped, "failed_channel");
  measurement.readings.clear();
  EXPECT_EQ(encoded().dropped, "held_back");
}

TEST_F(InfluxTest, SimulatedValuesAreSaidInAFieldBecauseATagWouldMakeAnotherSeries) {
  measurement.simulated = true;
  measurement.readings.resize(1);
  EXPECT_EQ(payload(), "climate,gateway=pi temperature=23.72,simulated=true 1795230245678000123");
}

TEST_F(InfluxTest, WithoutASynchronisedClockTheDatabaseGivesTheTimeUnlessItIsKnownInTime) {
  measurement.moment.synchronised = false;
  auto [text, dropped, spots] = encoded();
  EXPECT_EQ(text, "climate,gateway=pi temperature=23.72,humidity=65,pressure=1009.43");
  const auto fresh = text;
  tell_age(text, spots, 1h);
  EXPECT_EQ(text, fresh);
  correct_time(text, spots, moment.wall + 1h);
  EXPECT_EQ(text, "climate,gateway=pi temperature=23.72,humidity=65,pressure=1009.43 1795233845678000123");
}

}  // namespace
}  // namespace b2m

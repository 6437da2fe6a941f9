// SenML as RFC 8428 has it. What the encoder writes is resolved as a consumer would (section 4.6).
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "daemon/mqtt/payload.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;

constexpr double now = 1795231000;  // of the consumer

/// RFC 8428, 12.1, and RFC 8798, 2, without those "not recommended to be produced".
const std::set<std::string, std::less<>> registered_units{
    "m",   "kg",  "s",    "A",    "K",    "cd",    "mol", "Hz",    "rad", "sr",   "N",   "Pa",   "J",   "W",     "C",
    "V",   "F",   "Ohm",  "S",    "Wb",   "T",     "H",   "Cel",   "lm",  "lx",   "Bq",  "Gy",   "Sv",  "kat",   "m2",
    "m3",  "m/s", "m/s2", "m3/s", "W/m2", "cd/m2", "bit", "bit/s", "lat", "lon",  "pH",  "dB",   "dBW", "count", "/",
    "%RH", "%EL", "EL",   "1/s",  "S/m",  "B",     "VA",  "VAs",   "var", "vars", "J/m", "kg/m3"};

/// 4.5.1
void check_name(const std::string& name) {
  const auto alphanumeric = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (name.empty() || !alphanumeric(name[0])) throw std::invalid_argument("begin of name " + name);
  for (const char c : name)
    if (!alphanumeric(c) && std::string("-:./_").find(c) == std::string::npos)
      throw std::invalid_argument("character in name " + name);
}

/// 4.3 and 4.4: labels, and what becomes of unknown ones.
void check_labels(const json& record) {
  static const std::set<std::string> known{"bn", "bt", "bu", "bv", "bs", "bver", "n", "u",
                                           "v",  "vs", "vb", "vd", "s",  "t",    "ut"};
  int values = 0;
  for (const auto& [label, value] : record.items()) {
    if (!known.contains(label) && label.ends_with('_')) throw std::invalid_argument("must understand " + label);
    if (label.size() == 2 && label[0] == 'v') ++values;
    if (label == "v") ++values;
  }
  if (values > 1 || (values == 0 && !record.contains("s"))) throw std::invalid_argument("one value: " + record.dump());
}

/// "name time unit value" of each record, with an absolute time; invalid_argument where a rule is broken.
std::vector<std::string> resolve(std::string_view text) {
  const auto pack = json::parse(text);
  if (!pack.is_array() || pack.empty()) throw std::invalid_argument("no pack");
  json base{{"bn", ""}, {"bt", 0.0}, {"bu", ""}, {"bv", 0.0}, {"bver", 10}};
  std::vector<std::string> resolved;
  for (const auto& record : pack) {
    check_labels(record);
    for (const auto& [label, value] : record.items())
      if (base.contains(label)) base[label] = value;
    if (base["bver"] > 10) throw std::invalid_argument("version");
    const auto name = base["bn"].get<std::string>() + record.value("n", "");
    check_name(name);
    const auto unit = record.value("u", base["bu"].get<std::string>());
    if (!unit.empty() && !registered_units.contains(unit)) throw std::invalid_argument("unit " + unit);
    auto time = base["bt"].get<double>() + record.value("t", 0.0);
    if (time < std::exp2(28)) time += now;  // 4.5.3
    const auto value = record.contains("v") ? json(record["v"].get<double>() + base["bv"].get<double>())
                                            : record.value("vb", record.value("vs", json()));
    resolved.push_back(name + " " + json(time).dump() + " " + unit + " " + value.dump());
  }
  return resolved;
}

// 2026-11-21T03:04:05.678Z, as `date -u -d @1795230245.678` says.
constexpr Moment moment{WallTime{1795230245678ms}, {}, true};

const std::vector<Channel> climate{{"temperature", Quantity::temperature, {-40, 85}},
                                   {"humidity", Quantity::relative_humidity, {0, 100}},
                                   {"pressure", Quantity::atmospheric_pressure, {30e3, 110e3}}};

struct SenmlTest : testing::Test {
  PayloadContext context{.name = "pi"};
  std::string sensor = "climate";
  std::vector<Channel> channels = climate;
  Measurement measurement{
      .sequence = 7,
      .moment = moment,
      .readings = {{0, 23.7248, Quality::good}, {1, 65.31, Quality::good}, {2, 100943.4, Quality::good}}};

  [[nodiscard]] Encoded encoded() const {
    return encode({.kind = PayloadKind::senml}, sensor, channels, measurement, measurement.readings, context);
  }
  [[nodiscard]] std::string payload() const { return encoded().payload; }
  /// The digits of one value.
  std::string digits(Quantity quantity, double value) {
    channels = {{"x", quantity, {}}};
    measurement.readings = {{0, value, Quality::good}};
    const auto text = payload();
    const auto from = text.find("\"v\":") + 4;
    return text.substr(from, text.find('}') - from);
  }
};

TEST_F(SenmlTest, TheResolverOfTheseTestsKnowsTheExamplesOfTheRfc) {
  // RFC 8428, 5.1.1 to 5.1.2, the middle records of the last left out.
  EXPECT_THAT(resolve(R"([{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}])"),
              ElementsAre("urn:dev:ow:10e2073a01080063 1795231000.0 Cel 23.1"));
  EXPECT_THAT(resolve(R"([{"bn":"urn:dev:ow:10e2073a01080063:","n":"voltage","u":"V","v":120.1},
                          {"n":"current","u":"A","v":1.2}])"),
              ElementsAre("urn:dev:ow:10e2073a01080063:voltage 1795231000.0 V 120.1",
                          "urn:dev:ow:10e2073a01080063:current 1795231000.0 A 1.2"));
  EXPECT_THAT(resolve(R"([{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,
                           "n":"voltage","u":"V","v":120.1},
                          {"n":"current","t":-5,"v":1.2},{"n":"current","v":1.7}])"),
              ElementsAre("urn:dev:ow:10e2073a0108006:voltage 1276020076.001 V 120.1",
                          "urn:dev:ow:10e2073a0108006:current 1276020071.001 A 1.2",
                          "urn:dev:ow:10e2073a0108006:current 1276020076.001 A 1.7"));
  for (const auto* wrong :
       {R"([{"n":"_a","v":1}])", R"([{"n":"a b","v":1}])", R"([{"n":"a"}])", R"([{"n":"a","v":1,"vb":true}])",
        R"([{"n":"a","u":"rad/s","v":1}])", R"([{"n":"a","v":1,"new_":1}])", R"([{"bver":11,"n":"a","v":1}])"})
    EXPECT_THROW(resolve(wrong), std::invalid_argument) << wrong;
}

TEST_F(SenmlTest, AReadingIsARecordForEachChannelInSiWithTheTimeOfTheMeasurement) {
  EXPECT_EQ(payload(), R"([{"bn":"pi/climate/","bt":1795230245.678,"n":"temperature","u":"Cel","v":23.72},)"
                       R"({"n":"humidity","u":"%RH","v":65.31},{"n":"pressure","u":"Pa","v":100943}])");
  EXPECT_THAT(resolve(payload()), ElementsAre("pi/climate/temperature 1795230245.678 Cel 23.72",
                                              "pi/climate/humidity 1795230245.678 %RH 65.31",
                                              "pi/climate/pressure 1795230245.678 Pa 100943.0"));
}

TEST_F(SenmlTest, EveryUnitIsRegistered) {
  for (const auto& row : all_quantities()) {
    channels = {{"x", row.quantity, {}}};
    measurement.readings = {{0, row.plausible.high, Quality::good}};
    EXPECT_NO_THROW(resolve(payload())) << row.key << ": " << payload();
  }
}

TEST_F(SenmlTest, DigitsTellWhatThePublishedOnesDo) {
  EXPECT_EQ(digits(Quantity::co2, 0.00040049999), "0.0004005");           // 400.5 ppm
  EXPECT_EQ(digits(Quantity::tvoc, 12.34e-9), "0.0000000123");            // 12.3 ppb
  EXPECT_EQ(digits(Quantity::pm2_5, 7e-9), "0.000000007");                // 7 µg/m³
  EXPECT_EQ(digits(Quantity::energy, 3600.4), "3600");                    // 1.000 Wh
  EXPECT_EQ(digits(Quantity::atmospheric_pressure, 100943.4), "100943");  // 1009.43 hPa
  EXPECT_EQ(digits(Quantity::angle, 0.7853981), "0.7854");                // 45.00°
  EXPECT_EQ(digits(Quantity::particle_count, 12345678.9), "12345679");    // 12.35 /cm³
  EXPECT_EQ(digits(Quantity::temperature, -0.001), "0");
  EXPECT_EQ(digits(Quantity::data_size, 1e15), "1000000000000000");
}

TEST_F(SenmlTest, SignalStrengthIsInDbwBecauseDbmIsASecondaryUnit) {
  EXPECT_EQ(digits(Quantity::signal_strength, -60), "-90");  // RFC 8798, 3: dBm is dBW with an offset of -30
  EXPECT_THAT(resolve(payload()), ElementsAre("pi/climate/x 1795230245.678 dBW -90.0"));
}

TEST_F(SenmlTest, AStateIsTrueOrFalse) {
  channels = {{"state", Quantity::state, {0, 1}}};
  measurement.readings = {{0, 1.0, Quality::good}};
  EXPECT_EQ(payload(), R"([{"bn":"pi/climate/","bt":1795230245.678,"n":"state","vb":true}])");
  measurement.readings = {{0, 0.0, Quality::good}};
  EXPECT_EQ(payload(), R"([{"bn":"pi/climate/","bt":1795230245.678,"n":"state","vb":false}])");
}

TEST_F(SenmlTest, NamesHaveTheCharactersThatAConsumerMayRelyOn) {
  context.name = "стол\"2";
  channels = {{"in0 °C\n", Quantity::temperature, {}}};
  measurement.readings.resize(1);
  EXPECT_THAT(resolve(payload()), ElementsAre("x______2/climate/in0__C_ 1795230245.678 Cel 23.72"));
  context.name = "";
  EXPECT_THAT(resolve(payload()), ElementsAre("x_/climate/in0__C_ 1795230245.678 Cel 23.72"));
}

TEST_F(SenmlTest, AFailedChannelHasNoRecord) {
  measurement.readings[0] = {0, fail(Errc::checksum, "word 2"), Quality::fault};
  measurement.readings[2] = {2, std::nan(""), Quality::good};
  EXPECT_THAT(resolve(payload()), ElementsAre("pi/climate/humidity 1795230245.678 %RH 65.31"));
}

TEST_F(SenmlTest, APackWithoutARecordIsNotSentButCounted) {
  measurement.readings = {{0, fail(Errc::no_ack), Quality::fault}, {1, HUGE_VAL, Quality::good}};
  EXPECT_EQ(encoded().dropped, "failed_channel");
  measurement.readings.clear();
  EXPECT_EQ(encoded().dropped, "held_back");
}

TEST_F(SenmlTest, SimulatedValuesAreSaidInARecordOfTheirOwn) {
  measurement.simulated = true;
  measurement.readings.resize(1);
  EXPECT_THAT(resolve(payload()), ElementsAre("pi/climate/temperature 1795230245.678 Cel 23.72",
                                              "pi/climate/simulated 1795230245.678  true"));
}

TEST_F(SenmlTest, WithoutASynchronisedClockAReadingIsOfNowThenOfSomeTimeAgoAndAtLastOfItsTime) {
  measurement.moment.synchronised = false;
  measurement.readings.resize(1);
  auto [text, dropped, spots] = encoded();
  EXPECT_THAT(resolve(text), ElementsAre("pi/climate/temperature 1795231000.0 Cel 23.72"));
  const auto fresh = text;
  tell_age(text, spots, 999ms);
  EXPECT_EQ(text, fresh);
  tell_age(text, spots, 3600s + 5ms);
  EXPECT_EQ(text, R"([{"bn":"pi/climate/","bt":-3600.005,"n":"temperature","u":"Cel","v":23.72}])");
  EXPECT_THAT(resolve(text), ElementsAre("pi/climate/temperature 1795227399.995 Cel 23.72"));
  tell_age(text, spots, 7200s);  // sent again
  EXPECT_THAT(resolve(text), ElementsAre("pi/climate/temperature 1795223800.0 Cel 23.72"));
  correct_time(text, spots, moment.wall + 1h);
  EXPECT_THAT(resolve(text), ElementsAre("pi/climate/temperature 1795233845.678 Cel 23.72"));
}

TEST_F(SenmlTest, ATimeThatWouldBeTakenForADistanceIsNotTold) {
  measurement.moment.wall = WallTime{std::chrono::seconds{(1 << 28) - 1}};
  measurement.readings.resize(1);
  EXPECT_EQ(payload(), R"([{"bn":"pi/climate/","n":"temperature","u":"Cel","v":23.72}])");
  measurement.moment.wall += 1s;
  EXPECT_THAT(resolve(payload()), ElementsAre("pi/climate/temperature 268435456.0 Cel 23.72"));
}

}  // namespace
}  // namespace b2m

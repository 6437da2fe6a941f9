#include "daemon/mqtt/publisher.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

/// Lines of "kind topic payload", with the QoS and R for retained.
struct FakeSink final : MessageSink {
  std::vector<std::string> lines;
  std::vector<Message> messages;
  void add(const char* kind, const Message& message) {
    messages.push_back(message);
    lines.push_back(std::string(kind) + " " + message.topic + " " + std::to_string(message.qos) +
                    (message.retain ? "R " : " ") + message.payload);
  }
  std::vector<Taken> taken;
  void publish_reading(ReadingMessage reading) override {
    taken.push_back(reading.taken);
    add("reading", reading.message);
  }
  void publish_state(Message message) override { add("state", message); }
  void publish_event(Message message) override { add("event", message); }
  void count_dropped(const std::string& reason) override { lines.push_back("dropped " + reason); }
};

// 2026-11-21T03:04:05.678Z, as `date -u -d @1795230245.678` says.
constexpr Moment moment{WallTime{1795230245678ms}, {}, true};

const std::vector<Channel> climate{{"temperature", Quantity::temperature, {-40, 85}},
                                   {"humidity", Quantity::relative_humidity, {0, 100}},
                                   {"pressure", Quantity::atmospheric_pressure, {30e3, 110e3}}};
const std::vector<Channel> door{{"state", Quantity::state, {0, 1}}};

struct PublisherTest : testing::Test {
  FakeSink sink;
  Publisher publisher{sink, "base", {.name = "pi", .hostname = "host", .base = "base", .run_ms = 1795230000000}};
  SensorConfig sensor;
  Measurement measurement{
      .sequence = 7,
      .moment = moment,
      .readings = {{0, 23.7248, Quality::good}, {1, 65.31, Quality::good}, {2, 100943.4, Quality::good}}};
  PublisherTest() {
    sensor.id = "climate";
    sensor.topic = "/public/walnutpi/1";
    sensor.availability_topic = "base/climate/availability";
  }
  std::string publish(const std::vector<Channel>& channels = climate) {
    sink.lines.clear();
    publisher.measurement(sensor, channels, measurement);
    std::string all;
    for (const auto& line : sink.lines) all += (all.empty() ? "" : "\n") + line;
    return all;
  }
  void use_text(std::vector<TemplatePiece> pieces) {
    sensor.payload = PayloadFormat{PayloadKind::text, std::move(pieces)};
  }
};

TEST_F(PublisherTest, SeveralChannelsAreOneJsonObjectInPublishedUnits) {
  EXPECT_EQ(
      publish(),
      R"(reading /public/walnutpi/1 1 {"temperature":23.72,"humidity":65.31,"pressure":1009.43,"time":"2026-11-21T03:04:05.678Z"})");
}

TEST_F(PublisherTest, AnEventIsNeverRetainedAndDoesNotWait) {
  sensor.retain = true;
  sensor.event_topic = "base/bell/event";
  publisher.event(sensor, "press", moment);
  sensor.event_payload = PayloadKind::value;
  publisher.event(sensor, "long", moment);
  EXPECT_THAT(sink.lines,
              ElementsAre(R"(event base/bell/event 1 {"event_type":"press","time":"2026-11-21T03:04:05.678Z"})",
                          "event base/bell/event 1 long"));
}

TEST_F(PublisherTest, TheOutcomeOfASetTotalGoesToTheSensorsResultTopicOrToWhoAsked) {
  sensor.result_topic = "base/rain/result";
  publisher.outcome(sensor, {.id = "a", .state = 12.5}, moment);
  publisher.outcome(sensor, {.refusal = Refusal{"out_of_range", "no"}}, moment, {"asker", "7"});
  EXPECT_THAT(
      sink.lines,
      ElementsAre(
          R"(event base/rain/result 1 {"id":"a","status":"ok","state":12.5,"time":"2026-11-21T03:04:05.678Z"})",
          R"(event asker 1 {"status":"refused","error":"out_of_range","message":"no","time":"2026-11-21T03:04:05.678Z"})"));
  EXPECT_EQ(sink.messages.back().correlation_data, "7");
}

TEST_F(PublisherTest, AFailedChannelIsNullAndNamed) {
  measurement.readings[1] = {1, fail(Errc::checksum, "word 2"), Quality::fault};
  EXPECT_EQ(publish(), R"(reading /public/walnutpi/1 1 {"temperature":23.72,"humidity":null,"pressure":1009.43,)"
                       R"("errors":{"humidity":"checksum"},"time":"2026-11-21T03:04:05.678Z"})");
}

TEST_F(PublisherTest, ANumberThatIsNotFiniteNeverAppears) {
  measurement.readings = {{0, std::nan(""), Quality::good}, {1, HUGE_VAL, Quality::good}};
  EXPECT_EQ(publish(),
            R"(reading /public/walnutpi/1 1 {"temperature":null,"humidity":null,)"
            R"("errors":{"temperature":"out_of_range","humidity":"out_of_range"},"time":"2026-11-21T03:04:05.678Z"})");
}

TEST_F(PublisherTest, AnUnsynchronisedClockAndSimulatedValuesAreSaid) {
  measurement.readings.resize(1);
  measurement.moment.synchronised = false;
  measurement.simulated = true;
  EXPECT_EQ(publish(), R"(reading /public/walnutpi/1 1 {"temperature":23.72,"time":"2026-11-21T03:04:05.678Z",)"
                       R"("clock":"unsynchronised","simulated":true})");
}

TEST_F(PublisherTest, OnceTheClockIsSynchronisedTheTimeIsCorrectedAndTheRemarkGoes) {
  measurement.readings.resize(1);
  measurement.moment.synchronised = false;
  const auto corrected = [this] {
    publish();
    auto payload = sink.messages.back().payload;
    correct_time(payload, sink.taken.back().spots, moment.wall + 1h);
    return payload;
  };
  EXPECT_EQ(corrected(), R"({"temperature":23.72,"time":"2026-11-21T04:04:05.678Z"})");
  use_text({{.literal = "", .field = "time"}, {.literal = " and ", .field = "time"}, {.literal = "!"}});
  EXPECT_EQ(corrected(), "2026-11-21T04:04:05.678Z and 2026-11-21T04:04:05.678Z!");
  measurement.moment.synchronised = true;
  EXPECT_EQ(corrected(), "2026-11-21T03:04:05.678Z and 2026-11-21T03:04:05.678Z!");
}

TEST_F(PublisherTest, OneChannelIsABareValueAndAStateIsAWord) {
  measurement.readings = {{0, 1.0, Quality::good}};
  sensor.retain = true;
  EXPECT_EQ(publish(door), "reading /public/walnutpi/1 1R ON");
  measurement.readings = {{0, 0.0, Quality::good}};
  EXPECT_EQ(publish(door), "reading /public/walnutpi/1 1R OFF");
  sensor.payload = PayloadFormat{PayloadKind::json};
  EXPECT_EQ(publish(door), R"(reading /public/walnutpi/1 1R {"state":"OFF","time":"2026-11-21T03:04:05.678Z"})");
}

TEST_F(PublisherTest, ATopicWithChannelSendsOneBareValueForEach) {
  sensor.topic = "{channel}/here";
  sensor.qos = 0;
  EXPECT_EQ(publish(),
            "reading temperature/here 0 23.72\n"
            "reading humidity/here 0 65.31\n"
            "reading pressure/here 0 1009.43");
}

TEST_F(PublisherTest, SenmlSaysWhatItIsAndATopicWithChannelHasARecordOfItsOwn) {
  sensor.payload = PayloadFormat{PayloadKind::senml};
  sensor.topic = "{channel}/here";
  measurement.readings[1] = {1, fail(Errc::checksum), Quality::fault};
  EXPECT_EQ(
      publish(),
      R"(reading temperature/here 1 [{"bn":"pi/climate/","bt":1795230245.678,"n":"temperature","u":"Cel","v":23.72}])"
      "\ndropped failed_channel\n"
      R"(reading pressure/here 1 [{"bn":"pi/climate/","bt":1795230245.678,"n":"pressure","u":"Pa","v":100943}])");
  for (const auto& message : sink.messages) EXPECT_EQ(message.content_type, ContentType::senml_json);
  sensor.payload = PayloadFormat{PayloadKind::influx};
  EXPECT_THAT(publish(), testing::StartsWith("reading temperature/here 1 climate,gateway=pi temperature=23.72 "));
  EXPECT_EQ(sink.messages.back().content_type, ContentType::none);
}

TEST_F(PublisherTest, AChannelWithItsOwnTopicLeavesTheObject) {
  sensor.channels = {{.key = "pressure", .topic = "weather/pressure"}};
  EXPECT_EQ(publish(),
            R"(reading /public/walnutpi/1 1 {"temperature":23.72,"humidity":65.31,"time":"2026-11-21T03:04:05.678Z"})"
            "\nreading weather/pressure 1 1009.43");
}

TEST_F(PublisherTest, ABareValueThatWasNotMeasuredIsNotSentButCounted) {
  measurement.readings = {{0, fail(Errc::no_ack), Quality::fault}};
  EXPECT_EQ(publish(door), "dropped failed_channel");
}

TEST_F(PublisherTest, ATemplateNamesChannelsTimeAndWhereItComesFrom) {
  use_text({{.literal = "T="},
            {.field = "temperature"},
            {.literal = " H="},
            {.field = "humidity", .digits = 1},
            {.literal = " at "},
            {.field = "time"},
            {.literal = " {"},
            {.field = "name"},
            {.literal = "/"},
            {.field = "sensor"},
            {.literal = "#"},
            {.field = "sequence"},
            {.literal = "}"}});
  EXPECT_EQ(publish(), "reading /public/walnutpi/1 1 T=23.72 H=65.3 at 2026-11-21T03:04:05.678Z {pi/climate#7}");
}

TEST_F(PublisherTest, ATemplateWithAFailedOrHeldBackChannelIsNotSentButCounted) {
  use_text({{.field = "humidity"}});
  measurement.readings[1] = {1, fail(Errc::checksum), Quality::fault};
  EXPECT_EQ(publish(), "dropped failed_channel");
  measurement.readings.resize(1);
  EXPECT_EQ(publish(), "dropped held_back");
}

TEST_F(PublisherTest, ATextWithoutChannelsCountsItsRuns) {
  use_text({{.literal = "Hello WalnutPi! "}, {.field = "sequence"}, {.literal = " of "}, {.field = "run"}});
  measurement.readings.clear();
  EXPECT_EQ(publish({}), "reading /public/walnutpi/1 1 Hello WalnutPi! 7 of 1795230000000");
}

TEST_F(PublisherTest, AMeasurementWhoseReadingsAreAllHeldBackSaysNothing) {
  measurement.readings.clear();
  EXPECT_EQ(publish(), "");
}

TEST_F(PublisherTest, AvailabilityStatesAndOutcomes) {
  ActuatorConfig fan;
  fan.id = "fan";
  fan.topic = "base/fan";
  fan.result_topic = "base/fan/result";
  publisher.availability(sensor, false);
  publisher.actuator_state(fan, true);
  publisher.actuator_state(fan, 12.5);
  publisher.actuator_state(fan, 40.0);
  publisher.actuator_availability(fan, true);
  publisher.outcome(fan, {.id = "abc", .state = true}, moment);
  publisher.outcome(fan, {.id = "a\"\xff", .state = 40.0}, moment);
  publisher.outcome(fan, {.refusal = Refusal{"interlock", "heater is on"}}, moment);
  publisher.outcome(fan, {.state = false}, {moment.wall, {}, false});
  EXPECT_THAT(
      sink.lines,
      ElementsAre(
          "state base/climate/availability 1R offline", "state base/fan 1R ON", "state base/fan 1R 12.5",
          "state base/fan 1R 40", "state base/fan/availability 1R online",
          R"(event base/fan/result 1 {"id":"abc","status":"ok","state":"ON","time":"2026-11-21T03:04:05.678Z"})",
          "event base/fan/result 1 {\"id\":\"a\\\"\xef\xbf\xbd\",\"status\":\"ok\",\"state\":40,"
          "\"time\":\"2026-11-21T03:04:05.678Z\"}",
          R"(event base/fan/result 1 {"status":"refused","error":"interlock","message":"heater is on",)"
          R"("time":"2026-11-21T03:04:05.678Z"})",
          R"(event base/fan/result 1 {"status":"ok","state":"OFF","time":"2026-11-21T03:04:05.678Z",)"
          R"("clock":"unsynchronised"})"));
}

TEST_F(PublisherTest, AnAnswerGoesWhereTheRequestWantsIt) {
  ActuatorConfig fan;
  fan.result_topic = "base/fan/result";
  publisher.outcome(fan, {.state = false}, moment, {"answers/1", "token"});
  ASSERT_EQ(sink.messages.size(), 1U);
  EXPECT_EQ(sink.messages[0].topic, "answers/1");
  EXPECT_EQ(sink.messages[0].correlation_data, "token");
  publisher.response("ping", {{"status", "ok"}});
  EXPECT_EQ(sink.lines.back(), R"(event base/response/ping 1 {"status":"ok"})");
}

TEST_F(PublisherTest, HealthTellsTheLinkTheQueueAndTheSensors) {
  HealthReport report{.time = moment.wall, .uptime = 61s, .version = "0.1.0"};
  report.link.connected = true;
  report.link.queued = 3;
  report.link.dropped = {{"outbox_full", 2}};
  report.sensors = {{.id = "climate", .good = 10, .failed = 1, .error = "checksum"}};
  publisher.health(report);
  ASSERT_EQ(sink.messages.size(), 1U);
  EXPECT_EQ(sink.messages[0].topic, "base/health");
  const auto json = nlohmann::json::parse(sink.messages[0].payload);
  EXPECT_EQ(json["uptime_s"], 61);
  EXPECT_EQ(json["queue"], 3);
  EXPECT_EQ(json["dropped"]["outbox_full"], 2);
  EXPECT_EQ(json["sensors"]["climate"]["failed"], 1);
  EXPECT_EQ(json["clock"], "synchronised");
}

TEST(Payload, ZeroHasNoSignAndNoTrailingZeros) {
  EXPECT_EQ(format_value(Quantity::temperature, -0.001), "0");
  EXPECT_EQ(format_value(Quantity::temperature, -1.5), "-1.5");
  EXPECT_EQ(format_value(Quantity::temperature, 100), "100");
  EXPECT_EQ(format_value(Quantity::signal_strength, -60), "-60");
}

TEST(Payload, TimesBefore1970AndAtFullSecondsKeepTheirMilliseconds) {
  EXPECT_EQ(format_time(WallTime(0ms)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_time(WallTime(-1ms)), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace b2m

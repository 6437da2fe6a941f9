#include "daemon/app/gateway.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <sstream>

#include "daemon/app/make_board.hpp"
#include "daemon/config/load.hpp"
#include "daemon/sim/simulated_board.hpp"
#include "tests/daemon/flow/flow_fakes.hpp"
#include "tests/fakes/fake_link.hpp"
#include "tests/fakes/watched_display.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::run_until;

const std::filesystem::path golden = std::filesystem::path(B2M_SOURCE_DIR) / "tests/golden/gateway";

/// A gateway on the simulated board with a broker that the test plays.
class GatewayTest : public ::testing::Test {
 protected:
  void start(const std::string& name) {
    const Environment machine{.hostname = "walnutpi", .machine_id = "0123456789ab", .device_tree_model = "walnutpi-1b"};
    auto loaded = load(golden / (name + ".json"), machine);
    ASSERT_TRUE(loaded.config) << to_text(loaded.diagnostics);
    auto board = make_board(*loaded.config, true);
    if (wire) wire(dynamic_cast<SimulatedBoard&>(*board));
    auto fake = std::make_unique<FakeLink>();
    link = fake.get();
    gateway.emplace(loop, std::move(*loaded.config), std::move(board), std::move(fake), kept, true);
    gateway->start();
    ASSERT_TRUE(run_until(loop, [&] { return !link->attempts.empty(); }));
    transcript += fmt::format("CONNECT {} will {}\n", link->attempts[0].client_id, line(*link->attempts[0].will));
    link->accept();
  }
  void stop() {
    bool stopped = false;
    gateway->stop([&](bool clean) { stopped = clean; });
    ASSERT_TRUE(run_until(loop, [&] {
      acknowledge();
      if (link->disconnects > 0) link->lose();
      return stopped;
    }));
  }

  /// Acknowledges what is new and writes it down.
  void acknowledge() {
    for (; written < link->sent.size(); ++written) {
      const auto sent = link->sent[written];
      transcript += line(sent.message) + "\n";
      link->give(link_event::Delivered{sent.id});
    }
  }
  /// Until a message on `topic` was written down after what was there when this was called.
  bool until(const std::string& topic, std::size_t times = 1) {
    const auto from = written;
    return run_until(loop, [&] {
      acknowledge();
      std::size_t seen = 0;
      for (auto i = from; i < written; ++i) seen += link->sent[i].message.topic == topic ? 1U : 0U;
      return seen >= times;
    });
  }
  void incoming(const std::string& topic, const std::string& payload) {
    transcript += fmt::format("<- {} {}\n", topic, payload);
    link->incoming(topic, payload);
  }

  /// For what several workers told, in an order that is nobody's promise.
  void sort_transcript() {
    std::set<std::string> lines;
    std::istringstream text(transcript);
    for (std::string each; std::getline(text, each);) lines.insert(each);
    transcript = fmt::format("{}\n", fmt::join(lines, "\n"));
  }

  static std::string line(const Message& message) {
    return fmt::format("-> {} {} qos {}{}", message.topic, message.payload, message.qos,
                       message.retain ? " retained" : "");
  }

  /// The transcript without what differs from run to run: times, numbers that move, and the gateway's report on itself.
  [[nodiscard]] std::string settled() const {
    std::string text = std::regex_replace(transcript, std::regex(R"(\d{4}-\d\d-\d\dT[\d:.]+Z)"), "TIME");
    text = std::regex_replace(text, std::regex(R"(-> \S+/(health|info) .*\n)"), "");
    text = std::regex_replace(text, std::regex(R"(,"clock":"unsynchronised")"), "");
    return std::regex_replace(text, std::regex(R"((\"(temperature|humidity|pressure)\":)-?[\d.]+)"), "$1NUMBER");
  }
  void expect_golden(const std::string& name) const {
    const auto file = golden / (name + ".transcript");
    if (std::getenv("B2M_UPDATE_GOLDEN") != nullptr) std::ofstream(file) << settled();
    std::stringstream expected;
    expected << std::ifstream(file).rdbuf();
    EXPECT_EQ(settled(), expected.str()) << "B2M_UPDATE_GOLDEN=1 writes " << file;
  }

  std::function<void(SimulatedBoard&)> wire;  ///< puts parts of the test's own on the board
  EventLoop loop;
  FakeLink* link = nullptr;
  ValuesInMemory kept;
  std::optional<Gateway> gateway;
  std::string transcript;
  std::size_t written = 0;
};

TEST_F(GatewayTest, ADayInTheLifeOfAGateway) {
  start("day");
  ASSERT_TRUE(run_until(loop, [&] {
    acknowledge();
    const auto has = [&](const char* topic) { return transcript.find(topic) != std::string::npos; };
    return has("/public/walnutpi/1 {") && has("/fan OFF") && has("/fan/availability") && link->subscribed.size() >= 3;
  }));
  sort_transcript();
  for (const auto& subscription : link->subscribed)
    transcript += fmt::format("SUBSCRIBE {} qos {}\n", subscription.filter, subscription.qos);

  incoming("/public/01Studio/2", "ON");
  ASSERT_TRUE(until("board2mqtt/walnutpi/fan/result"));
  incoming("/public/01Studio/2", R"({"state": "OFF", "id": "abc"})");
  ASSERT_TRUE(until("board2mqtt/walnutpi/fan/result"));
  incoming("/public/01Studio/2", R"({"state": "OFF", "id": "abc"})");
  ASSERT_TRUE(until("board2mqtt/walnutpi/fan/result"));
  incoming("/public/01Studio/2", "perhaps");
  ASSERT_TRUE(until("board2mqtt/walnutpi/fan/result"));
  incoming("board2mqtt/walnutpi/request/ping", R"({"transaction": "t1"})");
  ASSERT_TRUE(until("board2mqtt/walnutpi/response/ping"));
  stop();
  expect_golden("day");
}

TEST_F(GatewayTest, ATotalIsSetByACommandAndEveryCommandIsAnswered) {
  kept.keep("counter/rain", "0.25");
  start("totals");
  ASSERT_TRUE(until("board2mqtt/walnutpi/rain"));
  EXPECT_NE(transcript.find(R"(rain {"precipitation":250,)"), std::string::npos) << transcript;
  transcript.clear();
  const auto tell = [&](const std::string& payload, bool retained = false) {
    transcript += fmt::format("<- {}{}\n", payload, retained ? " retained" : "");
    link->incoming("board2mqtt/walnutpi/rain/set", payload, retained);
    ASSERT_TRUE(until("board2mqtt/walnutpi/rain/result"));
  };
  tell("12.5");
  tell(R"({"value": 3, "id": "abc"})");
  tell(R"({"value": 4, "id": "abc"})");
  for (const auto* payload : {"ON", "TOGGLE", "-1", "1e300", R"({"value": 1, "for": "5s"})", "", "nan"}) tell(payload);
  tell("7", true);
  link->incoming("board2mqtt/walnutpi/rain/set", "", true);  // somebody clears the retained one
  incoming("board2mqtt/walnutpi/request/ping", "");
  ASSERT_TRUE(until("board2mqtt/walnutpi/response/ping"));
  EXPECT_EQ(kept.find("counter/rain"), "0.003");
  expect_golden("totals");
}

TEST_F(GatewayTest, LinesOfAnExpanderAndBusesBehindAMultiplexerAreUsedLikeAnyOther) {
  start("expander");
  ASSERT_TRUE(run_until(loop, [&] {
    acknowledge();
    const auto has = [&](const char* text) { return transcript.find(text) != std::string::npos; };
    return has("/door O") && has("/relay OFF") && has("/lamp 0 ") && has("/far {");
  })) << transcript;
  incoming("board2mqtt/walnutpi/relay/set", "ON");
  ASSERT_TRUE(until("board2mqtt/walnutpi/relay/result"));
  EXPECT_NE(transcript.find("/relay ON"), std::string::npos) << transcript;
  stop();
}

TEST_F(GatewayTest, OutputsWithARangeTakeNumbersSharesAndWords) {
  start("ranges");
  ASSERT_TRUE(run_until(loop, [&] {
    acknowledge();
    const auto has = [&](const char* text) { return transcript.find(text) != std::string::npos; };
    return has("/dimmer 0 ") && has("/lamp 0 ") && has("/arm 0 ") && has("/pan 0 ") && has("/light 0 ") &&
           has("/siren 0 ") && has("/level 0 ") && has("/trim 0 ") && link->subscribed.size() >= 8;
  })) << transcript;
  sort_transcript();
  const auto tell = [&](const std::string& actuator, const std::string& payload) {
    incoming(fmt::format("board2mqtt/walnutpi/{}/set", actuator), payload);
    ASSERT_TRUE(until(fmt::format("board2mqtt/walnutpi/{}/result", actuator))) << transcript;
  };
  tell("lamp", "40%");
  tell("lamp", "ON");
  tell("lamp", R"({"value":12.5,"id":"l1"})");
  tell("dimmer", "40");
  tell("dimmer", "101");
  tell("arm", "-90");
  tell("arm", "91");
  tell("pan", "50%");
  tell("pan", "ON");
  tell("pan", "off");
  tell("light", "20");
  tell("siren", "ON");
  tell("siren", "440");
  tell("level", "1.65");
  tell("level", "3.4");
  tell("trim", "100%");
  stop();
  expect_golden("ranges");
}

TEST_F(GatewayTest, AComputedSensorIsToldWithTheTimeOfItsSource) {
  start("computed");
  ASSERT_TRUE(until("board2mqtt/walnutpi/water"));
  const auto told = [&](const std::string& what) {
    std::smatch found;
    EXPECT_TRUE(std::regex_search(transcript, found, std::regex("-> " + what + R"( (.*) at (\S+) qos)"))) << transcript;
    return std::pair(found[1].str(), found[2].str());
  };
  const auto [volt, measured] = told("board2mqtt/walnutpi/adc");
  const auto [celsius, computed] = told("board2mqtt/walnutpi/water");
  EXPECT_EQ(computed, measured);
  const double ohm = 10000 * std::stod(volt) / (3.3 - std::stod(volt));
  EXPECT_NEAR(std::stod(celsius), 1 / (1 / 298.15 + std::log(ohm / 10000) / 3950) - 273.15, 0.01);
  EXPECT_NE(transcript.find("-> board2mqtt/walnutpi/water/availability online"), std::string::npos);
  stop();
}

TEST_F(GatewayTest, GuardedOutputsAreDrivenByRulesAndCommandsOnOneRoad) {
  start("guarded");
  ASSERT_TRUE(run_until(loop, [&] {
    acknowledge();
    const auto has = [&](const char* text) { return transcript.find(text) != std::string::npos; };
    return has("/fan ON") && has("/up OFF") && has("/down OFF") && link->subscribed.size() >= 8;
  }));
  sort_transcript();
  incoming("yard/up", "ON");
  ASSERT_TRUE(until("yard/up"));  // the answer, on the topic of the command
  incoming("board2mqtt/walnutpi/down/set", R"({"state":"ON","id":"d1"})");
  ASSERT_TRUE(until("board2mqtt/walnutpi/down/result"));
  incoming("board2mqtt/walnutpi/down/set_on_ms", "60001");
  ASSERT_TRUE(until("board2mqtt/walnutpi/down/result"));
  incoming("yard/up", "off");
  ASSERT_TRUE(until("yard/up"));
  incoming("board2mqtt/walnutpi/down/set_on_ms", "1");
  ASSERT_TRUE(until("board2mqtt/walnutpi/down/result"));
  ASSERT_TRUE(run_until(loop, [&] {
    acknowledge();
    return transcript.find("/down OFF", transcript.rfind("/down ON")) != std::string::npos;
  }));
  incoming("board2mqtt/walnutpi/request/health", "");
  ASSERT_TRUE(until("board2mqtt/walnutpi/response/health"));
  const auto report = link->sent[written - 1].message.payload;
  EXPECT_TRUE(std::regex_search(report, std::regex(R"re("why":"climate.temperature [\d.]+ above -50")re"))) << report;
  EXPECT_NE(report.find(R"("cause":"a rule")"), std::string::npos) << report;
  transcript.resize(transcript.rfind("<- board2mqtt/walnutpi/request/health"));
  stop();
  expect_golden("guarded");
}

TEST_F(GatewayTest, ADisplayShowsReadingsAndWhatIsCommanded) {
  WatchedDisplay display;
  wire = [&](SimulatedBoard& board) { board.simulated_i2c("i2c-1").attach(0x27, display.chip()); };
  start("displays_and_groups");
  const auto shows = [&](unsigned address, const std::string& text) {
    const std::regex wanted(text + " *");
    return run_until(loop, [&] {
      acknowledge();
      return std::regex_match(display.line(address), wanted);
    });
  };
  EXPECT_TRUE(shows(0x00, "walnutpi"));
  EXPECT_TRUE(shows(0x40, R"(T -?\d+\.\d)"));
  incoming("board2mqtt/walnutpi/door/set", "Hello\nWorld");
  ASSERT_TRUE(until("board2mqtt/walnutpi/door/result"));
  EXPECT_TRUE(shows(0x00, "Hello"));
  EXPECT_TRUE(shows(0x40, "World"));
  incoming("board2mqtt/walnutpi/door/set", R"({"value": ""})");
  ASSERT_TRUE(until("board2mqtt/walnutpi/door/result"));
  EXPECT_TRUE(shows(0x00, "walnutpi"));
  stop();
  EXPECT_TRUE(shows(0x00, "")) << "on_exit off";
}

TEST_F(GatewayTest, ARuleThatHoldsAtTheStartWaitsForItsActuators) {
  testing::internal::CaptureStderr();
  start("rule_at_start");
  for (const auto* state : {"walnutpi/hall ON", "walnutpi/desk ON", "walnutpi/lamps ON"})
    EXPECT_TRUE(run_until(loop, [&] {
      acknowledge();
      return transcript.find(state) != std::string::npos;
    })) << state;
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("commanded by rule 1"), std::string::npos) << log;
  EXPECT_EQ(log.find("refused"), std::string::npos) << log;
}

TEST_F(GatewayTest, AGroupIsCommandedAsOneAndTellsWhatItsMembersAre) {
  start("displays_and_groups");
  const auto has = [&](const std::string& text) {
    return run_until(loop, [&] {
      acknowledge();
      return transcript.find(text) != std::string::npos;
    });
  };
  const auto forget = [&] {
    acknowledge();
    transcript.clear();
  };
  EXPECT_TRUE(has("walnutpi/lamps/availability online"));
  EXPECT_TRUE(has("walnutpi/lamps OFF"));
  ASSERT_TRUE(has("walnutpi/pump OFF"));
  forget();
  incoming("board2mqtt/walnutpi/lamps/set", R"({"state": "ON", "id": "g1"})");
  EXPECT_TRUE(has(R"(lamps/result {"id":"g1","status":"ok","state":"ON",)")) << transcript;
  for (const auto* state : {"walnutpi/hall ON", "walnutpi/desk ON", "walnutpi/lamps ON"}) EXPECT_TRUE(has(state));
  forget();
  incoming("board2mqtt/walnutpi/lamps/set", "toggle");
  EXPECT_TRUE(has(R"(lamps/result {"status":"ok","state":"OFF",)")) << transcript;
  incoming("board2mqtt/walnutpi/pump/set", "ON");
  EXPECT_TRUE(has("pump/result"));
  incoming("board2mqtt/walnutpi/lamps/set", "ON");
  EXPECT_TRUE(
      has(R"("error":"interlock","message":"1 of 2 refused: desk: desk may not be on together with pump, which)"))
      << transcript;
  EXPECT_TRUE(has("walnutpi/lamps ON")) << "hall is on";
  stop();
}

TEST_F(GatewayTest, AStepperIsSentElsewhereWhileItIsUnderWay) {
  start("displays_and_groups");
  const auto has = [&](const std::string& text) {
    return run_until(loop, [&] {
      acknowledge();
      return transcript.find(text) != std::string::npos;
    });
  };
  ASSERT_TRUE(has("walnutpi/valve 0"));
  incoming("board2mqtt/walnutpi/valve/set", R"({"value": "100%", "id": "far"})");
  incoming("board2mqtt/walnutpi/valve/set", R"({"value": 12, "id": "near"})");
  EXPECT_TRUE(has(R"({"id":"far","status":"refused","error":"superseded")")) << transcript;
  EXPECT_TRUE(has(R"({"id":"near","status":"ok","state":12,)")) << transcript;
  EXPECT_EQ(transcript.find("valve 2000"), std::string::npos);
  incoming("board2mqtt/walnutpi/valve/set", "2000");
  incoming("board2mqtt/walnutpi/request/ping", "");
  ASSERT_TRUE(until("board2mqtt/walnutpi/response/ping")) << "by then the command is under way";
  stop();
  EXPECT_TRUE(has(R"("error":"stopping")")) << transcript;
}

TEST_F(GatewayTest, AStopDoesNotWaitForABrokerThatSaysNothing) {
  start("day");
  bool stopped = false;
  gateway->stop([&](bool) { stopped = true; });
  EXPECT_TRUE(run_until(loop, [&] { return stopped; }));
}

}  // namespace
}  // namespace b2m

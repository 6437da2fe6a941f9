// The service and the client on a bus of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <future>
#include <string>

#include "daemon/dbus/client.hpp"
#include "daemon/dbus/service.hpp"
#include "tests/daemon/dbus/slow/fake_gateway.hpp"

namespace b2m::dbus {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::StrEq;

/// dbus-daemon with the configuration of a session, as the session bus of this process.
class PrivateBus {
 public:
  PrivateBus() {
    std::array<int, 2> pipe_ends{};
    if (pipe(pipe_ends.data()) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    std::array<std::string, 5> words{"dbus-daemon", "--session", "--nofork", "--print-address=1",
                                     "--address=unix:tmpdir=" + testing::TempDir()};
    std::array<char*, 6> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments.at(i) = words.at(i).data();
    if (posix_spawnp(&process_, "dbus-daemon", &actions, nullptr, arguments.data(), environ) != 0) process_ = 0;
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    std::string address;
    for (char c = 0; process_ != 0 && read(pipe_ends[0], &c, 1) == 1 && c != '\n';) address += c;
    close(pipe_ends[0]);
    setenv("DBUS_SESSION_BUS_ADDRESS", address.c_str(), 1);
  }
  ~PrivateBus() {
    if (process_ == 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;
  [[nodiscard]] bool runs() const { return process_ != 0; }

 private:
  pid_t process_ = 0;
};

class ServiceOnBus : public testing::Test {
 protected:
  void SetUp() override {
    if (!bus_.runs()) GTEST_SKIP() << "dbus-daemon is not installed";
    port_.sensor_rows["climate"] = {.id = "climate", .driver = "bme280", .units = {{"temperature", "°C"}}};
    port_.actuator_rows["fan"] = {.id = "fan", .output = "OFF"};
  }

  /// The result of a function that waits for the bus, while the loop runs here.
  template <class Ask>
  auto while_served(Ask ask) {
    auto answer = std::async(std::launch::async, ask);
    while (answer.wait_for(0s) != std::future_status::ready) loop_.run_once(1ms);
    return answer.get();
  }
  Snapshot snapshot() {
    return while_served([] {
      Client client(BusType::session);
      for (;;) {
        try {
          return client.snapshot();
        } catch (const Unreachable&) {  // not there yet
        }
      }
    });
  }

  PrivateBus bus_;
  EventLoop loop_;
  FakeGateway port_;
};

TEST_F(ServiceOnBus, shows_everything_that_the_port_has) {
  auto& climate = port_.sensor_rows["climate"];
  climate.readings = {{"temperature", 23.5}, {"wet", true}};
  climate.errors = {{"humidity", "checksum"}};
  climate.times = {{"temperature", WallTime(1'795'280'607'514'672us)}};
  port_.status.dropped = {{"full", 3}};
  port_.status.rules = {{"warm", "then", "climate.temperature 23.5 above 20", 2}};
  const Service service(loop_, BusType::session, port_, {});
  const auto seen = snapshot();
  EXPECT_THAT(seen.gateway.version, StrEq("1.2.3"));
  EXPECT_THAT(seen.gateway.dropped, ElementsAre(Pair("full", 3)));
  EXPECT_EQ(seen.gateway.rules, port_.status.rules);
  EXPECT_EQ(seen.sensors.at("climate").readings, climate.readings);
  EXPECT_EQ(seen.sensors.at("climate").errors, climate.errors);
  EXPECT_EQ(seen.sensors.at("climate").times, climate.times);
  EXPECT_THAT(seen.actuators.at("fan").output, StrEq("OFF"));
}

TEST_F(ServiceOnBus, replaces_what_is_not_utf8) {
  port_.sensor_rows["climate"].error = "label \xff";
  const Service service(loop_, BusType::session, port_, {});
  EXPECT_THAT(snapshot().sensors.at("climate").error, StrEq("label \xef\xbf\xbd"));
}

TEST_F(ServiceOnBus, hands_commands_to_the_port_and_their_refusals_back) {
  const Service service(loop_, BusType::session, port_, {});
  snapshot();
  const auto set = [&] { return while_served([] { return Client(BusType::session).set("fan", "40%"); }); };
  EXPECT_THAT(set().output, StrEq("ON"));
  EXPECT_THAT(port_.commands, ElementsAre(Pair("fan", "40%")));
  port_.outcome = {.refusal = Refusal{"too_old", "50% of the message is kept: %s"}};
  EXPECT_EQ(set().refusal, port_.outcome.refusal);
}

TEST_F(ServiceOnBus, tells_followers_of_devices_that_come_and_go) {
  port_.actuator_rows["pump"] = {.id = "pump"};
  const Service service(loop_, BusType::session, port_, {});
  snapshot();
  std::promise<void> follows;
  auto followed = std::async(std::launch::async, [&] {
    Client client(BusType::session);
    EventLoop loop;
    Snapshot seen;
    client.follow(loop, seen, [](const auto&) {});
    follows.set_value();
    while (seen.sensors.contains("climate") || !seen.sensors.contains("soil-1")) loop.run_once(10ms);
    while (seen.actuators.contains("pump") || !seen.actuators.contains("lamp")) loop.run_once(10ms);
    while (seen.actuators.at("fan").output != "ON") loop.run_once(10ms);
    return seen.sensors.size();
  });
  auto ready = follows.get_future();
  while (ready.wait_for(0s) != std::future_status::ready) loop_.run_once(1ms);
  port_.sensor_rows.erase("climate");
  port_.sensor_rows["soil-1"] = {.id = "soil-1"};
  port_.actuator_rows.erase("pump");
  port_.actuator_rows["lamp"] = {.id = "lamp"};
  port_.listener->devices_changed();
  port_.actuator_rows["fan"].output = "ON";
  port_.listener->actuator_changed("fan");
  EXPECT_EQ(while_served([&] { return followed.get(); }), 1);
}

TEST_F(ServiceOnBus, reports_what_became_of_a_reload) {
  ReloadReport report{.accepted = false, .diagnostics = {"board2mqtt.json:1:2: error: no", "1 error"}};
  const Service service(loop_, BusType::session, port_, [&] { return report; });
  snapshot();
  const auto reload = [&] { return while_served([] { return Client(BusType::session).reload(); }); };
  const auto refused = reload();
  EXPECT_FALSE(refused.accepted);
  EXPECT_EQ(refused.diagnostics, report.diagnostics);
  report = {.accepted = true};
  EXPECT_TRUE(reload().accepted);
}

TEST_F(ServiceOnBus, says_that_it_cannot_reload_where_nothing_is_wired) {
  const Service service(loop_, BusType::session, port_, {});
  snapshot();
  const auto words = while_served([]() -> std::string {
    try {
      return Client(BusType::session).reload().accepted ? "accepted" : "refused";
    } catch (const Unreachable& why) {
      return why.what();
    }
  });
  EXPECT_THAT(words, HasSubstr("cannot load its configuration again"));
}

}  // namespace
}  // namespace b2m::dbus

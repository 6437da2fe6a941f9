#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>

#include "daemon/app/gateway.hpp"
#include "daemon/app/make_board.hpp"
#include "daemon/app/reloader.hpp"
#include "daemon/sim/simulated_board.hpp"
#include "tests/daemon/flow/flow_fakes.hpp"
#include "tests/fakes/fake_link.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::run_until;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const LineId pc8{"300b000.pinctrl", 72};
const LineId pc12{"300b000.pinctrl", 76};

/// Writes down what is done to outputs. Any thread.
class WatchedGpio final : public GpioPort {
 public:
  explicit WatchedGpio(GpioPort& below) : below_(below) {}
  Result<std::unique_ptr<InputLine>> request_input(const LineId& line, const InputSettings& settings) override {
    return below_.request_input(line, settings);
  }
  Result<std::unique_ptr<OutputLine>> request_output(const LineId& line, const OutputSettings& settings) override {
    note(!settings.initial ? "as found" : *settings.initial ? "on" : "off");
    B2M_ASSIGN(auto output, below_.request_output(line, settings));
    return std::make_unique<Output>(*this, std::move(output));
  }
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    noted_.push_back(std::move(what));
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(noted_, {});
  }

 private:
  class Output final : public OutputLine {
   public:
    Output(WatchedGpio& gpio, std::unique_ptr<OutputLine> line) : gpio_(gpio), line_(std::move(line)) {}
    ~Output() override { gpio_.note("let go"); }
    Result<> set(bool active) override {
      gpio_.note(active ? "set on" : "set off");
      return line_->set(active);
    }
    Result<bool> active() override { return line_->active(); }

   private:
    WatchedGpio& gpio_;
    std::unique_ptr<OutputLine> line_;
  };
  GpioPort& below_;
  std::mutex mutex_;
  std::vector<std::string> noted_;
};

/// A simulated board whose inputs move only as a test moves them, and whose outputs are watched.
class WatchedBoard final : public Board {
 public:
  I2cBus& i2c(const std::string& name) override { return board.i2c(name); }
  SpiBus& spi(const std::string& name) override { return board.spi(name); }
  SerialPort& serial(const std::string& port) override { return board.serial(port); }
  GpioPort& gpio() override { return outputs; }
  TimedLines& timed_lines() override { return board.timed_lines(); }
  AttributeFiles& files() override { return board.files(); }
  std::unique_ptr<Sensor> substitute(const DriverRef& driver, const Options& options) override {
    return board.substitute(driver, options);
  }

  SimulatedBoard board{{.inputs = SimulatedGpio::Inputs::driven}};
  WatchedGpio outputs{board.gpio()};
};

/// A gateway whose configuration a test writes and has loaded again, with a broker that the test plays.
class ReloadTest : public ::testing::Test {
 protected:
  ReloadTest() { std::filesystem::create_directories(folder); }
  ~ReloadTest() override {
    if (gateway) stop();
    std::filesystem::remove_all(folder);
  }

  /// Ends the test, from whatever depth.
  static void require(bool met, const std::string& otherwise) {
    if (!met) throw std::runtime_error(otherwise);
  }
  LoadResult load_again() {
    auto loaded = load(folder / "board2mqtt.json",
                       {.hostname = "gw", .machine_id = "0123456789ab", .device_tree_model = "walnutpi-1b"});
    if (loaded.config) equip(board->board, *loaded.config);
    return loaded;
  }
  void write(const std::string& text) { std::ofstream(folder / "board2mqtt.json") << text; }
  void start(const std::string& text) {
    write(text);
    auto loaded = load_again();
    require(loaded.config.has_value(), to_text(loaded.diagnostics));
    auto fake = std::make_unique<FakeLink>();
    link = fake.get();
    gateway.emplace(loop, std::move(*loaded.config), board, std::move(fake), kept, true);
    reloader.emplace([this] { return load_again(); }, board, *gateway);
    gateway->on_reload_request([this] { return reloader->reload(); });
    gateway->start();
    require(run_until(loop, [&] { return !link->attempts.empty(); }), "no attempt to connect");
    link->accept();
    settle();
  }
  ReloadReport reload(const std::string& text) {
    write(text);
    const auto report = reloader->reload();
    for (const auto& line : report.diagnostics) diagnostics += line + "\n";
    return report;
  }
  void stop() {
    bool stopped = false;
    gateway->stop([&](bool) { stopped = true; });
    EXPECT_TRUE(run_until(loop, [&] {
      acknowledge();
      if (std::exchange(said_good_bye, link->disconnects) != link->disconnects) link->lose();
      return stopped;
    }));
    gateway.reset();
  }
  void acknowledge() {
    for (; acknowledged < link->sent.size(); ++acknowledged)
      link->give(link_event::Delivered{link->sent[acknowledged].id});
  }
  /// Until every device has been heard of.
  void settle() {
    require(run_until(loop,
                      [&] {
                        acknowledge();
                        for (const auto& sensor : gateway->devices().sensors())
                          if (!sensor->online()) return false;
                        for (const auto& edge : gateway->devices().edges())
                          if (!edge->online()) return false;
                        for (const auto& actuator : gateway->devices().actuators())
                          if (actuator->device_state() != DeviceState::ready) return false;
                        return true;
                      }),
            "a device says nothing");
    acknowledge();
  }
  bool until(const std::string& line) {
    return run_until(loop, [&] {
      acknowledge();
      const auto lines = link->lines(seen);
      return std::find(lines.begin(), lines.end(), line) != lines.end();
    });
  }
  /// What is sent from now on.
  void look_away() { seen = link->sent.size(); }
  [[nodiscard]] std::vector<std::string> sent() const { return link->lines(seen); }
  void command(const std::string& topic, const std::string& payload) { link->incoming(topic, payload); }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("b2m-reload-" + std::to_string(getpid()));
  EventLoop loop;
  std::shared_ptr<WatchedBoard> board = std::make_shared<WatchedBoard>();
  FakeLink* link = nullptr;
  ValuesInMemory kept;
  std::optional<Gateway> gateway;
  std::optional<Reloader> reloader;
  std::size_t acknowledged = 0;
  std::size_t seen = 0;
  int said_good_bye = 0;
  std::string diagnostics;
};

TEST_F(ReloadTest, an_unchanged_sensor_keeps_its_filters_and_its_place_in_the_schedule) {
  const std::string same = R"("rain": {"driver": "counter", "line": "PC12", "every": "1h", "payload": "{total:.2f}",
                                       "filters": [{"mean": 2}]},
                              "climate": {"driver": "bme280", "bus": "i2c-1", "address": "0x76", "every": "1h"})";
  start(R"({"name": "gw", "sensors": {)" + same + "}}");
  const auto* rain = gateway->devices().edges().at(0).get();
  const auto* climate = gateway->devices().sensors().at(0).get();
  for (int times = 0; times < 2; ++times) command("board2mqtt/gw/request/read", "");
  ASSERT_TRUE(until("board2mqtt/gw/rain 0.00"));
  reload(R"({"name": "gw", "sensors": {"more": {"driver": "text", "text": "x"}, )" + same + "}}");
  ASSERT_EQ(gateway->devices().sensors().size(), 2U) << diagnostics;
  EXPECT_EQ(gateway->devices().edges().at(0).get(), rain);
  EXPECT_EQ(gateway->devices().sensors().at(1).get(), climate);
  board->board.simulated_gpio().drive(pc12, true);
  board->board.simulated_gpio().drive(pc12, false);
  look_away();
  command("board2mqtt/gw/request/read", "");
  EXPECT_TRUE(until("board2mqtt/gw/rain 0.50"))
      << "the mean of 0, from before, and 1: " << testing::PrintToString(sent());
}

TEST_F(ReloadTest, an_unchanged_output_is_neither_driven_nor_requested) {
  const std::string fan = R"("fan": {"driver": "switch", "line": "PC8"})";
  start(R"({"name": "gw", "actuators": {)" + fan + "}}");
  command("board2mqtt/gw/fan/set", "ON");
  ASSERT_TRUE(until("board2mqtt/gw/fan ON"));
  board->outputs.take();
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x"}}, "actuators": {)" + fan + "}}")
                  .accepted)
      << diagnostics;
  ASSERT_TRUE(until("board2mqtt/gw/t x"));
  EXPECT_THAT(board->outputs.take(), IsEmpty());
  EXPECT_THAT(sent(), Not(Contains(HasSubstr("board2mqtt/gw/fan "))));
}

TEST_F(ReloadTest, a_changed_output_on_the_same_line_keeps_its_level) {
  start(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "on_exit": "off"}}})");
  command("board2mqtt/gw/fan/set", "ON");
  ASSERT_TRUE(until("board2mqtt/gw/fan ON"));
  board->outputs.take();
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "topic": "house/fan",
                        "initial": "off"}}})")
                  .accepted)
      << diagnostics;
  EXPECT_TRUE(until("house/fan ON"));
  EXPECT_TRUE(until("board2mqtt/gw/fan "));  // what was retained there is cleared
  EXPECT_THAT(board->outputs.take(), ElementsAre("let go", "as found"));
  EXPECT_EQ(board->board.simulated_gpio().level(pc8), true);
}

TEST_F(ReloadTest, the_end_of_a_for_comes_although_the_output_was_changed) {
  start(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8"}}})");
  command("board2mqtt/gw/fan/set", R"({"state": "ON", "for": "300ms"})");
  ASSERT_TRUE(until("board2mqtt/gw/fan ON"));
  ASSERT_TRUE(
      reload(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "topic": "house/fan"}}})")
          .accepted);
  EXPECT_TRUE(until("house/fan OFF"));
}

TEST_F(ReloadTest, an_output_that_is_gone_takes_its_exit_state_and_its_topics_are_cleared) {
  start(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "on_exit": "off"}}})");
  command("board2mqtt/gw/fan/set", "ON");
  ASSERT_TRUE(until("board2mqtt/gw/fan ON"));
  board->outputs.take();
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw"})").accepted) << diagnostics;
  EXPECT_TRUE(until("board2mqtt/gw/fan "));
  EXPECT_TRUE(until("board2mqtt/gw/fan/availability "));
  ASSERT_TRUE(run_until(loop, [&] { return board->board.simulated_gpio().level(pc8) == false; }));
  EXPECT_TRUE(run_until(loop, [&] { return gateway->devices().buses() == 0; })) << "its worker goes";
  EXPECT_THAT(board->outputs.take(), ElementsAre("set off", "let go"));
  EXPECT_THAT(link->unsubscribed, Contains("board2mqtt/gw/fan/set"));
}

TEST_F(ReloadTest, a_group_drives_a_member_that_has_changed) {
  start(R"({"name": "gw", "actuators": {"lamps": {"driver": "group", "members": ["hall", "desk"]},
            "hall": {"driver": "switch", "line": "PC8"}, "desk": {"driver": "switch", "line": "PC12"}}})");
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {"lamps": {"driver": "group", "members": ["hall", "desk"]},
                        "hall": {"driver": "switch", "line": "PC8"},
                        "desk": {"driver": "switch", "line": "PC9", "topic": "desk"}}})")
                  .accepted)
      << diagnostics;
  settle();
  command("board2mqtt/gw/lamps/set", "ON");
  EXPECT_TRUE(until("desk ON"));
  EXPECT_TRUE(until("board2mqtt/gw/lamps ON"));
}

TEST_F(ReloadTest, subscriptions_change_by_their_difference) {
  start(R"({"name": "gw", "actuators": {"a": {"driver": "switch", "line": "PC8", "command_topic": "a"},
                                        "b": {"driver": "switch", "line": "PC9", "command_topic": "b"}}})");
  link->subscribed.clear();
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {"a": {"driver": "switch", "line": "PC8", "command_topic": "a"},
                                                     "b": {"driver": "switch", "line": "PC9", "command_topic": "c"}}})")
                  .accepted);
  EXPECT_THAT(link->unsubscribed, ElementsAre("b"));
  EXPECT_THAT(link->subscribed, ElementsAre(Subscription{"c", 1, true}));
  settle();
  command("c", "ON");
  EXPECT_TRUE(until("board2mqtt/gw/b ON"));
}

TEST_F(ReloadTest, the_broker_connection_stays_when_its_block_is_the_same) {
  start(R"({"name": "gw"})");
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x"}}})").accepted);
  ASSERT_TRUE(until("board2mqtt/gw/t x"));
  EXPECT_EQ(link->disconnects, 0);
  EXPECT_EQ(link->abandoned, 0);
  EXPECT_EQ(link->attempts.size(), 1U);
}

TEST_F(ReloadTest, another_broker_is_connected_to_after_a_good_bye_and_what_waits_is_kept) {
  start(R"({"name": "gw", "mqtt": {"broker": "mqtt://one"}})");
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw", "mqtt": {"broker": "mqtt://two"},
                        "sensors": {"t": {"driver": "text", "text": "x"}}})")
                  .accepted);
  ASSERT_TRUE(run_until(loop, [&] {
    acknowledge();
    return link->disconnects == 1;
  }));
  EXPECT_THAT(sent(), Contains("board2mqtt/gw/status offline"));
  said_good_bye = 1;
  ASSERT_TRUE(run_until(loop, [&] { return gateway->link_status().queued != 0; }));
  link->lose();
  ASSERT_TRUE(run_until(loop, [&] { return link->attempts.size() == 2; }));
  EXPECT_EQ(link->attempts[1].broker.host, "two");
  look_away();
  link->accept();
  EXPECT_TRUE(until("board2mqtt/gw/t x"));
}

TEST_F(ReloadTest, a_wrong_file_changes_nothing_and_everybody_is_told_why) {
  start(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x", "every": "1h"}}})");
  const auto* device = gateway->devices().sensors().at(0).get();
  write(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "y", "evry": "1h"}}})");
  look_away();
  command("board2mqtt/gw/request/reload", R"({"transaction": 7})");
  acknowledge();
  EXPECT_THAT(sent(),
              Contains(testing::AllOf(HasSubstr("board2mqtt/gw/response/reload"), HasSubstr(R"("transaction":7)"),
                                      HasSubstr("configuration"), HasSubstr("did you mean \\\"every\\\"?"))));
  EXPECT_THAT(sent(), Contains(testing::AllOf(HasSubstr("board2mqtt/gw/status/config"), HasSubstr("refused"),
                                              HasSubstr("/sensors/t/evry"))));
  EXPECT_EQ(gateway->devices().sensors().at(0).get(), device);
  write(R"({"name": "gw"})");
  look_away();
  command("board2mqtt/gw/request/reload", "");
  EXPECT_THAT(sent(),
              Contains(testing::AllOf(HasSubstr("board2mqtt/gw/status/config"), HasSubstr(R"("status":"ok")"))));
  EXPECT_THAT(gateway->devices().sensors(), IsEmpty());
}

TEST_F(ReloadTest, the_answer_to_a_request_comes_where_it_was_asked_also_when_the_base_topic_changes) {
  start(R"({"name": "gw"})");
  write(R"({"name": "other"})");
  look_away();
  command("board2mqtt/gw/request/reload", "");
  EXPECT_THAT(sent(), Contains(HasSubstr("board2mqtt/gw/response/reload")));
  EXPECT_THAT(sent(), Contains("board2mqtt/gw/health "));  // cleared
  EXPECT_THAT(sent(), Contains(HasSubstr("board2mqtt/other/status/config")));
}

TEST_F(ReloadTest, a_retained_reading_of_a_sensor_that_is_gone_is_cleared) {
  start(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x", "topic": "yard", "retain": true}}})");
  ASSERT_TRUE(until("yard x"));
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw"})").accepted);
  EXPECT_TRUE(until("yard "));
}

TEST_F(ReloadTest, a_computed_sensor_that_comes_later_learns_that_its_source_is_there) {
  const std::string adc = R"("adc": {"driver": "ads1115", "bus": "i2c-1", "every": "1h"})";
  start(R"({"name": "gw", "sensors": {)" + adc + "}}");
  ASSERT_TRUE(until("board2mqtt/gw/adc/availability online"));
  reload(R"({"name": "gw", "sensors": {)" + adc + R"(, "water": {"driver": "ntc", "input": "adc.ain0",
            "series_ohm": 10000, "beta_kelvin": 3950}}})");
  EXPECT_TRUE(until("board2mqtt/gw/water/availability online")) << diagnostics;
}

TEST_F(ReloadTest, a_command_that_waits_is_answered_when_its_output_changes) {
  start(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "min_off": "1h"}}})");
  command("board2mqtt/gw/fan/set", "ON");
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8"}}})").accepted);
  EXPECT_THAT(sent(), Contains(testing::AllOf(HasSubstr("board2mqtt/gw/fan/result"), HasSubstr("reloading"))));
}

TEST_F(ReloadTest, outputs_of_an_expander_stay_as_they_are_when_others_of_it_come_and_go) {
  const std::string relay = R"("relay": {"driver": "switch", "line": "mcp23017@i2c-1:0x20/0"})";
  start(R"({"name": "gw", "actuators": {)" + relay + "}}");
  command("board2mqtt/gw/relay/set", "ON");
  ASSERT_TRUE(until("board2mqtt/gw/relay ON"));
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {"door": {"driver": "input", "line": "mcp23017@i2c-1:0x20/5"}},
                        "actuators": {"lamp": {"driver": "switch", "line": "mcp23017@i2c-1:0x20/1"}, )" +
                     relay + "}}")
                  .accepted)
      << diagnostics;
  settle();
  // MCP23017, register OLATA (0x14): the latches of port A; both directions are outputs in IODIRA (0x00).
  auto& bus = board->board.simulated_i2c("i2c-1");
  const auto read = [&](std::uint8_t at) {
    std::uint8_t value = 0;
    EXPECT_TRUE(I2cDevice({&bus, 0x20}).write_read(std::span(&at, 1), std::span(&value, 1)).has_value());
    return value;
  };
  EXPECT_EQ(read(0x14) & 0x03, 0x01);
  EXPECT_EQ(read(0x00) & 0x23, 0x20);
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {)" + relay + "}}").accepted);
  settle();
  EXPECT_EQ(read(0x14) & 0x01, 0x01);
}

}  // namespace
}  // namespace b2m

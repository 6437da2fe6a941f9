// A gateway on a simulated board that loads its configuration again, with a broker that the test plays.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "daemon/app/gateway.hpp"
#include "daemon/app/make_board.hpp"
#include "daemon/app/reloader.hpp"
#include "daemon/sim/simulated_board.hpp"
#include "tests/daemon/flow/flow_fakes.hpp"
#include "tests/fakes/fake_link.hpp"

namespace b2m::test {

inline const LineId pc8{"300b000.pinctrl", 72};
inline const LineId pc12{"300b000.pinctrl", 76};

/// Writes down what is done to outputs. Any thread.
class WatchedGpio final : public GpioPort {
 public:
  explicit WatchedGpio(GpioPort& below) : below_(below) {}
  Result<std::unique_ptr<InputLine>> request_input(const LineId& line, const InputSettings& settings) override {
    return below_.request_input(line, settings);
  }
  Result<std::unique_ptr<OutputLine>> request_output(const LineId& line, const OutputSettings& settings) override {
    if (refuses) return fail(Errc::busy, "held by another");
    note(!settings.initial ? "as found" : *settings.initial ? "on" : "off");
    B2M_ASSIGN(auto output, below_.request_output(line, settings));
    return std::make_unique<Output>(*this, std::move(output));
  }
  void forget_outputs_but(const std::vector<LineId>& outputs) override { wanted = outputs; }
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    noted_.push_back(std::move(what));
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(noted_, {});
  }

  std::atomic<bool> refuses = false;
  std::vector<LineId> wanted;  ///< lines of the outputs that there are, as told last; of the loop alone

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
  /// Connected, and no device waited for.
  void begin(const std::string& text) {
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
  }
  void start(const std::string& text) {
    begin(text);
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
  /// Until something that is not empty is told there.
  bool until_told(const std::string& topic) {
    return run_until(loop, [&] {
      acknowledge();
      return times_told(topic) != 0;
    });
  }
  [[nodiscard]] std::size_t times_told(const std::string& topic) const {
    const auto told = [&](const FakeLink::Sent& one) {
      return one.message.topic == topic && !one.message.payload.empty();
    };
    return static_cast<std::size_t>(
        std::count_if(link->sent.begin() + static_cast<std::ptrdiff_t>(seen), link->sent.end(), told));
  }
  /// What is sent from now on.
  void look_away() { seen = link->sent.size(); }
  [[nodiscard]] std::vector<std::string> sent() const { return link->lines(seen); }
  void command(const std::string& topic, const std::string& payload) { link->incoming(topic, payload); }
  /// Of a chip on i2c-1.
  [[nodiscard]] std::uint8_t chip_register(std::uint8_t address, std::uint8_t at) const {
    std::uint8_t value = 0;
    I2cDevice chip({&board->board.simulated_i2c("i2c-1"), address});
    EXPECT_TRUE(chip.write_read(std::span(&at, 1), std::span(&value, 1)).has_value());
    return value;
  }

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

}  // namespace b2m::test

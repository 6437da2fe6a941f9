// GPIO lines in memory. What was done to them stays to be looked at in FakeGpio::log, in order.
#pragma once

#include <fmt/format.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drivers/api/gpio.hpp"

namespace b2m {

/// Levels are logical (active or not). The lines it hands out must not outlive it.
class FakeGpio final : public GpioPort {
 public:
  /// "request gpiochip0:73 active", "set gpiochip0:73 inactive", "release gpiochip0:73"
  std::vector<std::string> log;
  std::optional<Error> request_error;         ///< answers every request
  std::optional<Error> set_error;             ///< answers every set
  std::map<std::string, bool> levels;         ///< by "chip:offset"; inputs read them, outputs set them
  std::deque<LineEvent> events;               ///< what next_event of any input gives, in order
  std::optional<OutputSettings> last_output;  ///< of the last request
  std::optional<InputSettings> last_input;    ///< of the last request

  Result<std::unique_ptr<InputLine>> request_input(const LineId& line, const InputSettings& settings) override {
    if (request_error) return tl::unexpected(*request_error);
    last_input = settings;
    return std::make_unique<Input>(*this, name_of(line));
  }
  Result<std::unique_ptr<OutputLine>> request_output(const LineId& line, const OutputSettings& settings) override {
    if (request_error) return tl::unexpected(*request_error);
    last_output = settings;
    const auto name = name_of(line);
    levels[name] = settings.initial.value_or(false);
    log.push_back(fmt::format("request {} {}", name, word(settings.initial.value_or(false))));
    return std::make_unique<Output>(*this, name);
  }

 private:
  static std::string name_of(const LineId& line) { return fmt::format("{}:{}", line.chip, line.offset); }
  static const char* word(bool active) { return active ? "active" : "inactive"; }

  class Input final : public InputLine {
   public:
    Input(FakeGpio& gpio, std::string name) : gpio_(gpio), name_(std::move(name)) {}
    [[nodiscard]] int fd() const override { return -1; }
    Result<std::optional<LineEvent>> next_event() override {
      if (gpio_.events.empty()) return std::optional<LineEvent>{};
      const std::optional<LineEvent> event = gpio_.events.front();
      gpio_.events.pop_front();
      return event;
    }
    Result<bool> active() override { return gpio_.levels[name_]; }

   private:
    FakeGpio& gpio_;
    std::string name_;
  };

  class Output final : public OutputLine {
   public:
    Output(FakeGpio& gpio, std::string name) : gpio_(gpio), name_(std::move(name)) {}
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output() override { gpio_.log.push_back(fmt::format("release {}", name_)); }
    Result<> set(bool active) override {
      if (gpio_.set_error) return tl::unexpected(*gpio_.set_error);
      gpio_.levels[name_] = active;
      gpio_.log.push_back(fmt::format("set {} {}", name_, word(active)));
      return {};
    }
    Result<bool> active() override { return gpio_.levels[name_]; }

   private:
    FakeGpio& gpio_;
    std::string name_;
  };
};

}  // namespace b2m

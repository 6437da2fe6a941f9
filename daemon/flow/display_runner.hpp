// The lines of all displays on the loop: what the sensors tell goes in, the texts that follow go to the displays.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "daemon/flow/display_feed.hpp"
#include "daemon/flow/reading.hpp"
#include "drivers/api/channel.hpp"

namespace b2m {

/// Loop only.
class DisplayRunner {
 public:
  using Show = std::function<void(const ActuatorConfig&, const std::string& text)>;

  /// `actuators` outlive it; those without lines are left alone.
  DisplayRunner(EventLoop& loop, std::span<const ActuatorConfig> actuators, Show show);

  void start() { look(); }
  void stop();
  void measured(const SensorConfig& sensor, std::span<const Channel> channels, const Measurement& measurement);
  void online(const SensorConfig& sensor, bool online);

 private:
  struct Display {
    const ActuatorConfig* config;
    DisplayFeed feed;
  };
  void look();

  std::vector<Display> displays_;
  Show show_;
  Timer timer_;
  bool stopped_ = false;
};

}  // namespace b2m

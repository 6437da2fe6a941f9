// A simulated serial port and what is connected to it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "drivers/api/serial.hpp"

namespace b2m {

/// A part on a line. Worker only.
struct SerialModel {
  using Bytes = std::vector<std::uint8_t>;
  /// What it sends by itself, each time somebody waits for bytes and none are there; may be none.
  std::function<Bytes()> speak = {};
  /// What it says to what it was sent; empty: nothing. May be none.
  std::function<Bytes(std::span<const std::uint8_t>)> answer = {};
};

/// A port on which time does not pass: what is there is there at once. Any thread: its lock lets a reload exchange
/// parts meanwhile.
class SimulatedSerial final : public SerialPort {
 public:
  Result<> write(const SerialFormat& format, std::span<const std::uint8_t> bytes) override;
  Result<std::size_t> read(const SerialFormat& format, std::span<std::uint8_t> into,
                           std::chrono::milliseconds wait) override;
  Result<> discard(const SerialFormat& format) override;

  /// Connects a part, in place of the one of that name.
  void attach(const std::string& name, SerialModel model);

 private:
  std::mutex mutex_;
  std::map<std::string, SerialModel> models_;
  SerialModel::Bytes arrived_;
};

}  // namespace b2m

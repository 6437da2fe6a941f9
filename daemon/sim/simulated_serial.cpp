#include "daemon/sim/simulated_serial.hpp"

#include <algorithm>

namespace b2m {
namespace {

/// What the kernel keeps of a line that nobody reads.
constexpr std::size_t most_waiting = 4096;

void append(SerialModel::Bytes& to, const SerialModel::Bytes& bytes) {
  const auto room = most_waiting - std::min(most_waiting, to.size());
  to.insert(to.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(room, bytes.size())));
}

}  // namespace

Result<> SimulatedSerial::write(const SerialFormat& /*format*/, std::span<const std::uint8_t> bytes) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, model] : models_)
    if (model.answer) append(arrived_, model.answer(bytes));
  return {};
}

Result<std::size_t> SimulatedSerial::read(const SerialFormat& /*format*/, std::span<std::uint8_t> into,
                                          std::chrono::milliseconds /*wait*/) {
  const std::lock_guard lock(mutex_);
  if (arrived_.empty()) {
    for (const auto& [name, model] : models_)
      if (model.speak) append(arrived_, model.speak());
  }
  const auto count = std::min(into.size(), arrived_.size());
  const auto end = arrived_.begin() + static_cast<std::ptrdiff_t>(count);
  std::copy(arrived_.begin(), end, into.begin());
  arrived_.erase(arrived_.begin(), end);
  return count;
}

Result<> SimulatedSerial::discard(const SerialFormat& /*format*/) {
  const std::lock_guard lock(mutex_);
  arrived_.clear();
  return {};
}

void SimulatedSerial::attach(const std::string& name, SerialModel model) {
  const std::lock_guard lock(mutex_);
  models_[name] = std::move(model);
}

}  // namespace b2m

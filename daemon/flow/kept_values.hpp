// Small values that outlive the daemon: totals of counters, states of actuators to restore.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace b2m {

/// Loop only. Neither call waits for a disk: what was kept is in memory from the start, and what is kept now reaches
/// the disk with the next commit.
class KeptValues {
 public:
  virtual ~KeptValues() = default;
  /// What was kept under `key`, "counter/rain" or "actuator/fan", by this process or an earlier one.
  [[nodiscard]] virtual std::optional<std::string> find(std::string_view key) const = 0;
  /// The newest value of a key takes the place of the one before.
  virtual void keep(std::string_view key, std::string value) = 0;
};

/// For as long as the process lives: where there is no state directory.
class ValuesInMemory final : public KeptValues {
 public:
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const override {
    const auto at = values_.find(key);
    return at == values_.end() ? std::nullopt : std::optional(at->second);
  }
  void keep(std::string_view key, std::string value) override {
    values_.insert_or_assign(std::string(key), std::move(value));
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace b2m

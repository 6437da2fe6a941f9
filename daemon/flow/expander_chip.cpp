#include "daemon/flow/expander_chip.hpp"

#include <utility>

namespace b2m {
namespace {

std::uint16_t bit(unsigned line) { return static_cast<std::uint16_t>(1U << line); }

std::uint16_t with(std::uint16_t word, unsigned line, bool high) {
  return static_cast<std::uint16_t>(high ? word | bit(line) : word & ~bit(line));
}

std::uint64_t packed(const ExpanderConfig& config) {
  return std::uint64_t{config.outputs} | std::uint64_t{config.inputs} << 16U | std::uint64_t{config.pull_ups} << 32U;
}

/// Whether setting the chip up again may help: it answers, but is not what it was made.
bool lost_its_set_up(const Error& error) { return policy(error.code) == Policy::reinit; }

}  // namespace

ExpanderChip::ExpanderChip(const ExpanderConfig& config, std::unique_ptr<Expander> chip)
    : chip_(std::move(chip)), configured_(packed(config)) {}

void ExpanderChip::configure(const ExpanderConfig& config) noexcept { configured_ = packed(config); }

void ExpanderChip::take_configuration() {
  const std::uint64_t now = configured_;
  if (now == taken_) return;
  taken_ = now;
  configured_outputs_ = static_cast<std::uint16_t>(now);
  wanted_.inputs = static_cast<std::uint16_t>(now >> 16U);
  wanted_.pull_ups = static_cast<std::uint16_t>(now >> 32U);
  wanted_.outputs = static_cast<std::uint16_t>(wanted_.outputs & ~wanted_.inputs);
  ready_ = false;
}

/// An output that nobody has taken yet may be driven from before a restart of the daemon: it goes on as it is.
Result<> ExpanderChip::set_up() {
  ready_ = false;
  B2M_ASSIGN(const auto found, chip_->found());
  const auto waiting = static_cast<std::uint16_t>(configured_outputs_ & ~wanted_.outputs & found.outputs);
  made_ = wanted_;
  made_.outputs = static_cast<std::uint16_t>(wanted_.outputs | waiting);
  made_.levels = static_cast<std::uint16_t>((wanted_.levels & wanted_.outputs) | (found.levels & waiting));
  B2M_TRY(chip_->set_up(made_));
  ready_ = true;
  return {};
}

Result<> ExpanderChip::take(unsigned line, bool high, bool keep) {
  take_configuration();
  if (keep && (wanted_.outputs & bit(line)) != 0) {
    high = driven(line);
  } else if (keep) {
    B2M_ASSIGN(const auto found, chip_->found());
    if ((found.outputs & bit(line)) != 0) high = (found.levels & bit(line)) != 0;
  }
  wanted_.outputs = with(wanted_.outputs, line, true);
  wanted_.levels = with(wanted_.levels, line, high);
  return set_up();
}

Result<> ExpanderChip::drive(unsigned line, bool high) {
  take_configuration();
  const auto before = std::exchange(wanted_.levels, with(wanted_.levels, line, high));
  made_.levels = with(made_.levels, line, high);
  auto driven = ready_ ? chip_->drive(made_) : set_up();
  if (!driven && ready_ && lost_its_set_up(driven.error())) driven = set_up();
  if (!driven) {
    ready_ = false;
    wanted_.levels = before;  // whoever sets the chip up next must not carry out what was answered with an error
  }
  return driven;
}

Result<ExpanderChip::Reading> ExpanderChip::read() {
  take_configuration();
  if (!ready_) B2M_TRY(set_up());
  if (const auto levels = chip_->read(made_)) {
    return Reading{.levels = *levels};
  } else if (!lost_its_set_up(levels.error())) {
    ready_ = false;
    return tl::unexpected(levels.error());
  }
  B2M_TRY(set_up());
  const auto levels = chip_->read(made_);
  ready_ = levels.has_value();
  return levels.map([](std::uint16_t word) { return Reading{.levels = word, .restored = true}; });
}

}  // namespace b2m

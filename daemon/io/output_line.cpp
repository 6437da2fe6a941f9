#include "daemon/io/output_line.hpp"

#include <fmt/format.h>

#include <utility>

namespace b2m {
namespace {

class KernelOutputLine final : public OutputLine {
 public:
  KernelOutputLine(KernelLine line, std::string words) : line_(std::move(line)), words_(std::move(words)) {}

  Result<> set(bool active) override {
    if (const auto done = line_.set(active); !done) return tl::unexpected(kernel_error(done.error(), words_));
    return {};
  }

  Result<bool> active() override {
    const auto level = line_.active();
    if (!level) return tl::unexpected(kernel_error(level.error(), words_));
    return *level;
  }

 private:
  KernelLine line_;
  std::string words_;
};

__u64 output_flags(const OutputSettings& settings) {
  __u64 flags = GPIO_V2_LINE_FLAG_OUTPUT;
  if (settings.active_low) flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  if (settings.open_drain) flags |= GPIO_V2_LINE_FLAG_OPEN_DRAIN;
  return flags;
}

/// The line itself once it is configured so.
Granted<KernelLine> configured(KernelLine line, __u64 flags, bool active) {
  if (const auto done = line.configure(line_config(flags, active)); !done) return tl::unexpected(done.error());
  return line;
}

/// Requested as it is, direction and level untouched; then made an output of the level that was found.
Granted<KernelLine> request_as_found(const ChipLine& line, __u64 flags) {
  auto requested = KernelLine::request(line, line_config(flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW));
  if (!requested) return requested;
  const auto active = requested->active();
  if (!active) return tl::unexpected(active.error());
  return configured(std::move(*requested), flags, *active);
}

/// What an earlier process left keeps its voltage, also when the configuration now reads it the other way round.
Granted<KernelLine> adopt(KernelLine left, const ChipLine& line, __u64 flags) {
  const auto was_active = left.active();
  if (!was_active) return tl::unexpected(was_active.error());
  const auto info = look_at(line);
  if (!info) return tl::unexpected(info.error());
  constexpr __u64 compared = GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_ACTIVE_LOW | GPIO_V2_LINE_FLAG_OPEN_DRAIN;
  const __u64 difference = (info->flags ^ flags) & compared;
  if (difference == 0) return left;
  const bool turned = (difference & GPIO_V2_LINE_FLAG_ACTIVE_LOW) != 0;
  return configured(std::move(left), flags, *was_active != turned);
}

}  // namespace

std::string place_of(const ChipLine& line) { return fmt::format("{} {}", line.chip_label, line.offset); }

Granted<std::unique_ptr<OutputLine>> request_output_line(const ChipLine& line, const OutputSettings& settings,
                                                         LineKeeper& keeper) {
  const auto flags = output_flags(settings);
  const auto place = place_of(line);
  if (auto left = keeper.take(place)) {
    if (auto adopted = adopt(KernelLine(std::move(left)), line, flags))
      return std::make_unique<KernelOutputLine>(std::move(*adopted), line.words);
    // The chip was away in between: what was left of the line is worth nothing.
    keeper.forget(place);
  }
  auto requested = settings.initial ? KernelLine::request(line, line_config(flags, *settings.initial))
                                    : request_as_found(line, flags);
  if (!requested) return tl::unexpected(requested.error());
  keeper.keep(place, requested->fd());
  return std::make_unique<KernelOutputLine>(std::move(*requested), line.words);
}

}  // namespace b2m

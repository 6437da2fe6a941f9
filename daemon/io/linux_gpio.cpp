#include "daemon/io/linux_gpio.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "daemon/board/line_holder.hpp"
#include "daemon/io/gpio_chip.hpp"
#include "daemon/io/input_line.hpp"
#include "daemon/io/output_line.hpp"

namespace b2m {
namespace {

using Chip = std::unique_ptr<GpioChip>;

/// Every chip that can be opened. `denied` names one that could not for want of permission.
std::vector<Chip> open_chips(std::string& denied) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/dev", error), end; !error && at != end; at.increment(error))
    if (at->path().filename().string().starts_with("gpiochip") && !at->is_symlink(error)) paths.push_back(at->path());
  std::sort(paths.begin(), paths.end());
  std::vector<Chip> chips;
  for (const auto& path : paths) {
    auto chip = open_gpio_chip(path);
    if (chip)
      chips.push_back(std::move(*chip));
    else if (chip.error() == EACCES || chip.error() == EPERM)
      denied = path;
  }
  return chips;
}

tl::unexpected<Error> not_found(const std::string& denied, std::string detail) {
  if (!denied.empty()) return tl::unexpected(kernel_error(EACCES, denied));
  return fail(Errc::gone, std::move(detail));
}

bool is_called(const GpioChip& chip, const std::string& name) { return name == chip.label() || name == chip.name(); }

Result<Chip> open_chip(const std::string& name) {
  if (name.starts_with('/')) {
    auto chip = open_gpio_chip(name);
    if (!chip) return tl::unexpected(kernel_error(chip.error(), name));
    return std::move(*chip);
  }
  std::string denied;
  for (auto& candidate : open_chips(denied))
    if (is_called(*candidate, name)) return std::move(candidate);
  return not_found(denied, fmt::format("no GPIO chip is labelled or called \"{}\"", name));
}

/// A line of a chip, not yet opened for requests.
struct Place {
  std::string chip_name;
  std::string chip_label;
  unsigned offset;
  std::string line_name;
  /// "gpiochip0 line 73", and the line's name where it has one.
  [[nodiscard]] std::string words() const {
    const auto place = fmt::format("{} line {}", chip_name, offset);
    return line_name.empty() ? place : fmt::format("{} \"{}\"", place, line_name);
  }
};

Result<Place> place_by_offset(const LineId& id) {
  B2M_ASSIGN(const auto chip, open_chip(id.chip));
  if (id.offset >= chip->lines())
    return fail(Errc::out_of_range, fmt::format("{} has lines 0 to {}, not {}", id.chip, chip->lines() - 1, id.offset));
  const auto info = chip->line(id.offset);
  if (!info) return tl::unexpected(kernel_error(info.error(), fmt::format("{} line {}", id.chip, id.offset)));
  return Place{chip->name(), chip->label(), id.offset, info->name};
}

/// A name that two lines have means neither.
Result<Place> place_by_name(const LineId& id) {
  std::string denied;
  std::vector<Place> found;
  for (const auto& chip : open_chips(denied)) {
    if (!id.chip.empty() && !is_called(*chip, id.chip)) continue;
    for (unsigned offset = 0; offset < chip->lines(); ++offset)
      if (const auto info = chip->line(offset); info && info->name == id.name)
        found.push_back({chip->name(), chip->label(), offset, id.name});
  }
  if (found.empty()) return not_found(denied, fmt::format("no GPIO line is named \"{}\"", id.name));
  if (found.size() > 1)
    return fail(Errc::out_of_range, fmt::format("\"{}\" is the name of two lines: {} and {}; write one as chip:number",
                                                id.name, found[0].words(), found[1].words()));
  return found[0];
}

Result<Place> find_place(const LineId& id) { return id.by_name() ? place_by_name(id) : place_by_offset(id); }

Result<ChipLine> find_line(const LineId& id) {
  B2M_ASSIGN(const auto place, find_place(id));
  const auto path = "/dev/" + place.chip_name;
  FileDescriptor chip(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!chip) return tl::unexpected(kernel_error(errno, path));
  return ChipLine{std::move(chip), place.chip_label, place.offset, place.words()};
}

/// Whether a LED of the LED class is called so: the kernel holds its line under the LED's name.
bool is_led(const std::string& holder) {
  std::error_code error;
  return !holder.empty() && std::filesystem::exists(std::string(led_class) + "/" + holder, error);
}

Error request_error(int error, const ChipLine& line) {
  if (error == EBUSY) {
    const auto info = look_at(line);
    const std::string holder = info ? info->consumer : "";
    return {Errc::busy, fmt::format("{} is {}", line.words, explain_holder(holder, is_led(holder)))};
  }
  auto result = kernel_error(error, line.words);
  if (error == EINVAL || error == ENXIO)
    result.code = Errc::unsupported;  // no interrupt, or the controller has no such bias
  return result;
}

/// What was granted, or the refusal in words.
template <class T>
Result<T> explained(Granted<T> granted, const ChipLine& line) {
  if (!granted) return tl::unexpected(request_error(granted.error(), line));
  return std::move(*granted);
}

class FoundKernelLine final : public FoundLine {
 public:
  explicit FoundKernelLine(ChipLine line) : line_(std::move(line)) {}

  Result<std::unique_ptr<InputLine>> request_input(const InputSettings& settings) override {
    return explained(request_input_line(line_, settings), line_);
  }
  Result<std::unique_ptr<OutputLine>> request_output(const OutputSettings& settings) override {
    NoLineKeeper nobody;
    return explained(request_output_line(line_, settings, nobody), line_);
  }

 private:
  ChipLine line_;
};

class LinuxLineFinder final : public LineFinder {
 public:
  Result<std::unique_ptr<FoundLine>> find(const LineId& id) override {
    B2M_ASSIGN(auto line, find_line(id));
    return std::make_unique<FoundKernelLine>(std::move(line));
  }
};

class LinuxGpioPort final : public GpioPort {
 public:
  explicit LinuxGpioPort(std::shared_ptr<LineKeeper> keeper) : keeper_(std::move(keeper)) {}
  Result<std::unique_ptr<InputLine>> request_input(const LineId& id, const InputSettings& settings) override {
    B2M_ASSIGN(const auto line, find_line(id));
    return explained(request_input_line(line, settings), line);
  }
  Result<std::unique_ptr<OutputLine>> request_output(const LineId& id, const OutputSettings& settings) override {
    B2M_ASSIGN(const auto line, find_line(id));
    return explained(request_output_line(line, settings, *keeper_), line);
  }
  void forget_outputs_but(const std::vector<LineId>& outputs) override {
    std::vector<std::string> wanted;
    for (const auto& id : outputs)
      if (const auto line = find_line(id)) wanted.push_back(place_of(*line));
    keeper_->forget_but(wanted);
  }

 private:
  std::shared_ptr<LineKeeper> keeper_;
};

class LinuxGpioInspector final : public GpioInspector {
 public:
  GpioView look() override {
    GpioView view;
    std::string denied;
    for (const auto& chip : open_chips(denied)) {
      auto& info = view.chips.emplace_back(GpioChipInfo{chip->name(), chip->label(), {}});
      for (unsigned offset = 0; offset < chip->lines(); ++offset)
        info.lines.push_back(chip->line(offset).value_or(GpioLineInfo{}));
    }
    if (!denied.empty()) view.denied = kernel_error(EACCES, denied);
    return view;
  }
};

}  // namespace

std::unique_ptr<GpioPort> make_gpio_port(std::shared_ptr<LineKeeper> keeper) {
  return std::make_unique<LinuxGpioPort>(std::move(keeper));
}
std::unique_ptr<LineFinder> make_line_finder() { return std::make_unique<LinuxLineFinder>(); }
std::unique_ptr<GpioInspector> make_gpio_inspector() { return std::make_unique<LinuxGpioInspector>(); }

}  // namespace b2m

// libgpiod 1.6: the only file that knows its API.
#include <fcntl.h>
#include <fmt/format.h>
#include <gpiod.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "daemon/board/line_holder.hpp"
#include "daemon/io/file_descriptor.hpp"
#include "daemon/io/kernel_edges.hpp"
#include "daemon/io/kernel_error.hpp"
#include "daemon/io/linux_gpio.hpp"
#include "daemon/io/output_line.hpp"

namespace b2m {
namespace {

struct CloseChip {
  void operator()(gpiod_chip* chip) const { gpiod_chip_close(chip); }
};
using Chip = std::unique_ptr<gpiod_chip, CloseChip>;

/// A line and the chip that must outlive it; gives the chip back.
class Line {
 public:
  Line(Chip chip, gpiod_line* line) : chip_(std::move(chip)), line_(line) {}
  [[nodiscard]] gpiod_line* get() const noexcept { return line_; }
  /// "gpiochip0 line 73", and the line's name where it has one.
  [[nodiscard]] std::string place() const {
    const char* name = gpiod_line_name(line_);
    const auto place = fmt::format("{} line {}", gpiod_chip_name(chip_.get()), gpiod_line_offset(line_));
    return name != nullptr ? fmt::format("{} \"{}\"", place, name) : place;
  }
  [[nodiscard]] std::string chip_path() const { return fmt::format("/dev/{}", gpiod_chip_name(chip_.get())); }
  [[nodiscard]] ChipLine chip_line() const {
    return {.chip_path = chip_path(),
            .chip_label = gpiod_chip_label(chip_.get()),
            .offset = gpiod_line_offset(line_),
            .words = place()};
  }

 private:
  Chip chip_;
  gpiod_line* line_;
};

/// Every chip that can be opened. `denied` names one that could not for want of permission.
std::vector<Chip> open_chips(std::string& denied) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/dev", error), end; !error && at != end; at.increment(error))
    if (at->path().filename().string().starts_with("gpiochip") && !at->is_symlink(error)) paths.push_back(at->path());
  std::sort(paths.begin(), paths.end());
  std::vector<Chip> chips;
  for (const auto& path : paths) {
    Chip chip(gpiod_chip_open(path.c_str()));
    if (!chip && (errno == EACCES || errno == EPERM)) denied = path;
    if (chip) chips.push_back(std::move(chip));
  }
  return chips;
}

tl::unexpected<Error> not_found(const std::string& denied, std::string detail) {
  if (!denied.empty()) return tl::unexpected(kernel_error(EACCES, denied));
  return fail(Errc::gone, std::move(detail));
}

Result<Chip> open_path(const std::string& path) {
  Chip chip(gpiod_chip_open(path.c_str()));
  if (!chip) return tl::unexpected(kernel_error(errno, path));
  return chip;
}

Result<Chip> open_chip(const std::string& chip) {
  if (chip.starts_with('/')) return open_path(chip);
  std::string denied;
  for (auto& candidate : open_chips(denied))
    if (chip == gpiod_chip_label(candidate.get()) || chip == gpiod_chip_name(candidate.get()))
      return std::move(candidate);
  return not_found(denied, fmt::format("no GPIO chip is labelled or called \"{}\"", chip));
}

Result<Line> line_by_offset(const LineId& id) {
  B2M_ASSIGN(auto chip, open_chip(id.chip));
  const unsigned lines = gpiod_chip_num_lines(chip.get());
  if (id.offset >= lines)
    return fail(Errc::out_of_range, fmt::format("{} has lines 0 to {}, not {}", id.chip, lines - 1, id.offset));
  auto* line = gpiod_chip_get_line(chip.get(), id.offset);
  if (line == nullptr) return tl::unexpected(kernel_error(errno, fmt::format("{} line {}", id.chip, id.offset)));
  return Line(std::move(chip), line);
}

/// A name that two lines have means neither.
Result<Line> line_by_name(const LineId& id) {
  std::string denied;
  std::vector<Line> found;
  for (auto& chip : open_chips(denied)) {
    if (!id.chip.empty() && id.chip != gpiod_chip_label(chip.get()) && id.chip != gpiod_chip_name(chip.get())) continue;
    auto* line = gpiod_chip_find_line(chip.get(), id.name.c_str());
    if (line != nullptr) found.emplace_back(std::move(chip), line);
  }
  if (found.empty()) return not_found(denied, fmt::format("no GPIO line is named \"{}\"", id.name));
  if (found.size() > 1)
    return fail(Errc::out_of_range, fmt::format("\"{}\" is the name of two lines: {} and {}; write one as chip:number",
                                                id.name, found[0].place(), found[1].place()));
  return std::move(found[0]);
}

Result<Line> find_line(const LineId& id) { return id.by_name() ? line_by_name(id) : line_by_offset(id); }

/// Who holds the line, in the kernel's word.
std::string holder(gpiod_line* line) {
  if (gpiod_line_update(line) != 0) return {};
  const char* name = gpiod_line_consumer(line);
  return name != nullptr ? name : "";
}

/// Whether a LED of the LED class is called so: the kernel holds its line under the LED's name.
bool is_led(const std::string& holder) {
  std::error_code error;
  return !holder.empty() && std::filesystem::exists(std::string(led_class) + "/" + holder, error);
}

Error request_error(int error, const Line& line) {
  if (error == EBUSY) {
    const auto who = holder(line.get());
    return {Errc::busy, fmt::format("{} is {}", line.place(), explain_holder(who, is_led(who)))};
  }
  auto result = kernel_error(error, line.place());
  if (error == EINVAL || error == ENXIO)
    result.code = Errc::unsupported;  // no interrupt, or the controller has no such bias
  return result;
}

Result<> request(const Line& line, int type, int flags, bool value) {
  const gpiod_line_request_config config{.consumer = line_consumer, .request_type = type, .flags = flags};
  if (gpiod_line_request(line.get(), &config, value ? 1 : 0) == 0) return {};
  return tl::unexpected(request_error(errno, line));
}

Result<bool> level(const Line& line) {
  const int value = gpiod_line_get_value(line.get());
  if (value < 0) return tl::unexpected(kernel_error(errno, line.place()));
  return value == 1;
}

int bias_flag(Bias bias) {
  switch (bias) {
    case Bias::disabled: return GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
    case Bias::pull_up: return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    case Bias::pull_down: return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
    case Bias::as_is: break;
  }
  return 0;
}

/// A line as long as somebody has it requested. Several may look at it, one at a time requests it.
class Request {
 public:
  explicit Request(std::shared_ptr<const Line> line) : line_(std::move(line)) {}
  Request(Request&&) = default;
  Request& operator=(Request&&) = delete;
  ~Request() {
    if (line_) gpiod_line_release(line_->get());
  }
  [[nodiscard]] const Line& line() const noexcept { return *line_; }
  [[nodiscard]] gpiod_line* get() const noexcept { return line_->get(); }

 private:
  std::shared_ptr<const Line> line_;
};

/// The level alone; edges come from the kernel itself (kernel_edges.hpp).
class InputLineV1 final : public InputLine {
 public:
  explicit InputLineV1(Request request) : request_(std::move(request)) {}
  [[nodiscard]] int fd() const override { return -1; }
  Result<std::optional<LineEvent>> next_event() override { return std::nullopt; }
  Result<bool> active() override { return level(request_.line()); }

 private:
  Request request_;
};

class OutputLineV1 final : public OutputLine {
 public:
  explicit OutputLineV1(Request request) : request_(std::move(request)) {}
  Result<bool> active() override { return level(request_.line()); }
  Result<> set(bool active) override {
    if (gpiod_line_set_value(request_.get(), active ? 1 : 0) == 0) return {};
    return tl::unexpected(kernel_error(errno, request_.line().place()));
  }

 private:
  Request request_;
};

class FoundLineV1 final : public FoundLine {
 public:
  explicit FoundLineV1(Line line)
      : line_(std::make_shared<const Line>(std::move(line))),
        chip_(::open(line_->chip_path().c_str(), O_RDWR | O_CLOEXEC)) {}

  Result<std::unique_ptr<InputLine>> request_input(const InputSettings& settings) override {
    if (settings.edges) return edges(settings);
    const int flags = (settings.active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0) | bias_flag(settings.bias);
    B2M_TRY(request(*line_, GPIOD_LINE_REQUEST_DIRECTION_INPUT, flags, false));
    return std::make_unique<InputLineV1>(Request(line_));
  }

  Result<std::unique_ptr<OutputLine>> request_output(const OutputSettings& settings) override {
    const int flags = (settings.active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0) |
                      (settings.open_drain ? GPIOD_LINE_REQUEST_FLAG_OPEN_DRAIN : 0);
    B2M_TRY(request(*line_, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT, flags, settings.initial.value_or(false)));
    return std::make_unique<OutputLineV1>(Request(line_));
  }

 private:
  Result<std::unique_ptr<InputLine>> edges(const InputSettings& settings) {
    auto line = request_edges(chip_.get(), gpiod_line_offset(line_->get()), settings, line_->place());
    if (!line) return tl::unexpected(request_error(line.error(), *line_));
    return std::move(*line);
  }

  std::shared_ptr<const Line> line_;
  FileDescriptor chip_;  ///< opened early: a part that is woken by the line answers within microseconds
};

class LineFinderV1 final : public LineFinder {
 public:
  Result<std::unique_ptr<FoundLine>> find(const LineId& id) override {
    B2M_ASSIGN(auto line, find_line(id));
    return std::make_unique<FoundLineV1>(std::move(line));
  }
};

class GpioPortV1 final : public GpioPort {
 public:
  explicit GpioPortV1(std::shared_ptr<LineKeeper> keeper) : keeper_(std::move(keeper)) {}
  Result<std::unique_ptr<InputLine>> request_input(const LineId& id, const InputSettings& settings) override {
    B2M_ASSIGN(auto line, finder_.find(id));
    return line->request_input(settings);
  }
  Result<std::unique_ptr<OutputLine>> request_output(const LineId& id, const OutputSettings& settings) override {
    B2M_ASSIGN(const auto line, find_line(id));
    auto output = request_output_line(line.chip_line(), settings, *keeper_);
    if (!output) return tl::unexpected(request_error(output.error(), line));
    return std::move(*output);
  }
  void forget_outputs_but(const std::vector<LineId>& outputs) override {
    std::vector<std::string> wanted;
    for (const auto& id : outputs)
      if (const auto line = find_line(id)) wanted.push_back(place_of(line->chip_line()));
    keeper_->forget_but(wanted);
  }

 private:
  std::shared_ptr<LineKeeper> keeper_;
  LineFinderV1 finder_;
};

GpioLineInfo line_info(gpiod_line* line) {
  const auto text = [](const char* value) { return std::string(value != nullptr ? value : ""); };
  return {.name = text(gpiod_line_name(line)),
          .used = gpiod_line_is_used(line),
          .holder = text(gpiod_line_consumer(line)),
          .output = gpiod_line_direction(line) == GPIOD_LINE_DIRECTION_OUTPUT};
}

class GpioInspectorV1 final : public GpioInspector {
 public:
  GpioView look() override {
    GpioView view;
    std::string denied;
    for (const auto& chip : open_chips(denied)) {
      auto& info = view.chips.emplace_back(GpioChipInfo{gpiod_chip_name(chip.get()), gpiod_chip_label(chip.get()), {}});
      for (unsigned offset = 0; offset < gpiod_chip_num_lines(chip.get()); ++offset) {
        auto* line = gpiod_chip_get_line(chip.get(), offset);
        info.lines.push_back(line != nullptr ? line_info(line) : GpioLineInfo{});
      }
    }
    if (!denied.empty()) view.denied = kernel_error(EACCES, denied);
    return view;
  }
};

}  // namespace

std::unique_ptr<GpioPort> make_gpio_port(std::shared_ptr<LineKeeper> keeper) {
  return std::make_unique<GpioPortV1>(std::move(keeper));
}
std::unique_ptr<LineFinder> make_line_finder() { return std::make_unique<LineFinderV1>(); }

std::unique_ptr<GpioInspector> make_gpio_inspector() { return std::make_unique<GpioInspectorV1>(); }

}  // namespace b2m

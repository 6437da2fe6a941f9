// libgpiod 1.6: the only file that knows its API.
#include <gpiod.h>

#include <cerrno>
#include <utility>

#include "daemon/io/gpio_chip.hpp"

namespace b2m {
namespace {

struct CloseChip {
  void operator()(gpiod_chip* chip) const { gpiod_chip_close(chip); }
};

std::string text(const char* value) { return value != nullptr ? value : ""; }

class GpioChipV1 final : public GpioChip {
 public:
  explicit GpioChipV1(gpiod_chip* chip) : chip_(chip) {}
  [[nodiscard]] std::string name() const override { return gpiod_chip_name(chip_.get()); }
  [[nodiscard]] std::string label() const override { return gpiod_chip_label(chip_.get()); }
  [[nodiscard]] unsigned lines() const override { return gpiod_chip_num_lines(chip_.get()); }

  [[nodiscard]] Granted<GpioLineInfo> line(unsigned offset) const override {
    auto* line = gpiod_chip_get_line(chip_.get(), offset);
    // The chip remembers lines that it was asked for before.
    if (line == nullptr || gpiod_line_update(line) != 0) return tl::unexpected(errno);
    return GpioLineInfo{.name = text(gpiod_line_name(line)),
                        .used = gpiod_line_is_used(line),
                        .holder = text(gpiod_line_consumer(line)),
                        .output = gpiod_line_direction(line) == GPIOD_LINE_DIRECTION_OUTPUT};
  }

 private:
  std::unique_ptr<gpiod_chip, CloseChip> chip_;
};

}  // namespace

Granted<std::unique_ptr<GpioChip>> open_gpio_chip(const std::string& path) {
  auto* chip = gpiod_chip_open(path.c_str());
  if (chip == nullptr) return tl::unexpected(errno);
  return std::make_unique<GpioChipV1>(chip);
}

}  // namespace b2m

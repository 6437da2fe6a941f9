// libgpiod 2: the only file that knows its API.
#include <gpiod.h>

#include <cerrno>
#include <utility>

#include "daemon/io/gpio_chip.hpp"

namespace b2m {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Chip = std::unique_ptr<gpiod_chip, Release<gpiod_chip_close>>;
using ChipInfo = std::unique_ptr<gpiod_chip_info, Release<gpiod_chip_info_free>>;
using LineInfo = std::unique_ptr<gpiod_line_info, Release<gpiod_line_info_free>>;

std::string text(const char* value) { return value != nullptr ? value : ""; }

class GpioChipV2 final : public GpioChip {
 public:
  GpioChipV2(Chip chip, ChipInfo info) : chip_(std::move(chip)), info_(std::move(info)) {}
  [[nodiscard]] std::string name() const override { return gpiod_chip_info_get_name(info_.get()); }
  [[nodiscard]] std::string label() const override { return gpiod_chip_info_get_label(info_.get()); }
  [[nodiscard]] unsigned lines() const override {
    return static_cast<unsigned>(gpiod_chip_info_get_num_lines(info_.get()));
  }

  [[nodiscard]] Granted<GpioLineInfo> line(unsigned offset) const override {
    const LineInfo line(gpiod_chip_get_line_info(chip_.get(), offset));
    if (!line) return tl::unexpected(errno);
    return GpioLineInfo{.name = text(gpiod_line_info_get_name(line.get())),
                        .used = gpiod_line_info_is_used(line.get()),
                        .holder = text(gpiod_line_info_get_consumer(line.get())),
                        .output = gpiod_line_info_get_direction(line.get()) == GPIOD_LINE_DIRECTION_OUTPUT};
  }

 private:
  Chip chip_;
  ChipInfo info_;
};

}  // namespace

Granted<std::unique_ptr<GpioChip>> open_gpio_chip(const std::string& path) {
  Chip chip(gpiod_chip_open(path.c_str()));
  if (!chip) return tl::unexpected(errno);
  ChipInfo info(gpiod_chip_get_info(chip.get()));
  if (!info) return tl::unexpected(errno);
  return std::make_unique<GpioChipV2>(std::move(chip), std::move(info));
}

}  // namespace b2m

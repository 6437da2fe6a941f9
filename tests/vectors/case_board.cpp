#include "tests/vectors/case_board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "daemon/sim/port_models.hpp"

namespace b2m::vectors {

Result<> RecordingBus::transfer(std::uint8_t address, std::span<const I2cOp> ops) {
  for (const auto& op : ops)
    if (!op.is_read()) writes_.emplace_back(op.write.begin(), op.write.end());
  return bus_.transfer(address, ops);
}

Result<> build_stream(const Json& given, CaseBoard& board) {
  B2M_ASSIGN(const auto mask, unsigned_member(given, "control_mask", 0xff));
  const auto* channels = member(given, "channels");
  if (!channels || !channels->is_object()) return fail(Errc::out_of_range, "\"channels\" is not an object");
  std::array<std::uint8_t, 256> samples{};
  for (const auto& entry : channels->items()) {
    B2M_ASSIGN(const auto number, parse_unsigned(Json(entry.key()), 0xff));
    B2M_ASSIGN(const Bytes sample, hex_member(*channels, entry.key().c_str()));
    if (sample.size() != 1) return fail(Errc::out_of_range, "a channel is one byte");
    samples[number] = sample[0];
  }
  board.i2c.attach(*board.address,
                   std::make_unique<StreamModel>([samples](unsigned channel) { return samples[channel & 0xff]; },
                                                 static_cast<std::uint8_t>(mask)));
  return {};
}

Result<> build_port(const Json& given, CaseBoard& board) {
  B2M_ASSIGN(const Bytes pins, hex_member(given, "pins"));
  if (pins.size() != 1) return fail(Errc::unsupported, "a port of more than eight pins");
  board.i2c.attach(*board.address, std::make_unique<PortModel>([level = pins[0]] { return level; }));
  return {};
}

Result<> build_files(const Json& given, CaseBoard& board) {
  struct Root {
    std::string_view cls;
    std::string_view path;
  };
  constexpr std::array roots{Root{"w1", "/sys/bus/w1/devices"},   Root{"w1_bus", "/sys/bus/w1/devices"},
                             Root{"hwmon", "/sys/class/hwmon"},   Root{"thermal", "/sys/class/thermal"},
                             Root{"iio", "/sys/bus/iio/devices"}, Root{"proc", ""}};
  B2M_ASSIGN(board.cls, text_member(given, "cls"));
  B2M_ASSIGN(board.directory, text_member(given, "dir"));
  const auto root = std::find_if(roots.begin(), roots.end(), [&](const Root& r) { return r.cls == board.cls; });
  if (root == roots.end()) return fail(Errc::unsupported, fmt::format("sysfs class \"{}\"", board.cls));
  const auto* files = member(given, "files");
  if (!files || !files->is_object()) return fail(Errc::out_of_range, "\"files\" is not an object");
  for (const auto& entry : files->items()) {
    B2M_ASSIGN(std::string content, text_member(*files, entry.key().c_str()));
    board.files.add(fmt::format("{}/{}/{}", root->path, board.directory, entry.key()), std::move(content));
  }
  return {};
}

namespace {

struct Builder {
  std::string_view kind;
  Result<> (*build)(const Json&, CaseBoard&);
};
constexpr std::array builders{Builder{"uart", build_uart},
                              Builder{"spi", build_spi},
                              Builder{"gpio_frame", build_gpio_frame},
                              Builder{"gpio_pulse", build_gpio_pulse},
                              Builder{"gpio_clocked", build_gpio_clocked},
                              Builder{"sysfs", build_files}};

}  // namespace

Result<> build_given(const VectorChip& chip, const VectorCase& one, CaseBoard& board) {
  for (const auto& builder : builders)
    if (one.kind == builder.kind) return builder.build(one.given, board);
  if (!one.kind.starts_with("i2c_")) return fail(Errc::unsupported, fmt::format("no port for {}", one.kind));
  B2M_ASSIGN(const auto address, unsigned_member(one.given, "addr", 0x7f));
  board.address = static_cast<std::uint8_t>(address);
  if (one.kind == "i2c_regs") return build_registers(chip, one.given, board);
  if (one.kind == "i2c_cmd") return build_commands(one.given, board);
  if (one.kind == "i2c_stream") return build_stream(one.given, board);
  if (one.kind == "i2c_port") return build_port(one.given, board);
  return fail(Errc::unsupported, fmt::format("no port for {}", one.kind));
}

}  // namespace b2m::vectors

// VL53L0X: laser distance sensor. STMicroelectronics, VL53L0X datasheet DS11555; since that names few registers, these
// and the settings are those of ST's API (STSW-IMG005, described in UM2039): its reference spads from the chip's own
// memory, its tuning settings (vl53l0x_tuning.h, 02/11/2015 v36), both reference calibrations, its default timing.
// Supported: single ranging with ST's default profile, some 30 ms for a result, up to 2 m indoors. Not supported: long
// range and high accuracy profiles, the API's estimate of the scatter, calibration behind a window, the interrupt,
// another address. The calibrations hold within 8 °C of the temperature at the start (DS11555 §2.6).
#include <fmt/format.h>

#include <array>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x29};

constexpr ChannelSpec specs[] = {{"distance", Quantity::distance, {0, 4}, "±3 to ±6 %, to 2 m indoors"}};

constexpr Model models[] = {{.name = "vl53l0x", .summary = "also VL53L0CX"}};

// The names of the API. Registers without a name are the API's too.
constexpr std::uint8_t sysrange_start = 0x00;
constexpr std::uint8_t system_sequence_config = 0x01;
constexpr std::uint8_t system_interrupt_config_gpio = 0x0a;
constexpr std::uint8_t system_interrupt_clear = 0x0b;
constexpr std::uint8_t result_interrupt_status = 0x13;
constexpr std::uint8_t result_range_status = 0x14;
constexpr std::uint8_t dynamic_spad_num_requested_ref_spad = 0x4e;
constexpr std::uint8_t dynamic_spad_ref_en_start_offset = 0x4f;
constexpr std::uint8_t power_management_go1 = 0x80;
constexpr std::uint8_t gpio_hv_mux_active_high = 0x84;
constexpr std::uint8_t vhv_config_pad_scl_sda_extsup_hv = 0x89;
constexpr std::uint8_t stop_variable = 0x91;
constexpr std::uint8_t global_config_spad_enables_ref_0 = 0xb0;
constexpr std::uint8_t global_config_ref_en_start_select = 0xb6;
constexpr std::uint8_t identification_model_id = 0xc0;
constexpr std::uint8_t page = 0xff;

// The memory of the chip: a word's number is written, a strobe awaited, four bytes read.
constexpr std::uint8_t memory_strobe = 0x83;
constexpr std::uint8_t memory_data = 0x90;
constexpr std::uint8_t memory_word = 0x94;

struct Setting {
  std::uint8_t reg;
  std::uint8_t value;
};

// clang-format off
constexpr Setting tuning[] = {
    {0xff, 0x01}, {0x00, 0x00},
    {0xff, 0x00}, {0x09, 0x00}, {0x10, 0x00}, {0x11, 0x00}, {0x24, 0x01}, {0x25, 0xff}, {0x75, 0x00},
    {0xff, 0x01}, {0x4e, 0x2c}, {0x48, 0x00}, {0x30, 0x20},
    {0xff, 0x00}, {0x30, 0x09}, {0x54, 0x00}, {0x31, 0x04}, {0x32, 0x03}, {0x40, 0x83}, {0x46, 0x25}, {0x60, 0x00},
    {0x27, 0x00}, {0x50, 0x06}, {0x51, 0x00}, {0x52, 0x96}, {0x56, 0x08}, {0x57, 0x30}, {0x61, 0x00}, {0x62, 0x00},
    {0x64, 0x00}, {0x65, 0x00}, {0x66, 0xa0},
    {0xff, 0x01}, {0x22, 0x32}, {0x47, 0x14}, {0x49, 0xff}, {0x4a, 0x00},
    {0xff, 0x00}, {0x7a, 0x0a}, {0x7b, 0x00}, {0x78, 0x21},
    {0xff, 0x01}, {0x23, 0x34}, {0x42, 0x00}, {0x44, 0xff}, {0x45, 0x26}, {0x46, 0x05}, {0x40, 0x40}, {0x0e, 0x06},
    {0x20, 0x1a}, {0x43, 0x40},
    {0xff, 0x00}, {0x34, 0x03}, {0x35, 0x44},
    {0xff, 0x01}, {0x31, 0x04}, {0x4b, 0x09}, {0x4c, 0x05}, {0x4d, 0x04},
    {0xff, 0x00}, {0x44, 0x00}, {0x45, 0x20}, {0x47, 0x08}, {0x48, 0x28}, {0x67, 0x00}, {0x70, 0x04}, {0x71, 0x01},
    {0x72, 0xfe}, {0x76, 0x00}, {0x77, 0x00},
    {0xff, 0x01}, {0x0d, 0x01},
    {0xff, 0x00}, {0x80, 0x01}, {0x01, 0xf8},
    {0xff, 0x01}, {0x8e, 0x01}, {0x00, 0x01},
    {0xff, 0x00}, {0x80, 0x00},
};
// clang-format on

constexpr std::uint8_t every_step = 0xe8;  ///< dynamic choice of spads, pre-range, final range
constexpr std::uint8_t vhv_calibration = 0x01;
constexpr std::uint8_t phase_calibration = 0x02;

// Reference spads: 44 of them, the first 12 without an aperture.
using SpadMap = std::array<std::uint8_t, 6>;
constexpr unsigned spad_count = 44;
constexpr unsigned first_with_aperture = 12;

/// As many of the good spads of one kind as the factory asks for.
Result<SpadMap> choose_spads(const SpadMap& good, unsigned wanted, bool with_aperture) {
  SpadMap chosen{};
  unsigned found = 0;
  for (unsigned spad = with_aperture ? first_with_aperture : 0; spad < spad_count && found < wanted; ++spad) {
    const auto bit = static_cast<std::uint8_t>(1U << spad % 8);
    if ((good[spad / 8] & bit) == 0) continue;
    chosen[spad / 8] |= bit;
    ++found;
  }
  if (found < wanted) return fail(Errc::io, "the chip's memory has no valid choice of reference spads");
  return chosen;
}

Result<std::uint8_t> read_byte(const I2cDevice& device, std::uint8_t reg) {
  std::uint8_t value = 0;
  B2M_TRY(read_registers(device, reg, {&value, 1}));
  return value;
}

Result<> apply(const I2cDevice& device, std::span<const Setting> settings) {
  for (const auto& [reg, value] : settings) B2M_TRY(device.write({reg, value}));
  return {};
}

Result<> set_bits(const I2cDevice& device, std::uint8_t reg, std::uint8_t mask, bool on) {
  B2M_ASSIGN(const std::uint8_t value, read_byte(device, reg));
  return device.write({reg, static_cast<std::uint8_t>(on ? value | mask : value & ~mask)});
}

/// DS11555 §3.2: 0xee and 0xaa stand in registers 0xc0 and 0xc1.
Result<> check_identity(const I2cDevice& device) {
  std::array<std::uint8_t, 2> id{};
  B2M_TRY(read_registers(device, identification_model_id, id));
  if (be16(id.data()) == 0xeeaa) return {};
  return fail(Errc::wrong_chip, fmt::format("register 0xc0 reads 0x{:04x}, expected 0xeeaa", be16(id.data())));
}

/// What the chip thinks of a result; the API's table. Only 11 is a distance.
Result<> check_range_status(std::uint8_t status) {
  const unsigned code = status >> 3 & 0x0f;
  switch (code) {
    case 11: return {};
    case 1:
    case 2:
    case 3: return fail(Errc::io, "the laser or its driver has failed");
    case 4: return fail(Errc::out_of_range, "nothing reflects enough light");
    case 6:
    case 9: return fail(Errc::out_of_range, "the target is beyond the range");
    case 8:
    case 10: return fail(Errc::out_of_range, "the target is too near");
    default: return fail(Errc::out_of_range, fmt::format("no valid distance, status {}", code));
  }
}

/// Worker only.
class Vl53l0x final : public Sensor {
 public:
  explicit Vl53l0x(I2cDevice device) : device_(device) {}
  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(specs); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  enum class Step : std::uint8_t { identity, memory, vhv, phase };

  Result<Progress> step();
  Result<Progress> identify();
  Result<Progress> ask_memory();
  Result<Progress> read_memory();
  Result<> close_memory();
  Result<> set_up();
  Result<> set_spads();
  Result<> calibrate(std::uint8_t kind, std::uint8_t start);
  Result<Progress> after_calibration();
  Result<bool> is_ready() const;
  Result<> clear_result() const;

  I2cDevice device_;
  Step step_ = Step::identity;
  bool identified_ = false;  ///< it may stand in any of its pages since
  std::uint8_t stop_ = 0;    ///< what the chip wants to be told before each measurement
  std::size_t word_ = 0;     ///< of memory_words, asked for now
  std::array<std::uint32_t, 3> words_{};
  bool waiting_ = false;  ///< for the result of a reading
  BoundedWait memory_{1ms, 50, "read its memory"};
  BoundedWait range_{5ms, 100, "finish a measurement"};
};

constexpr std::uint8_t memory_words[] = {0x6b, 0x24, 0x25};  // the choice of spads, then the map of the good ones

Result<Progress> Vl53l0x::init() {
  waiting_ = false;
  auto progress = step();
  if (!progress || !progress->again()) step_ = Step::identity;
  return progress;
}

Result<Progress> Vl53l0x::step() {
  switch (step_) {
    case Step::identity: return identify();
    case Step::memory: return read_memory();
    case Step::vhv:
    case Step::phase: return after_calibration();
  }
  return Progress::done();
}

Result<Progress> Vl53l0x::identify() {
  static constexpr Setting first_page[] = {{page, 0x00}, {power_management_go1, 0x00}, {sysrange_start, 0x00}};
  if (identified_) B2M_TRY(apply(device_, first_page));
  identified_ = false;
  B2M_TRY(check_identity(device_));
  identified_ = true;
  B2M_TRY(set_bits(device_, vhv_config_pad_scl_sda_extsup_hv, 0x01, true));  // pads at 2.8 V, as modules supply them
  static constexpr Setting inside[] = {{0x88, 0x00}, {power_management_go1, 0x01}, {page, 0x01}, {0x00, 0x00}};
  B2M_TRY(apply(device_, inside));
  B2M_ASSIGN(stop_, read_byte(device_, stop_variable));
  B2M_TRY(device_.write({page, 0x06}));
  B2M_TRY(set_bits(device_, memory_strobe, 0x04, true));
  static constexpr Setting open_memory[] = {{page, 0x07}, {0x81, 0x01}, {power_management_go1, 0x01}};
  B2M_TRY(apply(device_, open_memory));
  word_ = 0;
  return ask_memory();
}

Result<Progress> Vl53l0x::ask_memory() {
  B2M_TRY(device_.write({memory_word, memory_words[word_]}));
  B2M_TRY(device_.write({memory_strobe, 0x00}));
  memory_.restart();
  step_ = Step::memory;
  return Progress::again_after(1ms);
}

Result<Progress> Vl53l0x::read_memory() {
  B2M_ASSIGN(const std::uint8_t strobe, read_byte(device_, memory_strobe));
  if (strobe == 0) return memory_.again();
  B2M_TRY(device_.write({memory_strobe, 0x01}));
  std::array<std::uint8_t, 4> bytes{};
  B2M_TRY(read_registers(device_, memory_data, bytes));
  words_[word_] = to_unsigned(bytes, ByteOrder::big_endian);
  if (++word_ < words_.size()) return ask_memory();
  B2M_TRY(close_memory());
  B2M_TRY(set_up());
  B2M_TRY(calibrate(vhv_calibration, 0x41));
  step_ = Step::vhv;
  return Progress::again_after(5ms);
}

Result<> Vl53l0x::close_memory() {
  static constexpr Setting before[] = {{0x81, 0x00}, {page, 0x06}};
  static constexpr Setting after[] = {{page, 0x01}, {0x00, 0x01}, {page, 0x00}, {power_management_go1, 0x00}};
  B2M_TRY(apply(device_, before));
  B2M_TRY(set_bits(device_, memory_strobe, 0x04, false));
  return apply(device_, after);
}

Result<> Vl53l0x::set_up() {
  B2M_TRY(set_spads());
  B2M_TRY(apply(device_, tuning));
  B2M_TRY(device_.write({system_interrupt_config_gpio, 0x04}));  // a new sample
  B2M_TRY(set_bits(device_, gpio_hv_mux_active_high, 0x10, false));
  return clear_result();
}

Result<> Vl53l0x::set_spads() {
  const unsigned wanted = words_[0] >> 8 & 0x7f;
  const bool with_aperture = (words_[0] >> 15 & 1) != 0;
  SpadMap good{};
  for (std::size_t i = 0; i < good.size(); ++i)
    good[i] = static_cast<std::uint8_t>(words_[1 + i / 4] >> (24 - 8 * (i % 4)) & 0xff);
  B2M_ASSIGN(const SpadMap chosen, choose_spads(good, wanted, with_aperture));
  static constexpr Setting selection[] = {{page, 0x01},
                                          {dynamic_spad_ref_en_start_offset, 0x00},
                                          {dynamic_spad_num_requested_ref_spad, spad_count},
                                          {page, 0x00},
                                          {global_config_ref_en_start_select, 0xb4}};
  B2M_TRY(apply(device_, selection));
  return device_.write(
      {global_config_spad_enables_ref_0, chosen[0], chosen[1], chosen[2], chosen[3], chosen[4], chosen[5]});
}

Result<> Vl53l0x::calibrate(std::uint8_t kind, std::uint8_t start) {
  B2M_TRY(device_.write({system_sequence_config, kind}));
  B2M_TRY(device_.write({sysrange_start, start}));
  range_.restart();
  return {};
}

/// The phase calibration follows the one of the voltage, and ranging follows that.
Result<Progress> Vl53l0x::after_calibration() {
  B2M_ASSIGN(const bool ready, is_ready());
  if (!ready) return range_.again();
  B2M_TRY(clear_result());
  B2M_TRY(device_.write({sysrange_start, 0x00}));
  if (step_ == Step::vhv) {
    B2M_TRY(calibrate(phase_calibration, 0x01));
    step_ = Step::phase;
    return Progress::again_after(5ms);
  }
  B2M_TRY(device_.write({system_sequence_config, every_step}));
  return Progress::done();
}

Result<bool> Vl53l0x::is_ready() const {
  B2M_ASSIGN(const std::uint8_t status, read_byte(device_, result_interrupt_status));
  return (status & 0x07) != 0;
}

Result<> Vl53l0x::clear_result() const { return device_.write({system_interrupt_clear, 0x01}); }

Result<Progress> Vl53l0x::trigger() {
  if (!waiting_) {
    const Setting start[] = {{power_management_go1, 0x01}, {page, 0x01},          {0x00, 0x00},
                             {stop_variable, stop_},       {0x00, 0x01},          {page, 0x00},
                             {power_management_go1, 0x00}, {sysrange_start, 0x01}};
    B2M_TRY(apply(device_, start));
    range_.restart();
    waiting_ = true;
    return Progress::again_after(30ms);
  }
  const auto ready = is_ready();
  auto progress = !ready   ? Result<Progress>(tl::unexpected(ready.error()))
                  : *ready ? Result<Progress>(Progress::done())
                           : range_.again();
  waiting_ = progress && progress->again();
  return progress;
}

/// The status, and the distance in mm from the 11th byte on; the API takes 8190 and 8191 mm for no target.
Result<> Vl53l0x::read(Samples& samples) {
  std::array<std::uint8_t, 12> bytes{};
  B2M_TRY(read_registers(device_, result_range_status, bytes));
  B2M_TRY(clear_result());
  const auto valid = check_range_status(bytes[0]);
  const unsigned millimetres = be16(&bytes[10]);
  if (!valid) {
    samples.set(0, tl::unexpected(valid.error()));
  } else if (millimetres >= 8190) {
    samples.set(0, fail(Errc::out_of_range, "the target is beyond the range"));
  } else {
    samples.set(0, millimetres * 1e-3);
  }
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) { return std::make_unique<Vl53l0x>(i2c_device(context)); }

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(check_identity(device));
  return "vl53l0x";
}

}  // namespace

B2M_DRIVER(vl53l0x) = {
    .name = "vl53l0x",
    .summary = "STMicroelectronics VL53L0X laser distance sensor",
    .datasheet = "STMicroelectronics, DS11555; UM2039 and STSW-IMG005",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = specs,
    .every_min = 100ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "vl53l0x", "bus": "i2c-1", "address": "0x29"})",
};

}  // namespace b2m

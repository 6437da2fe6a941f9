#include "daemon/flow/expander_board.hpp"

#include <utility>

#include "daemon/loop/wakeup.hpp"

namespace b2m {
namespace {

/// Worker only, that of the chip's bus.
class ExpanderOutput final : public OutputLine {
 public:
  ExpanderOutput(std::shared_ptr<ExpanderChip> chip, unsigned line, bool active_low)
      : chip_(std::move(chip)), line_(line), active_low_(active_low) {}
  Result<> set(bool active) override { return chip_->drive(line_, active != active_low_); }
  Result<bool> active() override { return chip_->driven(line_) != active_low_; }

 private:
  std::shared_ptr<ExpanderChip> chip_;
  unsigned line_;
  bool active_low_;
};

/// An input that is read when it is asked, by one who may wait.
class ReadOnDemand final : public InputLine {
 public:
  ReadOnDemand(std::shared_ptr<ExpanderChip> chip, unsigned line, bool active_low)
      : chip_(std::move(chip)), line_(line), active_low_(active_low) {}
  [[nodiscard]] int fd() const override { return never_.fd(); }
  Result<std::optional<LineEvent>> next_event() override { return std::optional<LineEvent>(); }
  Result<bool> active() override {
    B2M_ASSIGN(const auto reading, chip_->read());
    return ((reading.levels >> line_ & 1) != 0) != active_low_;
  }

 private:
  std::shared_ptr<ExpanderChip> chip_;
  unsigned line_;
  bool active_low_;
  Wakeup never_;
};

}  // namespace

class ExpanderBoard::Port final : public GpioPort {
 public:
  explicit Port(ExpanderBoard& board) : board_(board) {}

  Result<std::unique_ptr<InputLine>> request_input(const LineId& line, const InputSettings& settings) override {
    const auto chip = board_.chip(line.chip);
    if (!chip) return board_.own_gpio().request_input(line, settings);
    if (source != nullptr) return source->open_input(line, settings);
    return std::make_unique<ReadOnDemand>(chip, line.offset, settings.active_low);
  }

  Result<std::unique_ptr<OutputLine>> request_output(const LineId& line, const OutputSettings& settings) override {
    const auto chip = board_.chip(line.chip);
    if (!chip) return board_.own_gpio().request_output(line, settings);
    B2M_TRY(chip->take(line.offset, settings.initial.value_or(false) != settings.active_low, !settings.initial));
    return std::make_unique<ExpanderOutput>(chip, line.offset, settings.active_low);
  }

  void forget_outputs_but(const std::vector<LineId>& outputs) override {
    board_.own_gpio().forget_outputs_but(outputs);
  }

  ExpanderInputSource* source = nullptr;

 private:
  ExpanderBoard& board_;
};

ExpanderBoard::ExpanderBoard(std::shared_ptr<Board> board, std::span<const ExpanderConfig> expanders)
    : board_(std::move(board)), port_(std::make_unique<Port>(*this)) {
  change(expanders);
}

void ExpanderBoard::change(std::span<const ExpanderConfig> expanders) {
  std::map<std::string, std::shared_ptr<ExpanderChip>> chips;
  for (const auto& config : expanders) {
    auto& chip = chips[config.chip] = this->chip(config.chip);
    if (chip) {
      chip->configure(config);
      continue;
    }
    const auto& driver = *config.driver.driver;
    const auto& traits = driver.models[config.driver.model].expander;
    chip = std::make_shared<ExpanderChip>(config,
                                          driver.make_expander({&board_->i2c(config.bus), config.address}, traits));
  }
  const std::lock_guard lock(mutex_);
  chips_.swap(chips);
}

ExpanderBoard::~ExpanderBoard() = default;

GpioPort& ExpanderBoard::gpio() { return *port_; }

std::shared_ptr<ExpanderChip> ExpanderBoard::chip(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto at = chips_.find(name);
  return at == chips_.end() ? nullptr : at->second;
}

void ExpanderBoard::set_input_source(ExpanderInputSource* source) noexcept { port_->source = source; }

}  // namespace b2m

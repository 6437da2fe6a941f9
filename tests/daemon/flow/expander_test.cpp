// Lines of GPIO expanders on simulated chips: MCP23017 (Microchip DS20001952D, table 3-1).
#include <gtest/gtest.h>

#include "daemon/flow/expander_inputs.hpp"
#include "daemon/sim/register_models.hpp"
#include "daemon/sim/simulated_board.hpp"
#include "drivers/api/registry.hpp"
#include "tests/daemon/flow/flow_fakes.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::run_until;

constexpr std::uint8_t address = 0x20;
constexpr std::size_t iodir = 0x00, gpinten = 0x04, gppu = 0x0c, gpio = 0x12, olat = 0x14;
const LineId interrupt{.chip = "300b000.pinctrl", .offset = 73};

/// An expander on a simulated board, whose chip can be pulled off, put back new, and told what the world does.
class ExpanderTest : public testing::Test {
 protected:
  ExpanderTest() { put_chip(); }

  void put_chip() {
    ByteRegisterModel::Registers registers{};
    registers[iodir] = registers[iodir + 1] = 0xff;
    auto model = std::make_unique<ByteRegisterModel>(
        registers, ByteRegisterModel::Behaviour{.refresh = [this](auto& bytes) { show_pins(bytes); },
                                                .written =
                                                    [this](auto&, auto reg, auto value) {
                                                      written.push_back({reg, value});
                                                    }});
    chip = model.get();
    board->simulated_i2c("i2c-1").attach(address, std::move(model));
  }
  void pull_chip() { board->simulated_i2c("i2c-1").detach(address); }

  void show_pins(ByteRegisterModel::Registers& bytes) {
    ++looks;
    for (std::size_t port = 0; port < 2; ++port)
      bytes[gpio + port] = static_cast<std::uint8_t>((bytes[olat + port] & ~bytes[iodir + port]) |
                                                     ((outside.load() >> (8 * port)) & bytes[iodir + port]));
  }

  ExpanderConfig config(std::uint16_t outputs, std::uint16_t inputs) const {
    return {.chip = "mcp23017@i2c-1:0x20",
            .driver = *find_driver("mcp23017"),
            .bus = "i2c-1",
            .address = address,
            .outputs = outputs,
            .inputs = inputs,
            .poll = 1ms};
  }
  void build(const ExpanderConfig& wanted) {
    configs = {wanted};
    expanders = std::make_shared<ExpanderBoard>(board, configs);
  }
  void follow() {
    followed.emplace(loop, configs, expanders, [this](const std::string& name) -> Bus& {
      EXPECT_EQ(name, "i2c-1");
      return bus;
    });
    followed->start();
  }
  /// One input, which is read when the interrupt line falls, and hardly ever by itself. What it was configured with.
  ExpanderConfig follow_an_interrupt() {
    auto wanted = config(0, 0x0020);
    wanted.interrupt_line = interrupt;
    wanted.poll = 1h;
    build(wanted);
    board->simulated_gpio().drive(interrupt, true);
    follow();
    return wanted;
  }
  void change(const ExpanderConfig& wanted) {
    configs = {wanted};
    expanders->change(configs);
    if (!followed) return;
    followed->change(configs);
    followed->start();
  }
  static LineId line(unsigned number) { return {.chip = "mcp23017@i2c-1:0x20", .offset = number}; }
  std::unique_ptr<InputLine> open(unsigned number, bool active_low = false) {
    bool known = false;
    followed->when_known({{"line", line(number)}}, [&] { known = true; });
    EXPECT_TRUE(run_until(loop, [&] { return known; }));
    auto opened = expanders->gpio().request_input(line(number), {.active_low = active_low});
    EXPECT_TRUE(opened) << to_string(opened.error());
    return opened ? std::move(*opened) : nullptr;
  }
  std::unique_ptr<OutputLine> take(unsigned number, OutputSettings settings = {}) {
    auto taken = expanders->gpio().request_output(line(number), settings);
    EXPECT_TRUE(taken) << to_string(taken.error());
    return taken ? std::move(*taken) : nullptr;
  }
  [[nodiscard]] std::uint8_t reg(std::size_t number) const { return chip->registers()[number]; }

  std::atomic<unsigned> outside = 0;
  std::atomic<unsigned> looks = 0;  ///< at its registers
  std::vector<std::pair<std::uint8_t, std::uint8_t>> written;
  std::shared_ptr<SimulatedBoard> board =
      std::make_shared<SimulatedBoard>(SimulatedBoard::Settings{.inputs = SimulatedGpio::Inputs::driven});
  ByteRegisterModel* chip = nullptr;
  EventLoop loop;
  std::vector<ExpanderConfig> configs;
  std::shared_ptr<ExpanderBoard> expanders;
  Bus bus{loop, "i2c-1"};
  std::optional<ExpanderInputs> followed;
};

TEST_F(ExpanderTest, ALinesChangeLeavesTheOthersAlone) {
  build(config(0x0003, 0));
  const auto first = take(0, {.initial = true});
  const auto second = take(1);
  ASSERT_TRUE(second->set(true));
  EXPECT_EQ(reg(olat) & 0x03, 0x03);
  ASSERT_TRUE(first->set(false));
  EXPECT_EQ(reg(olat) & 0x03, 0x02);
  EXPECT_EQ(reg(iodir), 0xfc);
  EXPECT_FALSE(first->active().value());
  EXPECT_TRUE(second->active().value());
}

TEST_F(ExpanderTest, TheLevelIsLatchedBeforeTheLineIsDriven) {
  build(config(0x0001, 0));
  const auto relay = take(0, {.active_low = true});
  unsigned latched = 0;
  for (const auto& [number, value] : written) {
    if (number == olat) latched = value;
    EXPECT_TRUE(number != iodir || (value & 1) == 1 || (latched & 1) == 1) << "an idle active-low relay is high";
  }
  EXPECT_EQ(reg(iodir), 0xfe);
}

TEST_F(ExpanderTest, AnOutputNobodyHasTakenYetStaysAsItIsFound) {
  build(config(0x0003, 0));
  { const auto both = std::pair(take(0, {.initial = true}), take(1, {.initial = true})); }
  build(config(0x0003, 0));  // the daemon starts again, the chip had no reason to
  written.clear();
  const auto first = take(0, {.initial = true});
  for (const auto& [number, value] : written) EXPECT_TRUE(number != iodir || value == 0xfc) << value;
  EXPECT_EQ(reg(olat) & 0x03, 0x03);
}

TEST_F(ExpanderTest, KeepGoesOnWithTheLevelThatIsDriven) {
  build(config(0x0001, 0));
  take(0, {.initial = true});
  build(config(0x0001, 0));
  EXPECT_TRUE(take(0, {.initial = std::nullopt})->active().value());
  EXPECT_EQ(reg(olat) & 0x01, 0x01);
}

TEST_F(ExpanderTest, AChipThatComesBackIsSetUpAgainWithWhatItDrove) {
  build(config(0x0003, 0x0100));
  const auto first = take(0, {.initial = true});
  const auto second = take(1);
  pull_chip();
  EXPECT_EQ(second->set(true).error().code, Errc::no_ack);
  EXPECT_FALSE(second->active().value()) << "what failed is not carried out later";
  put_chip();
  ASSERT_TRUE(expanders->chip("mcp23017@i2c-1:0x20")->read());
  EXPECT_EQ(reg(iodir), 0xfc);
  EXPECT_EQ(reg(olat) & 0x03, 0x01);
  EXPECT_EQ(reg(gpinten + 1), 0x01);
}

TEST_F(ExpanderTest, AResetThatNobodySawIsFoundByTheNextCommand) {
  build(config(0x0003, 0));
  const auto first = take(0, {.initial = true});
  const auto second = take(1);
  put_chip();
  ASSERT_TRUE(second->set(true));
  EXPECT_EQ(reg(iodir), 0xfc);
  EXPECT_EQ(reg(olat) & 0x03, 0x03);
}

TEST_F(ExpanderTest, APolledInputTellsItsChanges) {
  auto wanted = config(0, 0x0020);
  wanted.pull_ups = 0x0020;
  build(wanted);
  follow();
  const auto door = open(5, /*active_low=*/true);
  EXPECT_EQ(reg(gppu), 0x20);
  EXPECT_TRUE(door->active().value());
  outside = 0x0020;
  std::optional<LineEvent> event;
  ASSERT_TRUE(run_until(loop, [&] { return (event = door->next_event().value()).has_value(); }));
  EXPECT_FALSE(event->active);
  EXPECT_LE(event->time, SteadyClock::now());
  EXPECT_FALSE(door->active().value());
}

TEST_F(ExpanderTest, AnInterruptHasTheChipRead) {
  follow_an_interrupt();
  const auto door = open(5);
  ASSERT_TRUE(run_until(loop, [&] { return board->simulated_gpio().level(interrupt).has_value(); }));
  outside = 0x0020;
  board->simulated_gpio().drive(interrupt, false);
  std::optional<LineEvent> event;
  ASSERT_TRUE(run_until(loop, [&] { return (event = door->next_event().value()).has_value(); }));
  EXPECT_TRUE(event->active);
}

TEST_F(ExpanderTest, AChipThatIsLostIsTheErrorOfItsInputs) {
  build(config(0, 0x0001));
  follow();
  const auto door = open(0);
  pull_chip();
  Result<std::optional<LineEvent>> event = std::nullopt;
  ASSERT_TRUE(run_until(loop, [&] { return !(event = door->next_event()); }));
  EXPECT_EQ(event.error().code, Errc::no_ack);
  EXPECT_EQ(expanders->gpio().request_input(line(0), {}).error().code, Errc::no_ack);
  put_chip();
  ASSERT_TRUE(run_until(loop, [&] { return expanders->gpio().request_input(line(0), {}).has_value(); }));
}

// ---- another configuration ----

TEST_F(ExpanderTest, AnInputThatIsNewIsSetUpAndAnOutputThatStaysIsNotTouched) {
  build(config(0x0001, 0));
  const auto relay = take(0, {.initial = true});
  auto wanted = config(0x0001, 0x0020);
  wanted.pull_ups = 0x0020;
  change(wanted);
  follow();
  const auto door = open(5);
  EXPECT_EQ(reg(gppu), 0x20);
  EXPECT_EQ(reg(olat) & 0x01, 0x01);
  ASSERT_TRUE(relay->set(false));
  EXPECT_EQ(reg(olat) & 0x01, 0x00);
}

TEST_F(ExpanderTest, AnInputThatStaysGoesOnToTell) {
  build(config(0, 0x0020));
  follow();
  const auto door = open(5);
  change(config(0, 0x0060));
  outside = 0x0020;
  std::optional<LineEvent> event;
  EXPECT_TRUE(run_until(loop, [&] { return (event = door->next_event().value()).has_value(); }));
}

TEST_F(ExpanderTest, AnotherPaceIsThatOfTheNextReadOn) {
  auto wanted = follow_an_interrupt();
  const auto door = open(5);
  wanted.poll = 1ms;
  change(wanted);
  board->simulated_gpio().drive(interrupt, false);
  board->simulated_gpio().drive(interrupt, true);
  const unsigned before = looks;
  EXPECT_TRUE(run_until(loop, [&] { return looks > before + 20; })) << "without another interrupt";
}

TEST_F(ExpanderTest, AnInterruptLineThatIsNoLongerConfiguredIsFree) {
  auto wanted = config(0, 0x0020);
  wanted.interrupt_line = interrupt;
  build(wanted);
  follow();
  static_cast<void>(open(5));
  EXPECT_FALSE(board->gpio().request_input(interrupt, {}));
  wanted.interrupt_line.reset();
  change(wanted);
  EXPECT_TRUE(board->gpio().request_input(interrupt, {}));
}

TEST_F(ExpanderTest, WithoutALoopAnInputIsReadWhenItIsAsked) {
  build(config(0, 0x0001));
  outside = 0x0001;
  const auto door = expanders->gpio().request_input(line(0), {});
  ASSERT_TRUE(door);
  EXPECT_TRUE((*door)->active().value());
  outside = 0;
  EXPECT_FALSE((*door)->active().value());
}

TEST_F(ExpanderTest, LinesOfTheBoardArePassedOn) {
  build(config(0, 0x0001));
  const LineId own{.chip = "300b000.pinctrl", .offset = 72};
  const auto relay = expanders->gpio().request_output(own, {.initial = true});
  ASSERT_TRUE(relay);
  EXPECT_EQ(board->simulated_gpio().level(own), true);
}

}  // namespace
}  // namespace b2m

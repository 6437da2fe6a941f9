// What every polled driver keeps while its bus misbehaves. Nothing here names a driver: the cases are those of
// tests/vectors, and a driver that has none there fails the first test.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "drivers/api/registry.hpp"
#include "drivers/engine/checksum.hpp"
#include "tests/conformance/bounded_step.hpp"
#include "tests/fakes/poll_once.hpp"
#include "tests/vectors/case_rig.hpp"

namespace b2m {
namespace {

using vectors::CaseRig;
using vectors::Disturbance;
using vectors::GoodCase;
using vectors::Outcome;
using vectors::Transfer;

/// The drivers that turn something outside the program into values at regular times.
std::vector<const DriverInfo*> polled_drivers() {
  std::vector<const DriverInfo*> found;
  for (const auto* driver : all_drivers())
    if (driver->make_sensor && driver->bus != BusKind::none) found.push_back(driver);
  return found;
}

class PolledDriver : public testing::TestWithParam<const DriverInfo*> {
 protected:
  [[nodiscard]] static const DriverInfo& driver() { return *GetParam(); }

  /// Calls `test` with each case of the driver.
  template <class Test>
  static void for_each_case(Test test) {
    for (const auto& good : vectors::good_cases()) {
      if (good.driver != &driver()) continue;
      SCOPED_TRACE(good.one->id);
      test(good);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Drivers, PolledDriver, testing::ValuesIn(polled_drivers()),
                         [](const auto& param) { return std::string(param.param->name); });

std::unique_ptr<CaseRig> rig_of(const GoodCase& good) { return CaseRig::make(*good.chip, *good.one).value(); }

/// What the case reads when nothing is wrong, and how often the wire was used.
struct Undisturbed {
  Outcome outcome;
  std::vector<Transfer> transfers;
};
Undisturbed read_undisturbed(const GoodCase& good) {
  const auto rig = rig_of(good);
  rig->wire().watch();
  auto outcome = vectors::read_sensor(rig->sensor());
  return {std::move(outcome), rig->wire().transfers()};
}

bool has_failed(const Outcome& outcome) {
  return outcome.init_error || outcome.read_error ||
         std::any_of(outcome.values.begin(), outcome.values.end(), [](const auto& value) { return !value; });
}

bool has_failed_with(const Outcome& outcome, Errc code) {
  const auto is = [code](const auto& error) { return error && error->code == code; };
  return is(outcome.init_error) || is(outcome.read_error) ||
         std::any_of(outcome.values.begin(), outcome.values.end(),
                     [code](const auto& value) { return !value && value.error().code == code; });
}

/// Whether each value that there is, is the one of `right`.
testing::AssertionResult has_no_other_value(const Outcome& outcome, const Outcome& right) {
  for (std::size_t i = 0; i < outcome.values.size(); ++i) {
    const auto& value = outcome.values[i];
    if (value && (i >= right.values.size() || value != right.values[i]))
      return testing::AssertionFailure() << outcome.channels[i].key << " reads " << *value;
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult is_the_same(const Outcome& outcome, const Outcome& right) {
  if (outcome.init_error) return testing::AssertionFailure() << "init: " << to_string(*outcome.init_error);
  if (outcome.read_error) return testing::AssertionFailure() << "read: " << to_string(*outcome.read_error);
  if (outcome.values.size() != right.values.size()) return testing::AssertionFailure() << "other channels";
  for (std::size_t i = 0; i < outcome.values.size(); ++i)
    if (outcome.values[i].has_value() != right.values[i].has_value())
      return testing::AssertionFailure() << outcome.channels[i].key << " is another";
  return has_no_other_value(outcome, right);
}

/// The error that says that the part is not there; a driver may know places where that is in order.
Errc absence(BusKind bus) { return bus == BusKind::i2c ? Errc::no_ack : Errc::gone; }

TEST_P(PolledDriver, HasACaseWithANamedSource) {
  std::size_t cases = 0;
  for_each_case([&](const GoodCase& good) {
    ++cases;
    EXPECT_GE(good.one->source.size(), 10u) << "\"source\" names the document or the recording";
  });
  EXPECT_GT(cases, 0u) << "no case of tests/vectors gives values with this driver: add tests/vectors/chips/"
                       << driver().name << ".json";
}

TEST_P(PolledDriver, GivesAnErrorAndNoValueWhenATransferFailsAndRecoversByInit) {
  for_each_case([](const GoodCase& good) {
    const auto right = read_undisturbed(good);
    for (const auto code : {absence(driver().bus), Errc::timeout, Errc::io}) {
      for (std::size_t i = 0; i < right.transfers.size(); ++i) {
        SCOPED_TRACE("transfer " + std::to_string(i) + " fails with " + std::string(name(code)));
        const auto rig = rig_of(good);
        rig->wire().watch(Disturbance{.transfer = i, .error = code});
        const auto outcome = vectors::read_sensor(rig->sensor());
        EXPECT_TRUE(has_no_other_value(outcome, right.outcome));
        EXPECT_TRUE(has_failed(outcome) || code == absence(driver().bus));
        rig->wire().watch();
        EXPECT_TRUE(is_the_same(vectors::read_sensor(rig->sensor()), right.outcome)) << "after init()";
      }
    }
  });
}

TEST_P(PolledDriver, CanBeInitialisedAgainAtAnyTime) {
  for_each_case([](const GoodCase& good) {
    const auto right = read_undisturbed(good);
    const auto rig = rig_of(good);
    EXPECT_TRUE(run_step(rig->sensor(), &Sensor::init));
    EXPECT_TRUE(run_step(rig->sensor(), &Sensor::init));
    EXPECT_TRUE(run_step(rig->sensor(), &Sensor::trigger));
    EXPECT_TRUE(is_the_same(vectors::read_sensor(rig->sensor()), right.outcome)) << "after a conversion";
    EXPECT_TRUE(rig->sensor().trigger());
    EXPECT_TRUE(is_the_same(vectors::read_sensor(rig->sensor()), right.outcome)) << "in the midst of a conversion";
  });
}

TEST_P(PolledDriver, ReadsTheSameAgainAndAgain) {
  for_each_case([](const GoodCase& good) {
    const auto rig = rig_of(good);
    const auto first = vectors::read_sensor(rig->sensor());
    for (int i = 0; i < 3; ++i) {
      const auto poll = poll_again(rig->sensor());
      ASSERT_TRUE(poll) << to_string(poll.error());
      for (std::size_t channel = 0; channel < first.values.size(); ++channel) {
        if (!first.values[channel]) continue;
        EXPECT_EQ(poll->samples[channel], first.values[channel]) << first.channels[channel].key;
      }
    }
  });
}

/// Checksums that cover what is read once at the start alone, such as calibration words.
bool covers_the_start_alone(const std::string& scope) { return scope.find("PROM") != std::string::npos; }

/// The transfers of a case whose answers are checked.
std::size_t checked_transfers(const GoodCase& good, const Undisturbed& right) {
  if (!covers_the_start_alone(*good.chip->checksum_scope)) return right.transfers.size();
  const auto rig = rig_of(good);
  rig->wire().watch();
  EXPECT_TRUE(run_step(rig->sensor(), &Sensor::init));
  return rig->wire().transfers().size();
}

/// A part that speaks by itself is heard again after a damaged frame, so only damage that lasts must be told.
TEST_P(PolledDriver, GivesNoOtherValueForAnyWrongBitOfACheckedAnswer) {
  for_each_case([](const GoodCase& good) {
    if (!good.chip->checksum_scope || driver().bus == BusKind::w1) return;  // of 1-Wire, the kernel checks
    const auto right = read_undisturbed(good);
    const auto checked = checked_transfers(good, right);
    bool told = false;
    for (std::size_t i = 0; i < checked; ++i) {
      for (std::size_t bit = 0; bit < right.transfers[i].damageable; ++bit) {
        for (const bool lasting : {false, true}) {
          SCOPED_TRACE("transfer " + std::to_string(i) + ", bit " + std::to_string(bit));
          const auto rig = rig_of(good);
          rig->wire().watch(Disturbance{.transfer = i, .wrong_bit = bit, .lasting = lasting});
          const auto outcome = vectors::read_sensor(rig->sensor());
          EXPECT_TRUE(lasting || has_no_other_value(outcome, right.outcome));
          told = told || has_failed_with(outcome, Errc::checksum);
        }
      }
    }
    EXPECT_TRUE(told) << "no damage was told as `checksum`";
  });
}

TEST_P(PolledDriver, AsksForBoundedPauses) {
  for_each_case([](const GoodCase& good) {
    const auto rig = rig_of(good);
    EXPECT_TRUE(expect_bounded(rig->sensor(), &Sensor::init));
    EXPECT_TRUE(expect_bounded(rig->sensor(), &Sensor::trigger));
  });
}

/// The drivers that can tell their part from others.
class IdentifiedDriver : public PolledDriver {
 protected:
  /// Calls `test` with each case whose part has an identity: some parts of a family may have none.
  template <class Test>
  static void for_each_identified_case(Test test) {
    std::size_t cases = 0;
    for_each_case([&](const GoodCase& good) {
      const auto rig = rig_of(good);
      const auto found = driver().probe(rig->device());
      if (!found && found.error().code == Errc::wrong_chip) return;
      ++cases;
      ASSERT_TRUE(found) << to_string(found.error());
      test(good, *found);
    });
    EXPECT_GT(cases, 0u) << "no case of a part with an identity";
  }
};

std::vector<const DriverInfo*> identified_drivers() {
  auto found = polled_drivers();
  std::erase_if(found, [](const DriverInfo* driver) { return driver->probe == nullptr; });
  return found;
}

INSTANTIATE_TEST_SUITE_P(Drivers, IdentifiedDriver, testing::ValuesIn(identified_drivers()),
                         [](const auto& param) { return std::string(param.param->name); });

TEST_P(IdentifiedDriver, NamesItsPart) {
  for_each_identified_case([](const GoodCase&, std::string_view found) {
    const bool known = std::any_of(driver().models.begin(), driver().models.end(),
                                   [&](const Model& model) { return model.name == found; });
    EXPECT_TRUE(found == driver().name || known) << found;
  });
}

/// Inverts one answer whole: whatever the identity is, it is another then. `checked_words`: their checksums are put
/// right.
class OtherPart final : public I2cBus {
 public:
  OtherPart(I2cBus& bus, std::size_t inverted, bool checked_words)
      : bus_(bus), inverted_(inverted), checked_words_(checked_words) {}
  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override {
    auto result = bus_.transfer(address, ops);
    if (transfers_++ == inverted_)
      for (const auto& op : ops) invert(op.read);
    return result;
  }

 private:
  void invert(std::span<std::uint8_t> answer) const {
    for (auto& byte : answer) byte = static_cast<std::uint8_t>(~byte);
    for (std::size_t i = 2; checked_words_ && i < answer.size(); i += 3)
      answer[i] = crc8_sensirion(answer.subspan(i - 2, 2));
  }

  I2cBus& bus_;
  std::size_t inverted_;
  bool checked_words_;
  std::size_t transfers_ = 0;
};

/// A part that has nothing of its own but a serial number is known by the checksums of that alone.
bool is_refusal(const Result<std::string_view>& found) {
  return !found && (found.error().code == Errc::wrong_chip || found.error().code == Errc::checksum);
}

TEST_P(IdentifiedDriver, IsNotFoundInAPartOfAnotherIdentity) {
  for_each_identified_case([](const GoodCase& good, std::string_view) {
    const auto rig = rig_of(good);
    rig->wire().watch();
    ASSERT_TRUE(driver().probe(rig->device()));
    bool refused = false;
    for (std::size_t i = 0; i < rig->wire().transfers().size(); ++i) {
      for (const bool checked_words : {false, true}) {
        const auto fresh = rig_of(good);
        OtherPart other(*fresh->device().bus, i, checked_words);
        refused = refused || is_refusal(driver().probe({&other, fresh->device().address}));
      }
    }
    EXPECT_TRUE(refused);
  });
}

/// A part that only answers like the driver's, and has no number of its own, is refused by its checksums.
TEST_P(IdentifiedDriver, RefusesToMeasureWithAPartOfAnotherIdentity) {
  for_each_identified_case([](const GoodCase& good, std::string_view) {
    const auto right = read_undisturbed(good);
    bool refused = false;
    for (std::size_t i = 0; i < right.transfers.size() && !refused; ++i) {
      for (std::size_t bit = 0; bit < right.transfers[i].damageable && !refused; ++bit) {
        const auto rig = rig_of(good);
        rig->wire().watch(Disturbance{.transfer = i, .wrong_bit = bit});
        const auto outcome = vectors::read_sensor(rig->sensor());
        refused = has_failed_with(outcome, Errc::wrong_chip) ||
                  (good.chip->checksum_scope && has_failed_with(outcome, Errc::checksum));
      }
    }
    EXPECT_TRUE(refused);
  });
}

/// Two reads that stand one behind the other in registers of a byte that count up could have been one.
bool could_be_one(const Transfer& first, const Transfer& second) {
  return first.written.size() == 1 && second.written.size() == 1 && !first.read.empty() && !second.read.empty() &&
         first.written[0] + first.read.size() == second.written[0];
}

TEST_P(PolledDriver, ReadsAWholeChipInAsFewTransfersAsItAllows) {
  for_each_case([](const GoodCase& good) {
    const auto rig = rig_of(good);
    ASSERT_TRUE(run_step(rig->sensor(), &Sensor::init));
    ASSERT_TRUE(run_step(rig->sensor(), &Sensor::trigger));
    const auto channels = rig->sensor().channels().size();
    rig->wire().watch();
    Samples samples(channels);
    ASSERT_TRUE(rig->sensor().read(samples));
    const auto& made = rig->wire().transfers();
    EXPECT_LE(made.size(), channels + 1) << "one for each channel, and one that tells whether there is a result";
    const bool counts_up = good.one->kind == "i2c_regs" && good.one->given.value("layout", "") == "u8";
    for (std::size_t i = 1; counts_up && i < made.size(); ++i)
      EXPECT_FALSE(could_be_one(made[i - 1], made[i])) << "transfers " << i - 1 << " and " << i;
  });
}

}  // namespace
}  // namespace b2m

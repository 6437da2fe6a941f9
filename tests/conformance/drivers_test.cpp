// What every driver's description must keep, so that everything derived from it can rely on it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

class Conformance : public testing::TestWithParam<const DriverInfo*> {
 protected:
  [[nodiscard]] static const DriverInfo& driver() { return *GetParam(); }
};

INSTANTIATE_TEST_SUITE_P(Drivers, Conformance, testing::ValuesIn(all_drivers().begin(), all_drivers().end()),
                         [](const auto& param) { return std::string(param.param->name); });

bool is_key(std::string_view key) {
  return !key.empty() && key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

/// The key's row among the driver's own options and those of its bus.
const OptionSpec* find_option(const DriverInfo& driver, std::string_view key) {
  for (const auto& table : {driver.options, bus_options(driver.bus)})
    for (const auto& spec : table)
      if (spec.key == key) return &spec;
  return nullptr;
}

void expect_sane(std::span<const ChannelSpec> channels) {
  std::set<std::string_view> keys;
  for (const auto& channel : channels) {
    EXPECT_TRUE(is_key(channel.key)) << channel.key;
    EXPECT_TRUE(keys.insert(channel.key).second) << channel.key << " is there twice";
    EXPECT_TRUE(std::isfinite(channel.range.low) && std::isfinite(channel.range.high)) << channel.key;
    EXPECT_LT(channel.range.low, channel.range.high) << channel.key;
    const Range plausible = info(channel.quantity).plausible;
    EXPECT_TRUE(channel.range.low < plausible.high && plausible.low < channel.range.high)
        << channel.key << " has no plausible value";
  }
}

TEST(Drivers, AreSortedByNameAndEachNameIsThereOnce) {
  const auto drivers = all_drivers();
  ASSERT_FALSE(drivers.empty());
  EXPECT_TRUE(std::is_sorted(drivers.begin(), drivers.end(), [](auto a, auto b) { return a->name < b->name; }));
  std::set<std::string_view> names;
  for (const auto* driver : drivers) {
    EXPECT_TRUE(names.insert(driver->name).second) << driver->name;
    for (const auto& model : driver->models) {
      const bool is_drivers_own = model.name == driver->name;
      EXPECT_TRUE(is_drivers_own || names.insert(model.name).second) << model.name;
    }
  }
}

TEST(Drivers, AreFoundByEveryNameTheyHave) {
  for (const auto* driver : all_drivers()) {
    EXPECT_EQ(find_driver(driver->name)->driver, driver);
    for (std::size_t i = 0; i < driver->models.size(); ++i) {
      EXPECT_EQ(find_driver(driver->models[i].name)->driver, driver);
      EXPECT_EQ(find_driver(driver->models[i].name)->model, i);
    }
  }
  EXPECT_FALSE(find_driver("no_such_driver"));
}

// The array is generated from the files' stems, and a description is found under the stem alone; so the two agree when
// the name in the description is a possible stem and the array, sorted by stem, is sorted by name.
TEST_P(Conformance, SaysWhatItIs) {
  EXPECT_TRUE(is_key(driver().name));
  EXPECT_FALSE(driver().summary.empty());
  EXPECT_FALSE(driver().datasheet.empty());
}

TEST_P(Conformance, MakesExactlyOneKindOfThing) {
  const int factories = (driver().make_sensor != nullptr) + (driver().make_edge_sensor != nullptr) +
                        (driver().make_computed != nullptr) + (driver().make_actuator != nullptr) +
                        (driver().make_expander != nullptr);
  EXPECT_EQ(factories, driver().group ? 0 : 1);
}

TEST_P(Conformance, HasInputsExactlyWhenItIsComputed) {
  EXPECT_EQ(driver().make_computed != nullptr, !driver().inputs.empty());
  bool one_is_required = driver().inputs.empty();
  for (const auto& input : driver().inputs) {
    const auto* option = find_option(driver(), input.option);
    ASSERT_NE(option, nullptr) << input.option;
    EXPECT_EQ(option->type, OptionType::text) << input.option;
    one_is_required = one_is_required || option->required;
  }
  EXPECT_TRUE(one_is_required);
  EXPECT_TRUE(driver().make_computed == nullptr || driver().bus == BusKind::none);
}

TEST_P(Conformance, HasSaneChannels) {
  expect_sane(driver().channels);
  for (const auto& model : driver().models) {
    SCOPED_TRACE(model.name);
    expect_sane(model.channels);
  }
  const bool needs_channels = !driver().is_actuator() && !driver().is_expander() && driver().payload_option.empty();
  EXPECT_EQ(needs_channels, !driver().channels.empty() || driver().dynamic_channels);
  EXPECT_FALSE(driver().dynamic_channels && !driver().channels.empty());
}

TEST_P(Conformance, HasSaneOptions) {
  std::set<std::string_view> keys;
  for (const auto& spec : bus_options(driver().bus)) keys.insert(spec.key);
  for (const auto& spec : driver().options) {
    EXPECT_TRUE(is_key(spec.key)) << spec.key;
    EXPECT_TRUE(keys.insert(spec.key).second) << spec.key << " is there twice";
    EXPECT_FALSE(spec.summary.empty()) << spec.key;
    EXPECT_LE(spec.min, spec.max) << spec.key;
    EXPECT_FALSE(spec.required && !spec.fallback.empty()) << spec.key << " is required and has a default";
    EXPECT_TRUE(spec.type != OptionType::choice || !spec.choices.empty()) << spec.key;
    EXPECT_TRUE(spec.fallback.empty() || parse_option(spec, spec.fallback)) << spec.key;
  }
  const auto defaults = default_options(driver().options);
  for (const auto& spec : driver().options) EXPECT_EQ(defaults.has(spec.key), !spec.fallback.empty()) << spec.key;
  EXPECT_TRUE(driver().payload_option.empty() || find_option(driver(), driver().payload_option) != nullptr);
}

TEST_P(Conformance, HasPossibleAddresses) {
  EXPECT_EQ(driver().bus == BusKind::i2c, !driver().addresses.empty());
  for (const auto address : driver().addresses) EXPECT_TRUE(address >= 0x03 && address <= 0x77);
  for (const auto& model : driver().models) {
    for (const auto address : model.addresses)
      EXPECT_NE(std::find(driver().addresses.begin(), driver().addresses.end(), address), driver().addresses.end())
          << model.name;
  }
}

TEST_P(Conformance, IsPolledNoFasterThanItCan) {
  EXPECT_GT(driver().every_min.count(), 0);
  EXPECT_GE(driver().every, driver().every_min);
}

TEST_P(Conformance, HasModelsWithLinesIfItIsAnExpander) {
  EXPECT_EQ(driver().is_expander() && driver().models.empty(), false);
  for (const auto& model : driver().models) {
    EXPECT_EQ(driver().is_expander(), model.expander.lines != 0) << model.name;
    EXPECT_LE(model.expander.lines, 16U) << model.name;
  }
}

TEST_P(Conformance, SharesAChipByOptionsThatItHas) {
  const auto& shared = driver().shared_chip;
  EXPECT_EQ(shared.part.empty(), shared.agree.empty());
  EXPECT_TRUE(shared.part.empty() || find_option(driver(), shared.part) != nullptr);
  for (const auto key : shared.agree) EXPECT_NE(find_option(driver(), key), nullptr) << key;
}

// The configuration takes "pca9685_servo" for a driver of a part of what "pca9685" drives.
TEST(Drivers, OfPartsOfOneChipAgreeAboutIt) {
  for (const auto* driver : all_drivers()) {
    const auto chip = find_driver(driver->name.substr(0, driver->name.find('_')));
    if (driver->bus != BusKind::i2c || !chip || chip->driver == driver) continue;
    SCOPED_TRACE(driver->name);
    EXPECT_EQ(chip->driver->bus, BusKind::i2c);
    EXPECT_TRUE(std::equal(driver->addresses.begin(), driver->addresses.end(), chip->driver->addresses.begin(),
                           chip->driver->addresses.end()));
    EXPECT_EQ(driver->shared_chip.part, chip->driver->shared_chip.part);
  }
}

TEST_P(Conformance, ToldByItsOptionsWhatItTakesItStaysWithinItsKind) {
  if (driver().output_of == nullptr) return;
  EXPECT_TRUE(driver().is_actuator());
  auto options = default_options(driver().options);
  for (const auto& spec : driver().options)
    if (spec.required && spec.type == OptionType::number) {
      options.set(spec.key, spec.max);
    } else if (spec.required && spec.type == OptionType::integer) {
      options.set(spec.key, static_cast<std::int64_t>(spec.max));
    }
  const auto output = driver().output_of(options);
  EXPECT_EQ(output.kind, driver().output.kind);
  EXPECT_EQ(output.unit, driver().output.unit);
  EXPECT_GE(output.range.low, driver().output.range.low);
  EXPECT_EQ(output.range.high, driver().output.range.high) << "with the largest options";
}

// An expander has no entry of its own: its example is that of a device on one of its lines.
TEST_P(Conformance, HasAnExampleThatNamesItAndOnlyItsKeys) {
  if (driver().is_expander()) {
    const auto line = nlohmann::json::parse(driver().example).value("line", "");
    EXPECT_EQ(line.substr(0, line.find('@')), driver().models.front().name);
    return;
  }
  const auto example = nlohmann::json::parse(driver().example, nullptr, false);
  ASSERT_TRUE(example.is_object()) << driver().example;
  const auto named = find_driver(example.value("driver", ""));
  ASSERT_TRUE(named);
  EXPECT_EQ(named->driver, &driver());
  for (const auto& [key, value] : example.items()) {
    if (key == "driver") continue;
    const auto* spec = find_option(driver(), key);
    ASSERT_NE(spec, nullptr) << key;
    const auto text = value.is_string() ? value.get<std::string>() : value.dump();
    EXPECT_TRUE(parse_option(*spec, text)) << key;
  }
  for (const auto& table : {driver().options, bus_options(driver().bus)})
    for (const auto& spec : table)
      EXPECT_TRUE(!spec.required || example.contains(spec.key)) << spec.key << " is required";
}

TEST(Drivers, OnI2cGiveAnExampleWithAnAddressThatTheModelCanHave) {
  for (const auto* driver : all_drivers()) {
    if (driver->bus != BusKind::i2c || driver->is_expander()) continue;
    const auto example = nlohmann::json::parse(driver->example);
    const auto ref = *find_driver(example.at("driver").get<std::string>());
    const auto address = parse_option(*find_option(*driver, "address"), example.at("address").get<std::string>());
    ASSERT_TRUE(address) << driver->name;
    const auto possible = ref.addresses();
    EXPECT_NE(std::find(possible.begin(), possible.end(), std::get<std::int64_t>(*address)), possible.end())
        << driver->name;
  }
}

}  // namespace
}  // namespace b2m

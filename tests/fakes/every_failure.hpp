// The trap every driver's test covers: each transfer failing in turn gives its error and no value.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"
#include "tests/fakes/scripted_i2c.hpp"

namespace b2m {

/// Plays `script` once for each of its steps, which then fails with `timeout`; the poll must end there with that error.
inline void expect_each_failure_is_reported(std::string_view driver, std::uint8_t address, const I2cScript& script,
                                            const OptionTexts& options = {}) {
  for (std::size_t i = 0; i < script.size(); ++i) {
    SCOPED_TRACE("transfer " + std::to_string(i + 1) + " fails");
    I2cScript broken(script.begin(), script.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    broken.back() = i2c::failing(broken.back(), Errc::timeout);
    ScriptedI2c bus(address, broken);
    const auto poll = poll_once(*make_i2c_sensor(driver, bus, options));
    ASSERT_FALSE(poll);
    EXPECT_EQ(poll.error().code, Errc::timeout);
  }
}

}  // namespace b2m

#include "tests/fakes/fake_timed_lines.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using Frame = std::vector<std::uint8_t>;

/// The edges of a frame with the times of the AM2302 product manual, table 6.
std::vector<LineEvent> edges_of(const Frame& frame, std::chrono::nanoseconds zero = 27us,
                                std::chrono::nanoseconds one = 70us) {
  std::vector<LineEvent> edges;
  std::chrono::steady_clock::time_point now{1s};
  const auto edge = [&](std::chrono::nanoseconds after, bool high) { edges.push_back({high, now += after}); };
  edge(30us, false), edge(80us, true), edge(80us, false);
  for (const auto byte : frame)
    for (int bit = 7; bit >= 0; --bit) edge(50us, true), edge((byte >> bit & 1) != 0 ? one : zero, false);
  edge(50us, true);
  return edges;
}

/// A start, whose answer is thrown away, and a reading.
Result<Poll> poll(std::string_view model, std::vector<LineEvent> edges) {
  FakeTimedLines lines;
  lines.records.push_back(std::vector<LineEvent>{});
  lines.records.push_back(std::move(edges));
  return poll_once(*make_lines_sensor(model, lines));
}

// AM2302 product manual, the example; tinygo drivers dht device_internal_test.go
const Frame example{0x02, 0x8c, 0x01, 0x5f, 0xee};

TEST(Dht, AgreesWithTheExampleOfTheManual) {
  const auto values = poll("dht22", edges_of(example));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 35.1, 1e-9);
  EXPECT_NEAR((*values)["humidity"].value(), 65.2, 1e-9);
}

// dht-sensor src/lib.rs: sign and magnitude; the same temperature in two's complement, as some clones send it
TEST(Dht, TemperaturesBelowZeroKeepTheirSign) {
  EXPECT_NEAR((*poll("am2302", edges_of({0x02, 0x90, 0x80, 0x1b, 0x2d})))["temperature"].value(), -2.7, 1e-9);
  EXPECT_NEAR((*poll("am2302", edges_of({0x02, 0x90, 0xff, 0xe5, 0x76})))["temperature"].value(), -2.7, 1e-9);
}

// hutscape.com, capture 26 00 1C 00 42
TEST(Dht, TheDht11HasWholeUnitsAndTenths) {
  const auto values = poll("dht11", edges_of({0x26, 0x00, 0x1c, 0x00, 0x42}));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["temperature"], 28.0);
  EXPECT_EQ((*values)["humidity"], 38.0);
  EXPECT_NEAR((*poll("dht11", edges_of({0x26, 0x00, 0x05, 0x83, 0xae})))["temperature"].value(), -5.3, 1e-9);
}

TEST(Dht, AFrameOfAnotherModelIsRefused) {
  EXPECT_EQ(poll("dht11", edges_of(example)).error().code, Errc::out_of_range);
}

TEST(Dht, EdgesLostBeforeTheFirstBitDoNoHarm) {
  for (std::ptrdiff_t lost = 1; lost <= 3; ++lost) {
    auto edges = edges_of(example);
    edges.erase(edges.begin(), edges.begin() + lost);
    EXPECT_TRUE(poll("dht22", edges)) << lost;
  }
}

TEST(Dht, ALostEdgeOfABitGivesNoValue) {
  for (std::size_t i = 3; i < 83; ++i) {
    auto edges = edges_of(example);
    edges.erase(edges.begin() + static_cast<std::ptrdiff_t>(i));
    const auto values = poll("dht22", edges);
    EXPECT_FALSE(values && (std::abs((*values)["temperature"].value() - 35.1) > 1e-6)) << i;
  }
}

TEST(Dht, PulsesMayBeBlurred) {
  EXPECT_TRUE(poll("dht22", edges_of(example, 40us, 60us)));
  EXPECT_TRUE(poll("dht22", edges_of(example, 15us, 85us)));
}

TEST(Dht, EachWrongBitGivesNoValue) {
  for (std::size_t bit = 0; bit < 40; ++bit) {
    auto frame = example;
    frame[bit / 8] = static_cast<std::uint8_t>(frame[bit / 8] ^ 0x80 >> bit % 8);
    const auto values = poll("dht22", edges_of(frame));
    ASSERT_FALSE(values) << bit;
    EXPECT_EQ(values.error().code, Errc::checksum);
  }
}

TEST(Dht, AnEmptyFrameIsNoMeasurementThoughItsSumFits) {
  EXPECT_EQ(poll("dht22", edges_of({0, 0, 0, 0, 0})).error().code, Errc::not_ready);
}

TEST(Dht, APartThatDoesNotAnswerTimesOut) { EXPECT_EQ(poll("dht22", {}).error().code, Errc::timeout); }

TEST(Dht, EachModelIsWokenForItsOwnTime) {
  for (const auto& [model, wake] : {std::pair{"dht11", "wake 1 20000us"}, {"dht22", "wake 1 1200us"}}) {
    FakeTimedLines lines;
    const auto sensor = make_lines_sensor(model, lines);
    EXPECT_TRUE(run_step(*sensor, &Sensor::init));
    EXPECT_EQ(lines.log, std::vector<std::string>{wake});
  }
}

TEST(Dht, RestsBeforeItIsAskedAgain) {
  FakeTimedLines lines;
  const auto sensor = make_lines_sensor("dht22", lines);
  EXPECT_EQ(run_step(*sensor, &Sensor::init), Progress::Duration(2s));
  EXPECT_EQ(run_step(*sensor, &Sensor::trigger), Progress::Duration(0));
  Samples samples(2);
  EXPECT_FALSE(sensor->read(samples));
  EXPECT_EQ(run_step(*sensor, &Sensor::trigger), Progress::Duration(2s));
}

TEST(Dht, ALineThatIsHeldShowsAtTheStart) {
  FakeTimedLines lines;
  lines.records.push_back(fail(Errc::busy, "injected"));
  EXPECT_EQ(poll_once(*make_lines_sensor("dht22", lines)).error().code, Errc::busy);
}

}  // namespace
}  // namespace b2m

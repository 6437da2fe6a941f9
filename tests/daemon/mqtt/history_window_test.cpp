#include "daemon/mqtt/history_window.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most = 50;

void answer(HistoryWindow& window, int times, HistoryWindow::Duration round_trip) {
  for (int i = 0; i < times; ++i) window.answered(round_trip, most);
}

TEST(HistoryWindow, BeginsSmall) {
  const HistoryWindow window;
  EXPECT_EQ(window.size(most), HistoryWindow::least);
  EXPECT_EQ(window.size(2), 2U);
  EXPECT_EQ(window.size(0), 1U);
}

/// 50 ms away, four at a time would be 80 readings a second.
TEST(HistoryWindow, GrowsByOneARoundTripWhileNothingQueues) {
  HistoryWindow window;
  answer(window, static_cast<int>(HistoryWindow::least) + 1, 50ms);
  EXPECT_EQ(window.size(most), HistoryWindow::least + 1);
  answer(window, 10'000, 55ms);
  EXPECT_EQ(window.size(most), most);
}

TEST(HistoryWindow, ShrinksWhenItsReadingsQueueSomewhere) {
  HistoryWindow window;
  answer(window, 10'000, 50ms);
  answer(window, static_cast<int>(most), 80ms);
  EXPECT_LE(window.size(most), most * 3 / 4 + 1);
  answer(window, 10'000, 80ms);
  EXPECT_EQ(window.size(most), HistoryWindow::least);
}

TEST(HistoryWindow, MeasuresAnewOnAnotherConnection) {
  HistoryWindow window;
  answer(window, 100, 1ms);
  window.reset();
  answer(window, 10'000, 50ms);
  EXPECT_EQ(window.size(most), most);
}

}  // namespace
}  // namespace b2m

// A week without a broker: a million readings through the outbox and the real database. Prints its figures.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "daemon/mqtt/outbox.hpp"
#include "daemon/store/storage.hpp"
#include "tests/daemon/store/temporary_directory.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t readings = 1'000'000;
constexpr std::uint64_t warm = 20'000;  ///< after so many, every buffer has its size
constexpr std::uint64_t most_growth = 4'000'000;

/// proc_pid_statm(5)
std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

TEST(Backlog, AMillionReadingsNeedNoMoreMemoryAndNoMoreDiskThanAllowed) {
  const test::TemporaryDirectory directory;
  const OutboxConfig config;  // as shipped
  EventLoop loop;
  Storage storage(loop, directory.path(), config.disk_bytes, {.sync = 10ms});
  ASSERT_TRUE(storage.writable());
  Outbox outbox(config, 100, &storage);
  std::uint64_t before = 0;
  std::uint64_t most_memory = 0;
  std::uintmax_t most_disk = 0;
  const auto measure = [&] {
    most_memory = std::max(most_memory, resident_bytes());
    most_disk = std::max(most_disk, directory.size());
  };
  for (std::uint64_t i = 1; i <= readings; ++i) {
    outbox.push(
        {{"board2mqtt/walnutpi/climate", fmt::format(R"({{"temperature":23.72,"humidity":65.31,"number":{}}})", i)}});
    while (outbox.unwritten() > config.memory / 4) loop.run_once(10ms);  // sensors are slower than a disk
    if (i == warm) before = resident_bytes();
    if (i > warm && i % 1000 == 0) measure();
  }
  const auto waiting = outbox.waiting();
  EXPECT_EQ(waiting + outbox.drops().full, readings);

  outbox.connected();
  std::uint64_t last = 0;
  std::uint64_t sent = 0;
  while (!outbox.empty()) {
    const auto* entry = outbox.next({WallClock::now(), SteadyClock::now(), true});
    if (entry == nullptr) {
      loop.run_once(10ms);
      continue;
    }
    const auto number = std::stoull(entry->message.payload.substr(entry->message.payload.rfind(':') + 1));
    ASSERT_GT(number, last);
    last = number;
    outbox.acknowledge(entry->id, SteadyClock::now());
    if (++sent % 1000 == 0) measure();
  }
  EXPECT_EQ(last, readings);
  EXPECT_EQ(sent + outbox.drops().full, readings);
  EXPECT_EQ(outbox.drops().damaged, 0U);
  EXPECT_LE(most_memory, before + most_growth);
  EXPECT_LE(most_disk, config.disk_bytes);
  fmt::print("{} readings: {} dropped for want of room, {} sent; memory grew by {} kB, the files took {} kB\n",
             readings, outbox.drops().full, sent, (most_memory - std::min(before, most_memory)) / 1000,
             most_disk / 1000);
}

}  // namespace
}  // namespace b2m

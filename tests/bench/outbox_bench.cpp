// What the disk costs the readings:
//   outbox_bench store [DIRECTORY]      readings a second that the database takes and gives, by the size of a commit
//   outbox_bench drain [READINGS]       live readings, 200 a second, while a backlog drains to a mosquitto of the
//                                       machine: their time from publish to receive on an idle link, with `ordered`,
//                                       with `live_first`
//   outbox_bench stall                  the same without a backlog, while the disk does not answer
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/mqtt/paho_link.hpp"
#include "daemon/mqtt/session.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/storage.hpp"
#include "tests/bench/party.hpp"
#include "tests/daemon/store/held.hpp"
#include "tests/daemon/store/temporary_directory.hpp"
#include "tests/integration/mqtt/broker.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

std::int64_t to_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// A reading of the size of a climate sensor's.
KeptReading reading(MessageId id) {
  return {id,
          {"board2mqtt/walnutpi/climate",
           R"({"temperature":23.72,"humidity":65.31,"pressure":1009.43,"time":"2026-11-21T03:04:05.678Z"})"},
          {}};
}

double seconds_of(const std::function<void()>& work) {
  const auto begin = SteadyClock::now();
  work();
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

void fill(Database& database, MessageId& next, std::size_t readings, std::size_t commit) {
  for (std::size_t done = 0; done < readings; done += commit) {
    OutboxChanges changes;
    for (std::size_t i = 0; i < commit; ++i) changes.put.push_back(reading(next++));
    if (const auto result = database.commit(changes, {}); !result) throw std::runtime_error(result.error().detail);
  }
}

void measure_store(const std::filesystem::path& directory) {
  auto database = Database::open(directory / Database::file_name, 0, "bench");
  if (!database) throw std::runtime_error(database.error().detail);
  MessageId next = 1;
  for (const std::size_t commit : {1U, 10U, 100U, 1000U}) {
    const std::size_t readings = std::max<std::size_t>(commit * 20, 1000);
    const auto seconds = seconds_of([&] { fill(**database, next, readings, commit); });
    fmt::print("{:4} a commit: {:8.0f} readings/s, {:.2f} ms a commit\n", commit,
               static_cast<double>(readings) / seconds,
               seconds * 1e3 * static_cast<double>(commit) / static_cast<double>(readings));
  }
  std::size_t read = 0;
  const auto seconds = seconds_of([&] {
    for (MessageId after = 0; after < next;) {
      const auto page = (*database)->read(after, next, 250);
      read += page->readings.size();
      after = page->through;
    }
  });
  fmt::print("reading pages of 250: {:.0f} readings/s\n", static_cast<double>(read) / seconds);
}

/// The child: its directory may hold a backlog. It sends a live reading every 5 ms until the backlog is gone, or until
/// enough were sent if there is none, and then "end", with the ms that took. With `stalled`, the disk does not answer,
/// for longer than it takes to be noticed.
int gateway(std::uint16_t port, const std::string& directory, ReplayMode mode, bool stalled) {
  constexpr auto pace = 5ms;
  EventLoop loop;
  auto worker = std::make_unique<Worker>("storage");
  auto& disk = *worker;
  Storage storage(loop, directory, 0, {}, std::move(worker));
  if (!storage.writable()) return 1;
  std::optional<test::Held> held;
  if (stalled) held.emplace(disk);
  PahoLink link(loop);
  OutboxConfig outbox;
  outbox.replay = mode;
  Session session(loop, link, Party::config("gateway", port), outbox, {}, &storage);
  const int least = session.status().queued != 0 ? 0 : 1600;
  session.start();
  int sent = 0;
  std::int64_t begin = 0;
  Timer timer(loop, [&] {
    if (!session.status().connected) return timer.arm_after(pace);
    if (begin == 0) begin = now_ns();
    if (sent >= least && session.status().queued == 0) {
      held.reset();  // the end of this process waits for its disk
      return session.publish_reading({{"live", "end" + std::to_string((now_ns() - begin) / 1'000'000)}});
    }
    session.publish_reading({{"live", std::to_string(now_ns())}});
    ++sent;
    timer.arm_after(pace);
  });
  timer.arm_after(0ms);
  return loop.run();
}

void report(std::string_view what, std::vector<std::int64_t> ns, std::size_t waited, double seconds) {
  std::sort(ns.begin(), ns.end());
  const auto at = [&](double share) {
    return static_cast<double>(ns[static_cast<std::size_t>(share * static_cast<double>(ns.size() - 1))]) / 1e6;
  };
  fmt::print("{:10}: {} live readings, p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms", what, ns.size(), at(0.5), at(0.99),
             at(1));
  if (waited != 0) fmt::print("; {} that waited at {:.0f}/s", waited, static_cast<double>(waited) / seconds);
  fmt::print("\n");
}

void measure(std::string_view name, const char* mode, std::size_t backlog, const char* disk = "answers") {
  const test::TemporaryDirectory directory;
  if (backlog != 0) {
    auto database = Database::open(directory.path() / Database::file_name, 0, "bench");
    MessageId next = 1;
    fill(**database, next, backlog, 1000);
  }
  const Broker broker("allow_anonymous true\nmax_queued_messages 100000\nset_tcp_nodelay true\n");
  EventLoop loop;
  PahoLink link(loop);
  Session watcher(loop, link, Party::config("watcher", broker.port()), {});
  std::vector<std::int64_t> ns;
  std::int64_t drain_ms = -1;
  // Not what waited: its own work on that would count as the gateway's.
  watcher.set_subscriptions({{"live", 0}});
  watcher.on_message([&](const Message& message, bool) {
    if (message.payload.starts_with("end")) {
      drain_ms = to_number(std::string_view(message.payload).substr(3));
    } else {
      ns.push_back(now_ns() - to_number(message.payload));
    }
  });
  watcher.start();
  while (watcher.status().subscribed < 2) loop.run_once(10ms);
  const Process child(
      {"/proc/self/exe", "gateway", std::to_string(broker.port()), directory.path().string(), mode, disk},
      "/dev/stderr");
  while (drain_ms < 0) loop.run_once(100ms);
  report(name, ns, backlog, static_cast<double>(drain_ms) / 1e3);
}

}  // namespace
}  // namespace b2m

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "gateway" && argc == 6)
    return b2m::gateway(static_cast<std::uint16_t>(b2m::to_number(argv[2])), argv[3],
                        std::string(argv[4]) == "ordered" ? b2m::ReplayMode::ordered : b2m::ReplayMode::live_first,
                        std::string(argv[5]) == "stalls");
  if (mode == "store") {
    const b2m::test::TemporaryDirectory temporary;
    b2m::measure_store(argc > 2 ? std::filesystem::path(argv[2]) : temporary.path());
    return 0;
  }
  if (mode == "stall") {
    b2m::measure("idle", "ordered", 0);
    b2m::measure("ordered", "ordered", 0, "stalls");
    b2m::measure("live_first", "live_first", 0, "stalls");
    return 0;
  }
  if (mode != "drain")
    return fmt::print(stderr, "usage: outbox_bench store [DIRECTORY] | drain [READINGS] | stall\n"), 2;
  const auto backlog = static_cast<std::size_t>(argc > 2 ? b2m::to_number(argv[2]) : 100'000);
  b2m::measure("idle", "ordered", 0);
  b2m::measure("ordered", "ordered", backlog);
  b2m::measure("live_first", "live_first", backlog);
  return 0;
}

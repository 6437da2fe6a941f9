#include "daemon/store/storage.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "tests/daemon/store/temporary_directory.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

struct Client final : OutboxStore::Client {
  OutboxChanges next;
  std::uint64_t commits = 0;
  std::uint64_t failures = 0;
  std::vector<KeptReading> readings;
  bool was_loaded = false;
  OutboxChanges collect() override { return std::exchange(next, {}); }
  void committed(std::uint64_t, MessageId) override { ++commits; }
  void not_committed(IdRanges) override { ++failures; }
  void loaded(std::optional<OutboxPage> page) override {
    was_loaded = true;
    if (page) readings = std::move(page->readings);
  }
  void availability_changed() override {}
  void rewritten() override {}
};

struct StorageTest : testing::Test {
  test::TemporaryDirectory directory;
  EventLoop loop;
  Client client;

  std::unique_ptr<Storage> open() {
    auto opened = Storage::open(loop, directory.path(), 0, {.sync = 1ms, .retry_min = 1ms, .retry_max = 2ms});
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? std::move(*opened) : nullptr;
  }
  void until(const std::function<bool()>& what) {
    while (!what()) loop.run_once(10ms);
  }
  void stop(Storage& storage) {
    bool ended = false;
    storage.stop([&](bool clean) {
      EXPECT_TRUE(clean);
      ended = true;
    });
    until([&] { return ended; });
  }
};

TEST_F(StorageTest, ValuesAndReadingsAreThereAfterARestart) {
  {
    auto storage = open();
    storage->attach(client);
    storage->keep("counter/rain", "41");
    storage->keep("counter/rain", "42");
    EXPECT_EQ(storage->find("counter/rain"), "42");
    client.next.put.push_back({7, {"t", "payload"}});
    storage->changed(false);
    until([&] { return client.commits != 0; });
    storage->keep("counter/rain", "43");  // the stop is what commits it
    stop(*storage);
    storage->keep("counter/rain", "44");  // too late, and harmless
  }
  auto storage = open();
  EXPECT_EQ(storage->find("counter/rain"), "43");
  EXPECT_EQ(storage->find("counter/sun"), std::nullopt);
  const auto contents = storage->attach(client);
  EXPECT_EQ(contents.count, 1U);
  EXPECT_EQ(contents.last, 7U);
  storage->load(0, 7, 10);
  until([&] { return client.was_loaded; });
  ASSERT_EQ(client.readings.size(), 1U);
  EXPECT_EQ(client.readings[0].message.payload, "payload");
}

TEST_F(StorageTest, ASecondDaemonIsToldWhoHoldsTheDirectory) {
  auto storage = open();
  const auto second = Storage::open(loop, directory.path(), 0);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::busy);
  EXPECT_NE(second.error().detail.find("process " + std::to_string(getpid())), std::string::npos);
  EXPECT_NE(second.error().detail.find("--state"), std::string::npos);
  storage.reset();
  EXPECT_TRUE(Storage::open(loop, directory.path(), 0));
}

TEST_F(StorageTest, ADirectoryThatCannotBeMadeIsNamed) {
  std::ofstream(directory.path() / "file") << "x";
  const auto storage = Storage::open(loop, directory.path() / "file" / "state", 0);
  ASSERT_FALSE(storage);
  EXPECT_NE(storage.error().detail.find("file/state"), std::string::npos);
}

TEST_F(StorageTest, ADatabaseDamagedWhileInUseIsSetAsideAndCommitsGoOn) {
  auto storage = open();
  storage->attach(client);
  for (MessageId id = 1; id <= 10'000; ++id) client.next.put.push_back({id, {"t", std::string(200, 'x')}});
  storage->changed(true);
  until([&] { return client.commits == 1; });
  stop(*storage);
  storage.reset();
  storage = open();
  storage->attach(client);
  // Somebody truncates the file below the open daemon.
  std::filesystem::resize_file(directory.path() / Database::file_name, 100'000);
  storage->load(0, 10'000, 10'000);
  until([&] { return client.was_loaded; });
  client.next.put.push_back({10'001, {"t", "new"}});
  storage->changed(true);
  until([&] { return client.next.put.empty(); });  // what was saved is committed before that
  const auto before = client.commits;
  until([&] { return client.commits > before; });
  client.was_loaded = false;
  storage->load(10'000, 10'001, 10);
  until([&] { return client.was_loaded; });
  ASSERT_EQ(client.readings.size(), 1U);
  EXPECT_EQ(client.readings[0].message.payload, "new");
  EXPECT_EQ(client.failures, 0U);
}

TEST(StateDirectory, TheDirectoryIsTheOneGivenElseSystemdsElseTheUsers) {
  setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two", 1);
  setenv("XDG_STATE_HOME", "/srv/a/state", 1);
  setenv("HOME", "/srv/a", 1);
  EXPECT_EQ(find_state_directory("/here"), "/here");
  EXPECT_EQ(find_state_directory(""), "/var/lib/one");
  unsetenv("STATE_DIRECTORY");
  EXPECT_EQ(find_state_directory(""), "/srv/a/state/board2mqtt");
  setenv("XDG_STATE_HOME", "relative", 1);  // XDG base directories: to be ignored
  EXPECT_EQ(find_state_directory(""), "/srv/a/.local/state/board2mqtt");
  unsetenv("HOME");
  EXPECT_EQ(find_state_directory(""), "");
}

}  // namespace
}  // namespace b2m

#include "daemon/store/storage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "daemon/store/state_directory.hpp"
#include "tests/daemon/store/held.hpp"
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
  std::optional<OutboxStore::Contents> was_found;
  int availability_changes = 0;
  OutboxChanges collect() override { return std::exchange(next, {}); }
  void committed(std::uint64_t, MessageId) override { ++commits; }
  void not_committed(IdRanges) override { ++failures; }
  void loaded(std::optional<OutboxPage> page) override {
    was_loaded = true;
    if (page) readings = std::move(page->readings);
  }
  void found(const OutboxStore::Contents& contents) override { was_found = contents; }
  void availability_changed() override { ++availability_changes; }
  void rewritten() override {}
};

struct StorageTest : testing::Test {
  test::TemporaryDirectory directory;
  EventLoop loop;
  Client client;

  std::unique_ptr<Storage> open(const std::filesystem::path& state,
                                std::unique_ptr<Worker> worker = std::make_unique<Worker>("storage")) {
    const StorageTimes times{.sync = 1ms, .stall = 100ms, .retry_min = 1ms, .retry_max = 2ms};
    return std::make_unique<Storage>(loop, state, 0, times, std::move(worker));
  }
  std::unique_ptr<Storage> open() {
    auto storage = open(directory.path());
    EXPECT_TRUE(storage->writable());
    return storage;
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

TEST_F(StorageTest, AValueWhoseBytesHaveChangedIsNotUsedAndThatIsSaid) {
  {
    auto storage = open();
    storage->keep("counter/rain", "total 41");
    storage->keep("counter/sun", "total 7");
    stop(*storage);
  }
  std::fstream file(directory.path() / Database::file_name, std::ios::binary | std::ios::in | std::ios::out);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  file.seekp(static_cast<std::streamoff>(content.find("total 41"))).put('T');
  file.close();
  testing::internal::CaptureStderr();
  auto storage = open();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::HasSubstr("damaged and dropped, 1 in all: counter/rain"));
  EXPECT_EQ(storage->find("counter/rain"), std::nullopt);
  EXPECT_EQ(storage->find("counter/sun"), "total 7");
}

TEST_F(StorageTest, WhatWasOvertakenIsRememberedByTheNextRun) {
  {
    auto storage = open();
    EXPECT_EQ(storage->attach(client).overtaken, 0U);
    client.next.put.push_back({7, {"t", "payload"}});
    client.next.overtaken = 6;
    storage->changed(false);
    until([&] { return client.commits != 0; });
    stop(*storage);
  }
  EXPECT_EQ(open()->attach(client).overtaken, 6U);
}

/// What a disk may not have at the start: its mount, room, the lock that another process holds.
TEST_F(StorageTest, ADirectoryThatCannotBeUsedIsTriedAgainAndWhatItHoldsIsFound) {
  const auto state = directory.path() / "state";
  {
    auto storage = open(state);
    storage->attach(client);
    storage->keep("counter/rain", "41");
    for (MessageId id = 1; id <= 3; ++id) client.next.put.push_back({id, {"t", std::to_string(id)}});
    stop(*storage);
  }
  std::filesystem::rename(state, directory.path() / "elsewhere");
  std::ofstream(state) << "in the way";
  auto storage = open(state);
  EXPECT_FALSE(storage->writable());
  EXPECT_FALSE(storage->readable());
  const auto begin = storage->attach(client).last + 1;
  storage->keep("counter/rain", "3");
  storage->keep("counter/sun", "1");
  client.next.put.push_back({begin, {"t", "4"}});
  storage->changed(false);
  std::filesystem::remove(state);
  std::filesystem::rename(directory.path() / "elsewhere", state);
  const auto before = client.commits;
  until([&] { return client.commits > before; });
  ASSERT_TRUE(client.was_found);
  EXPECT_EQ(client.was_found->count, 3U);
  EXPECT_LT(client.was_found->last, begin);
  EXPECT_TRUE(storage->writable());

  storage->load(0, begin, 10);  // numbers as the client knows them
  until([&] { return client.was_loaded; });
  ASSERT_EQ(client.readings.size(), 4U);
  EXPECT_EQ(client.readings[2].id, 3U);
  EXPECT_EQ(client.readings[3].id, begin);
  client.next.erase.add(2);
  client.next.erase.add(begin);
  storage->changed(false);
  stop(*storage);
  storage.reset();
  storage = open(state);
  const auto contents = storage->attach(client);
  EXPECT_EQ(contents.count, 2U);
  EXPECT_EQ(contents.last, 3U);
  EXPECT_EQ(storage->find("counter/rain"), "41");  // what began without it does not take its place
  EXPECT_EQ(storage->find("counter/sun"), "1");
}

TEST_F(StorageTest, AStopDoesNotWaitForADirectoryThatCannotBeUsed) {
  std::ofstream(directory.path() / "state") << "in the way";
  auto storage = open(directory.path() / "state");
  storage->attach(client);
  storage->keep("counter/rain", "3");
  stop(*storage);
}

TEST_F(StorageTest, ADiskThatDoesNotAnswerIsOutOfUseUntilItDoes) {
  auto worker = std::make_unique<Worker>("storage");
  auto& disk = *worker;
  auto storage = open(directory.path(), std::move(worker));
  storage->attach(client);
  test::Held held(disk);
  client.next.put.push_back({1, {"t", "payload"}});
  storage->changed(true);
  until([&] { return client.availability_changes != 0; });
  EXPECT_FALSE(storage->readable());
  EXPECT_FALSE(storage->writable());
  EXPECT_EQ(client.commits, 0U);
  held.let_go();
  until([&] { return client.commits == 1; });
  EXPECT_EQ(client.availability_changes, 2);
  EXPECT_TRUE(storage->readable());
  EXPECT_TRUE(storage->writable());
}

TEST_F(StorageTest, ADiskThatDoesNotAnswerDoesNotHoldUpTheStop) {
  auto worker = std::make_unique<Worker>("storage");
  auto& disk = *worker;
  auto storage = open(directory.path(), std::move(worker));
  storage->attach(client);
  const test::Held held(disk);
  std::optional<bool> ended;
  storage->stop([&](bool clean) { ended = clean; });
  until([&] { return ended.has_value(); });
  EXPECT_FALSE(*ended);
}

TEST(StateDirectory, ASecondDaemonIsToldWhoHoldsIt) {
  const test::TemporaryDirectory directory;
  auto first = StateDirectory::claim(directory.path());
  ASSERT_TRUE(first);
  const auto second = StateDirectory::claim(directory.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::busy);
  EXPECT_NE(second.error().detail.find("process " + std::to_string(getpid())), std::string::npos);
  EXPECT_NE(second.error().detail.find("--state"), std::string::npos);
  first = fail(Errc::io, "let go");
  EXPECT_TRUE(StateDirectory::claim(directory.path()));
}

/// How often `part` is in `text`.
std::size_t count_of(std::string_view part, std::string_view text) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(StorageTest, ADirectoryThatCannotBeUsedIsNamedOnce) {
  const auto state = directory.path() / "file" / "state";
  std::ofstream(directory.path() / "file") << "x";
  testing::internal::CaptureStderr();
  { const auto storage = open(state); }
  const auto told = testing::internal::GetCapturedStderr();
  EXPECT_THAT(told, testing::HasSubstr(state.string() + ": cannot be made: "));
  EXPECT_EQ(count_of(state.string(), told), 1U) << told;
}

TEST_F(StorageTest, WhatIsSaidOfADamagedDatabaseNamesItsDirectoryOnce) {
  std::ofstream(directory.path() / Database::file_name) << "no database " << std::string(1000, 'x');
  testing::internal::CaptureStderr();
  open();
  const auto told = testing::internal::GetCapturedStderr();
  EXPECT_THAT(told, testing::HasSubstr("board2mqtt.db was damaged"));
  EXPECT_EQ(count_of(directory.path().string(), told), 1U) << told;
}

TEST_F(StorageTest, ADatabaseDamagedWhileInUseIsSetAsideAndCommitsGoOn) {
  auto storage = open();
  storage->attach(client);
  storage->keep("counter/rain", "42");
  for (MessageId id = 1; id <= 10'000; ++id) client.next.put.push_back({id, {"t", std::string(200, 'x')}});
  storage->changed(true);
  until([&] { return client.commits == 1; });
  stop(*storage);
  storage.reset();
  storage = open();
  storage->attach(client);
  // Somebody truncates the file below the open daemon.
  std::filesystem::resize_file(directory.path() / Database::file_name, 8192);
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
  stop(*storage);
  storage.reset();
  EXPECT_EQ(open()->find("counter/rain"), "42");  // it was written again
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

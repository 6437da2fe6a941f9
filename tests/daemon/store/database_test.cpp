#include "daemon/store/database.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>

#include "daemon/store/salvage.hpp"
#include "daemon/store/sqlite.hpp"
#include "tests/daemon/store/temporary_directory.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

const std::string boot_a = "11111111-aaaa";
const std::string boot_b = "22222222-bbbb";

KeptReading numbered(MessageId id, std::size_t size = 20) {
  auto payload = std::to_string(id);
  payload.resize(std::max(size, payload.size()), '.');
  return {
      id, {"topic/" + std::to_string(id % 3), payload, 1, true}, {.wall = WallTime{1s}, .monotonic = SteadyTime{2s}}};
}

OutboxChanges puts(MessageId first, MessageId last, std::size_t size = 20) {
  OutboxChanges changes{.through = last};
  for (auto id = first; id <= last; ++id) changes.put.push_back(numbered(id, size));
  return changes;
}

struct DatabaseTest : testing::Test {
  test::TemporaryDirectory directory;
  std::filesystem::path file = directory.path() / Database::file_name;

  [[nodiscard]] std::unique_ptr<Database> open(std::uint64_t most_bytes = 0, const std::string& boot = boot_a) const {
    auto opened = Database::open(file, most_bytes, boot);
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? std::move(*opened) : nullptr;
  }
  [[nodiscard]] std::string bytes() const {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& bytes) const { std::ofstream(file, std::ios::binary) << bytes; }
  /// The byte at `place` of a text that is once in the file.
  void change(const std::string& text, std::size_t place, char to) const {
    auto content = bytes();
    const auto at = content.find(text);
    ASSERT_NE(at, std::string::npos);
    ASSERT_EQ(content.find(text, at + 1), std::string::npos);
    content[at + place] = to;
    write(content);
  }
  void spoil_the_first_page() const {
    auto content = bytes();
    std::fill_n(content.begin(), 4096, 'x');
    write(content);
  }
  /// A closed file with readings 1 to `last`.
  void fill(MessageId last) const {
    auto database = open();
    ASSERT_TRUE(database->commit(puts(1, last), {{"counter/rain", "42"}}));
  }
  Salvaged salvage() const {  // NOLINT(modernize-use-nodiscard): it is done for what it does
    const auto saved = set_aside_and_save(file);
    EXPECT_TRUE(saved) << saved.error().detail;
    return saved ? *saved : Salvaged{};
  }
  /// Every reading of the file, each compared with what was written.
  [[nodiscard]] std::uint64_t good_readings() const {
    auto database = open();
    std::uint64_t count = 0;
    for (MessageId after = 0;;) {
      const auto page = database->read(after, 1'000'000, 500);
      EXPECT_TRUE(page);
      if (!page) return count;
      for (const auto& reading : page->readings) EXPECT_EQ(reading.message, numbered(reading.id).message);
      count += page->readings.size();
      after = page->through;
      if (page->through >= 1'000'000) return count;
    }
  }
};

TEST_F(DatabaseTest, WhatWasCommittedIsThereAfterOpeningAgain) {
  auto reading = numbered(7);
  reading.taken.synchronised = false;
  reading.taken.spots = {{TimeSpot::Kind::time, 3, 24}, {TimeSpot::Kind::remark, 27, 16}};
  reading.message.content_type = ContentType::senml_json;
  {
    auto database = open();
    ASSERT_TRUE(database->commit({.put = {reading}, .through = 7}, {{"a", "1"}}));
    ASSERT_TRUE(database->commit({}, {{"a", "2"}, {"b", std::string("\0x", 2)}}));
  }
  auto database = open();
  EXPECT_EQ(database->contents()->count, 1U);
  EXPECT_EQ(database->contents()->last, 7U);
  EXPECT_EQ(*database->kept(), (KeptMap{{"a", "2"}, {"b", std::string("\0x", 2)}}));
  const auto page = database->read(0, 7, 10);
  ASSERT_EQ(page->readings.size(), 1U);
  EXPECT_EQ(page->readings[0].message, reading.message);
  EXPECT_EQ(page->readings[0].taken.wall, reading.taken.wall);
  EXPECT_EQ(page->readings[0].taken.monotonic, reading.taken.monotonic);
  EXPECT_FALSE(page->readings[0].taken.synchronised);
  EXPECT_EQ(page->readings[0].taken.spots, reading.taken.spots);
}

TEST_F(DatabaseTest, WhatALaterVersionKnowsOfTimesIsLeftOut) {
  auto reading = numbered(1);
  const TimeSpot known{TimeSpot::Kind::influx_timestamp, 3, 0};
  reading.taken.spots = {{static_cast<TimeSpot::Kind>(4), 1, 2}, known, {static_cast<TimeSpot::Kind>(255), 3, 4}};
  auto database = open();
  ASSERT_TRUE(database->commit({.put = {reading}, .through = 1}, {}));
  EXPECT_EQ(database->read(0, 1, 1)->readings.at(0).taken.spots, std::vector<TimeSpot>{known});
}

TEST_F(DatabaseTest, APageEndsAtItsLimitAndSaysWhereTheNextBegins) {
  auto database = open();
  ASSERT_TRUE(database->commit(puts(1, 10), {}));
  const auto first = database->read(2, 9, 4);
  EXPECT_EQ(first->readings.front().id, 3U);
  EXPECT_EQ(first->through, 6U);
  const auto second = database->read(first->through, 9, 4);
  EXPECT_EQ(second->readings.size(), 3U);
  EXPECT_EQ(second->through, 9U);
}

TEST_F(DatabaseTest, ABootThatIsNotThePresentOneHasItsOwnNumberAndClock) {
  {
    auto database = open(0, boot_a);
    auto changes = puts(1, 1);
    changes.clock_offset = 5h;
    ASSERT_TRUE(database->commit(changes, {}));
    EXPECT_EQ(database->read(0, 1, 1)->readings[0].taken.boot, 0U);
    EXPECT_EQ(database->contents()->clock_offsets.at(0), 5h);
  }
  auto database = open(0, boot_b);
  const auto boot = database->read(0, 1, 1)->readings[0].taken.boot;
  EXPECT_NE(boot, 0U);
  EXPECT_EQ(database->contents()->clock_offsets.at(boot), 5h);
  EXPECT_FALSE(database->contents()->clock_offsets.contains(0));
}

TEST_F(DatabaseTest, BeyondItsBoundTheOldestReadingsAreDroppedAndCounted) {
  constexpr std::uint64_t bound = 512'000;
  auto database = open(bound);
  std::uint64_t dropped = 0;
  MessageId through = 0;
  for (MessageId id = 1; id <= 20'000; id += 200) {
    const auto done = database->commit(puts(id, id + 199, 100), {});
    ASSERT_TRUE(done) << done.error().detail;
    dropped += done->dropped;
    through = std::max(through, done->dropped_through);
    ASSERT_LE(directory.size(), bound);
  }
  EXPECT_GT(dropped, 10'000U);
  EXPECT_EQ(through, dropped);
  EXPECT_EQ(database->contents()->first, dropped + 1);
  EXPECT_EQ(database->contents()->count, 20'000 - dropped);
  EXPECT_GT(database->contents()->count, 1000U);
}

TEST_F(DatabaseTest, AReadingWhoseBytesHaveChangedIsNotGivenOut) {
  fill(100);
  auto content = bytes();
  const auto at = content.find("50......");
  ASSERT_NE(at, std::string::npos);
  content[at] = '6';
  write(content);
  auto database = open();
  const auto page = database->read(0, 100, 1000);
  EXPECT_EQ(page->damaged, 1U);
  EXPECT_EQ(page->readings.size(), 99U);
  EXPECT_EQ(database->contents()->count, 99U);
}

TEST_F(DatabaseTest, AValueWhoseBytesHaveChangedIsDroppedAloneAndNamed) {
  ASSERT_TRUE(open()->commit(puts(1, 100), {{"counter/rain", "total 42"}, {"counter/sun", "total 7"}}));
  change("total 42", 6, '5');
  {
    auto database = open();
    EXPECT_EQ(database->dropped(), std::vector<std::string>{"counter/rain"});
    EXPECT_EQ(*database->kept(), (KeptMap{{"counter/sun", "total 7"}}));
    EXPECT_EQ(database->contents()->count, 100U);
  }
  EXPECT_EQ(open()->dropped(), std::vector<std::string>{});
}

TEST_F(DatabaseTest, AValueWhoseKeyHasChangedIsNotGivenToAnother) {
  KeptMap kept;
  for (char name = 'a'; name <= 'e'; ++name) kept["counter/" + std::string(1, name)] = std::string(8, name);
  ASSERT_TRUE(open()->commit(puts(1, 100), kept));
  const auto whole = bytes();
  kept.erase("counter/c");
  for (const char other : {'C', 'b', 'z'}) {  // before the others, as one of them, behind them
    write(whole);
    change("counter/cccccccc", 8, other);
    if (auto opened = Database::open(file, 0, boot_a); opened) {
      EXPECT_EQ((*opened)->dropped().size(), 1U) << other;
    } else {
      EXPECT_EQ(opened.error().code, Errc::checksum);
      EXPECT_EQ(salvage().readings, 100U) << other;
    }
    EXPECT_EQ(*open()->kept(), kept) << other;
  }
}

TEST_F(DatabaseTest, AStartWhoseClockHasChangedIsOfUnknownTime) {
  constexpr auto offset = std::chrono::nanoseconds(0x0102030405060708);
  {
    auto changes = puts(1, 10);
    changes.clock_offset = offset;
    ASSERT_TRUE(open()->commit(changes, {}));
  }
  change("\x01\x02\x03\x04\x05\x06\x07\x08", 3, '\x05');
  auto database = open(0, boot_b);
  EXPECT_EQ(database->dropped().size(), 1U);
  EXPECT_TRUE(database->contents()->clock_offsets.empty());
  const auto page = database->read(0, 10, 100);
  ASSERT_EQ(page->readings.size(), 10U);
  EXPECT_NE(page->readings[0].taken.boot, 0U);
}

TEST_F(DatabaseTest, OfADamagedFileAValueWhoseBytesHaveChangedIsNotSaved) {
  ASSERT_TRUE(open()->commit(puts(1, 100), {{"counter/rain", "total 42"}, {"counter/sun", "total 7"}}));
  change("total 42", 6, '5');
  spoil_the_first_page();
  EXPECT_EQ(salvage().kept, 1U);
  EXPECT_EQ(*open()->kept(), (KeptMap{{"counter/sun", "total 7"}}));
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsDamagedAndWithoutRows) {
  write("this is not a database, whatever its name says " + std::string(10'000, 'x'));
  EXPECT_EQ(Database::open(file, 0, boot_a).error().code, Errc::checksum);
  const auto saved = salvage();
  EXPECT_EQ(saved.readings, 0U);
  EXPECT_TRUE(std::filesystem::exists(saved.aside));
  EXPECT_EQ(good_readings(), 0U);
}

TEST_F(DatabaseTest, OfATruncatedFileTheReadingsBeforeItsEndAreSaved) {
  fill(5000);
  const auto content = bytes();
  write(content.substr(0, content.size() / 2));
  EXPECT_EQ(Database::open(file, 0, boot_a).error().code, Errc::checksum);
  const auto saved = salvage();
  EXPECT_GT(saved.readings, 2000U);
  EXPECT_EQ(saved.kept, 1U);
  EXPECT_EQ(good_readings(), saved.readings);
}

TEST_F(DatabaseTest, WhenTheFirstPageIsDamagedTheReadingsAreSavedAllTheSame) {
  fill(5000);
  spoil_the_first_page();
  EXPECT_EQ(Database::open(file, 0, boot_a).error().code, Errc::checksum);
  EXPECT_EQ(salvage().readings, 5000U);
  EXPECT_EQ(good_readings(), 5000U);
}

/// What a page holds, as SQLite itself counts it (https://sqlite.org/dbstat.html).
struct PageUse {
  std::uint64_t page = 0;
  std::string table;
  std::string type;
  std::uint64_t rows = 0;

  [[nodiscard]] std::uint64_t readings() const {
    if (table != "readings" || type == "internal") return 0;
    return type == "overflow" ? 1 : rows;
  }
  /// The table has no rowid, so its inner pages hold rows, too.
  [[nodiscard]] std::uint64_t kept() const { return table == "kept" ? rows : 0; }
  /// Of the hundreds of leaves, some are enough.
  [[nodiscard]] bool is_worth_a_round() const {
    return table != "readings" || type == "internal" || page % (type == "leaf" ? 60 : 5) == 0;
  }
};

std::vector<PageUse> uses_of_pages(const std::filesystem::path& file) {
  Connection connection(file, true);
  auto row = connection.prepare("SELECT pageno, name, pagetype, ncell FROM dbstat");
  std::vector<PageUse> uses;
  while (row.step())
    uses.push_back({static_cast<std::uint64_t>(row.integer(0)), row.bytes(1), row.bytes(2),
                    static_cast<std::uint64_t>(row.integer(3))});
  return uses;
}

/// Interior pages, too: these lead to many readings, and hold none.
TEST_F(DatabaseTest, ADamagedPageCostsItsOwnRowsAlone) {
  constexpr MessageId readings = 6000;
  constexpr std::size_t values = 400;
  KeptMap kept;
  for (std::size_t i = 0; i < values; ++i) kept["counter/" + std::to_string(i)] = std::string(40, '7');
  {
    auto changes = puts(1, readings, 400);
    for (MessageId id = 500; id <= readings; id += 500) changes.put[id - 1] = numbered(id, 10'000);
    ASSERT_TRUE(open()->commit(changes, kept));
  }
  const auto whole = bytes();
  std::mt19937 random(1);
  std::set<std::string> kinds;
  for (const auto& use : uses_of_pages(file)) {
    if (!use.is_worth_a_round()) continue;
    kinds.insert(use.table + " " + use.type);
    auto content = whole;
    const auto at = (use.page - 1) * 4096;
    for (std::size_t i = 0; i < 4096; ++i) content[at + i] = static_cast<char>(random());
    write(content);
    if (auto opened = Database::open(file, 0, boot_a); opened) {
      opened->reset();  // such as a page of an index
    } else {
      EXPECT_EQ(opened.error().code, Errc::checksum);
      const auto saved = salvage();
      EXPECT_EQ(saved.readings, readings - use.readings()) << use.table << " " << use.type << " " << use.page;
      EXPECT_EQ(saved.kept, values - use.kept()) << use.table << " " << use.type << " " << use.page;
    }
    auto database = open();
    EXPECT_EQ(database->contents()->count, readings - use.readings()) << use.table << " " << use.type;
  }
  EXPECT_TRUE(kinds.contains("sqlite_schema leaf") && kinds.contains("readings internal") &&
              kinds.contains("readings overflow") && kinds.contains("kept internal") && kinds.contains("boots leaf"))
      << testing::PrintToString(kinds);
}

TEST_F(DatabaseTest, WhatTheBrokerHasDoesNotComeBackFromAFreePage) {
  fill(5000);
  {
    auto database = open();
    OutboxChanges changes;
    for (MessageId id = 1; id <= 4000; ++id) changes.erase.add(id);
    ASSERT_TRUE(database->commit(changes, {}));
  }
  spoil_the_first_page();
  EXPECT_EQ(salvage().readings, 1000U);
}

TEST_F(DatabaseTest, WhatOnlyTheLogHasIsSavedUpToItsLastWholeCommit) {
  const auto log = file.string() + "-wal";
  const auto elsewhere = directory.path() / "elsewhere";
  {
    auto database = open();
    ASSERT_TRUE(database->commit(puts(1, 100), {{"counter/rain", "42"}}));
    ASSERT_TRUE(database->commit(puts(101, 200), {}));
    std::filesystem::copy_file(file, elsewhere);  // closing it would empty the log
    std::filesystem::copy_file(log, elsewhere.string() + "-wal");
  }
  struct Damage {
    std::uintmax_t cut;  ///< bytes off the end
    bool change;         ///< a byte near it
    std::uint64_t readings;
  };
  for (const auto& [cut, change, readings] : {Damage{0, false, 200}, Damage{100, false, 100}, Damage{0, true, 100}}) {
    std::filesystem::copy_file(elsewhere.string() + "-wal", log, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(log, std::filesystem::file_size(log) - cut);
    if (change) std::fstream(log, std::ios::binary | std::ios::in | std::ios::out).seekp(-100, std::ios::end).put('x');
    write(std::string(4096, 'x'));
    const auto saved = salvage();
    EXPECT_EQ(saved.readings, readings);
    EXPECT_EQ(saved.kept, 1U);
    EXPECT_EQ(good_readings(), readings);
  }
}

TEST_F(DatabaseTest, AStartThatIsLostIsNotTakenForTheNextOne) {
  fill(10);
  auto content = bytes();
  const auto at = content.find(boot_a);
  ASSERT_NE(at, std::string::npos);
  const auto page = at / 4096 * 4096;  // of boots: the page of its index comes after
  std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(page), 4096, 'x');
  std::fill_n(content.begin(), 4096, 'x');
  write(content);
  EXPECT_EQ(salvage().readings, 10U);
  auto database = open(0, boot_b);
  EXPECT_NE(database->read(0, 10, 1)->readings.at(0).taken.boot, 0U);
}

TEST_F(DatabaseTest, WhenNothingCanBeSavedNowTheDamagedFileStaysWhereItIs) {
  fill(100);
  spoil_the_first_page();
  std::filesystem::create_directories(file.string() + ".new/in the way");
  EXPECT_EQ(set_aside_and_save(file).error().code, Errc::io);
  std::filesystem::remove_all(file.string() + ".new");
  EXPECT_EQ(salvage().readings, 100U);
}

TEST_F(DatabaseTest, WhateverBytesChangeNothingFalseIsGivenOut) {
  fill(2000);
  const auto whole = bytes();
  std::mt19937 random(2);
  for (int round = 0; round < 30; ++round) {
    auto content = whole;
    for (int i = 0; i < 20; ++i) content[random() % content.size()] = static_cast<char>(random());
    write(content);
    auto opened = Database::open(file, 0, boot_a);
    if (opened) opened->reset();
    if (!opened) {
      ASSERT_EQ(opened.error().code, Errc::checksum) << opened.error().detail;
      salvage();
    }
    EXPECT_LE(good_readings(), 2000U);
  }
}

/// As version 1 made it, whose values and starts had no checksum; readings are the same.
struct Version1Test : DatabaseTest {
  static constexpr const char* make = R"(
ALTER TABLE kept RENAME TO new_kept;
ALTER TABLE boots RENAME TO new_boots;
CREATE TABLE kept(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE boots(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, clock_offset INTEGER);
INSERT INTO kept SELECT key, value FROM new_kept;
INSERT INTO boots SELECT number, id, clock_offset FROM new_boots;
DROP TABLE new_kept;
DROP TABLE new_boots;
PRAGMA user_version = 1;
VACUUM;)";
  const KeptMap values{{"counter/rain", "total 42"}, {"counter/sun", std::string("\0x", 2)}};

  void SetUp() override {
    auto changes = puts(1, 100);
    changes.clock_offset = 5h;
    ASSERT_TRUE(open()->commit(changes, values));
    Connection(file, true).run(make);
  }
  void everything_is_there() const {
    auto database = open(0, boot_b);
    ASSERT_NE(database, nullptr);
    EXPECT_EQ(*database->kept(), values);
    const auto page = database->read(0, 100, 1000);
    ASSERT_EQ(page->readings.size(), 100U);
    EXPECT_EQ(database->contents()->clock_offsets.at(page->readings[0].taken.boot), 5h);
    EXPECT_EQ(database->dropped(), std::vector<std::string>{});
  }
};

TEST_F(Version1Test, AFileOfAnEarlierVersionIsReadAndHasChecksumsAfterwards) {
  everything_is_there();
  everything_is_there();
  EXPECT_EQ(Connection(file, true).number("PRAGMA user_version"), 2);
  change("total 42", 6, '5');
  EXPECT_EQ(open()->dropped(), std::vector<std::string>{"counter/rain"});
}

TEST_F(Version1Test, AnUpgradeThatThePowerCutsIsDoneAtTheNextStart) {
  const auto log = file.string() + "-wal";
  const auto before = bytes();
  const auto elsewhere = directory.path() / "elsewhere";
  {
    auto database = open();
    std::filesystem::copy_file(log, elsewhere);  // closing it would empty the log
  }
  const auto size = std::filesystem::file_size(elsewhere);
  ASSERT_GT(size, 4U * 4096U);
  for (std::uintmax_t cut = 0; cut <= size; cut += 1000) {
    write(before);
    std::filesystem::copy_file(elsewhere, log, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(log, cut);
    everything_is_there();
  }
}

TEST_F(Version1Test, OfADamagedFileOfAnEarlierVersionWhatIsWholeIsSaved) {
  spoil_the_first_page();
  EXPECT_EQ(Database::open(file, 0, boot_a).error().code, Errc::checksum);
  EXPECT_EQ(salvage().kept, 2U);
  everything_is_there();
}

/// 1 and 0 differ by one bit.
TEST_F(Version1Test, AVersionThatHasChangedIsNotBelieved) {
  Connection(file, true).run("PRAGMA user_version = 0");
  everything_is_there();
}

TEST_F(DatabaseTest, AFileOfALaterVersionIsLeftAsItIs) {
  fill(10);
  Connection(file, true).run("PRAGMA user_version = 3");
  const auto before = bytes();
  EXPECT_EQ(Database::open(file, 0, boot_a).error().code, Errc::io);
  EXPECT_EQ(bytes(), before);
}

TEST_F(DatabaseTest, OnlyTheNewestDamagedFileIsKept) {
  for (int i = 0; i < 3; ++i) {
    std::filesystem::remove(file);
    write("not a database " + std::string(1000, 'x'));
    salvage();
  }
  std::size_t asides = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
    asides += entry.path().filename().string().find(".damaged-") != std::string::npos ? 1U : 0U;
  EXPECT_EQ(asides, 1U);
}

}  // namespace
}  // namespace b2m

// SQLite behind owning types. Inside this folder alone: what it throws goes no further.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace b2m {

/// What SQLite refuses to do.
class SqliteError : public std::runtime_error {
 public:
  SqliteError(int code, const std::string& words) : std::runtime_error(words), code_(code & 0xff) {}
  /// The file is no database, or not a whole one.
  [[nodiscard]] bool damaged() const noexcept { return code_ == SQLITE_CORRUPT || code_ == SQLITE_NOTADB; }

 private:
  int code_;
};

class Statement;

/// An open database. One thread at a time; throws SqliteError.
class Connection {
 public:
  /// Made if there is none, unless `must_exist`.
  explicit Connection(const std::filesystem::path& file, bool must_exist = false);

  void run(const char* sql);
  [[nodiscard]] Statement prepare(std::string_view sql);
  /// The only value of a query, 0 for none.
  [[nodiscard]] std::int64_t number(std::string_view sql);
  /// Rows that the last statement has changed.
  [[nodiscard]] std::int64_t changes() const noexcept { return sqlite3_changes64(handle_.get()); }
  [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement: bind() in order, then step() through its rows. As its connection.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind_blob(std::string_view bytes);
  /// True while there is a row.
  bool step();
  /// All rows; and then it can be bound anew.
  void run();
  void reset() noexcept;

  [[nodiscard]] std::int64_t integer(int column) const noexcept { return sqlite3_column_int64(handle_.get(), column); }
  [[nodiscard]] std::string bytes(int column) const;
  [[nodiscard]] bool is_null(int column) const noexcept {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const noexcept { sqlite3_finalize(handle); }
  };
  void check(int code) const;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int next_ = 1;
};

/// Undone unless committed. As its connection.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) { connection_.run("BEGIN IMMEDIATE"); }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

}  // namespace b2m

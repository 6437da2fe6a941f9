#include "daemon/store/sqlite.hpp"

namespace b2m {
namespace {

[[noreturn]] void raise(sqlite3* handle, int code) {
  throw SqliteError(code, handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
}

}  // namespace

Connection::Connection(const std::filesystem::path& file, bool must_exist) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (must_exist ? 0 : SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) raise(handle, code);
  sqlite3_extended_result_codes(handle, 1);
}

void Connection::run(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) raise(handle_.get(), code);
}

Statement Connection::prepare(std::string_view sql) { return {handle_.get(), sql}; }

std::int64_t Connection::number(std::string_view sql) {
  auto query = prepare(sql);
  return query.step() ? query.integer(0) : 0;
}

Statement::Statement(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &handle, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) raise(database, code);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) raise(sqlite3_db_handle(handle_.get()), code);
}

Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(handle_.get(), next_++, value));
  return *this;
}

// What is bound outlives the run of the statement: it is a value of the caller's.
Statement& Statement::bind(std::string_view text) {
  check(sqlite3_bind_text(handle_.get(), next_++, text.data(), static_cast<int>(text.size()), nullptr));
  return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
  check(sqlite3_bind_blob(handle_.get(), next_++, bytes.empty() ? "" : bytes.data(), static_cast<int>(bytes.size()),
                          nullptr));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    const SqliteError error(code, sqlite3_errmsg(sqlite3_db_handle(handle_.get())));
    reset();
    throw error;
  }
  return code == SQLITE_ROW;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() noexcept {
  sqlite3_reset(handle_.get());
  next_ = 1;
}

std::string Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(handle_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

Transaction::~Transaction() {
  // After some errors SQLite has rolled back by itself, and this does nothing.
  if (open_) sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  connection_.run("COMMIT");
  open_ = false;
}

}  // namespace b2m

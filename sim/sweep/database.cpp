#include "sim/sweep/database.h"

#include <sqlite3.h>

#include "arch/base/error.h"

namespace bitscale::sweep {
namespace {

constexpr int kBusyMs = 10'000;

bool good(int status) {
  return status == SQLITE_OK || status == SQLITE_ROW || status == SQLITE_DONE;
}

[[noreturn]] void fail(const std::string& file, sqlite3* connection, int status) {
  const char* reason = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(status);
  throw base::UserError(file, std::string("the store of results cannot be used: ") + reason);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement::Statement(sqlite3* connection, const std::string& sql, std::string file)
    : file_(std::move(file)) {
  sqlite3_stmt* compiled = nullptr;
  const int status = sqlite3_prepare_v2(connection, sql.c_str(), -1, &compiled, nullptr);
  if (!good(status)) fail(file_, connection, status);
  statement_.reset(compiled);
}

void Statement::check(int status) const {
  if (!good(status)) fail(file_, sqlite3_db_handle(statement_.get()), status);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter + 1, value));
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  check(sqlite3_bind_double(statement_.get(), parameter + 1, value));
  return *this;
}

Statement& Statement::bind(int parameter, const std::string& text) {
  check(sqlite3_bind_text(statement_.get(), parameter + 1, text.data(),
                          static_cast<int>(text.size()), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind_blob(int parameter, const std::string& bytes) {
  check(sqlite3_bind_blob(statement_.get(), parameter + 1, bytes.data(),
                          static_cast<int>(bytes.size()), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  check(sqlite3_bind_null(statement_.get(), parameter + 1));
  return *this;
}

bool Statement::step() {
  const int status = sqlite3_step(statement_.get());
  check(status);
  return status == SQLITE_ROW;
}

void Statement::run() {
  step();
  check(sqlite3_reset(statement_.get()));
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::number(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const unsigned char* bytes = sqlite3_column_text(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return bytes == nullptr ? "" : std::string(reinterpret_cast<const char*>(bytes), size);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* connection) const { sqlite3_close(connection); }

Database::Database(const std::filesystem::path& file, bool writable) : file_(file.string()) {
  const int mode = writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* opened = nullptr;
  const int status = sqlite3_open_v2(file_.c_str(), &opened, mode, nullptr);
  connection_.reset(opened);
  if (!good(status)) fail(file_, opened, status);
  sqlite3_busy_timeout(opened, kBusyMs);
}

void Database::execute(const std::string& sql) {
  const int status = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (!good(status)) fail(file_, connection_.get(), status);
}

Statement Database::prepare(const std::string& sql) {
  return Statement(connection_.get(), sql, file_);
}

std::int64_t Database::integer(const std::string& sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(connection_.get()); }

}  // namespace bitscale::sweep

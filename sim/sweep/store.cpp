#include "sim/sweep/store.h"

#include <fcntl.h>
#include <unistd.h>

#include "arch/base/error.h"
#include "sim/sweep/result_fields.h"

namespace bitscale::sweep {
namespace {

constexpr std::int64_t kBatch = 500;
constexpr double kBatchSeconds = 0.5;

// Columns of what select_all() gives: point, engine, key, error, then one per result field.
constexpr int kFirstField = 4;
// Columns of `results` before the fields: key, engine, error.
constexpr int kFirstResultField = 3;

// 64 hexadecimal digits → 32 bytes.
std::string bytes_of(const std::string& digits) {
  const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(nibble(digits[i]) << 4 | nibble(digits[i + 1]));
  }
  return bytes;
}

std::string field_columns(const char* suffix) {
  std::string text;
  for (const std::string& field : result_fields()) text += ", " + field + suffix;
  return text;
}

std::string file_of(const std::filesystem::path& folder) { return (folder / kStoreFile).string(); }

std::string meta(Database& database, const std::string& name) {
  Statement found = database.prepare("SELECT value FROM meta WHERE name = ?");
  found.bind(0, name);
  return found.step() ? found.text(0) : "";
}

void require_version(Database& database, const std::string& file) {
  const std::int64_t version = database.integer("PRAGMA user_version");
  if (version == kStoreSchemaVersion) return;
  throw base::UserError(file, "is of store version " + std::to_string(version) +
                                  "; this program reads version " +
                                  std::to_string(kStoreSchemaVersion) + ": use another folder");
}

void require_same(const StoreIdentity& found, const StoreIdentity& wanted,
                  const std::string& file) {
  if (found.sweep != wanted.sweep) {
    throw base::UserError(file,
                          "holds the points of another sweep (its base, axes, constraints or "
                          "sampling differ): use another folder");
  }
  if (found.program != wanted.program) {
    throw base::UserError(file, "was made by another build of the program (" + found.program +
                                    "; this is " + wanted.program +
                                    "), whose numbers may differ: use another folder, or that "
                                    "program; nothing was changed");
  }
}

Outcome outcome_of(const Statement& row) {
  Outcome outcome;
  outcome.key = row.text(2);
  outcome.error = row.text(3);
  if (!outcome.error.empty()) return outcome;
  for (std::size_t i = 0; i < result_fields().size(); ++i) {
    outcome.values.push_back(row.number(kFirstField + static_cast<int>(i)));
  }
  return outcome;
}

std::string select_all() {
  return "SELECT point, points.engine, lower(hex(key)), error" + field_columns("") +
         " FROM points JOIN results ON results.id = points.result ORDER BY point, points.engine";
}

Job job_of(const Statement& row) {
  return {row.integer(0), row.integer(1) == 0 ? Engine::Analytic : Engine::SystemC};
}

}  // namespace

StoreIdentity read_identity(const std::filesystem::path& folder) {
  const std::string file = file_of(folder);
  if (!std::filesystem::is_regular_file(file)) {
    throw base::UserError(file, "does not exist; expected the folder of a sweep");
  }
  Database database(file, false);
  require_version(database, file);
  return {meta(database, "sweep"), meta(database, "program")};
}

Store::Store(const std::filesystem::path& folder, const StoreIdentity& identity, bool resume)
    : identity_(identity) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) throw base::UserError(folder.string(), "cannot be made: " + code.message());
  lock(folder);
  try {
    database_ = std::make_unique<Database>(file_of(folder), true);
    prepare_tables(identity, file_of(folder));
    if (!resume && database_->integer("SELECT count(*) FROM points") > 0) {
      throw base::UserError(file_of(folder),
                            "has results already: --resume continues them, or use another folder");
    }
    std::string marks;
    for (std::size_t i = 0; i < result_fields().size(); ++i) marks += ", ?";
    insert_result_.emplace(database_->prepare("INSERT INTO results (key, engine, error" +
                                              field_columns("") + ") VALUES (?, ?, ?" + marks +
                                              ")"));
    find_result_.emplace(
        database_->prepare("SELECT max(id) FROM results WHERE key = ? AND engine = ?"));
    insert_point_.emplace(database_->prepare("INSERT INTO points VALUES (?, ?, ?)"));
    find_point_.emplace(
        database_->prepare("SELECT count(*) FROM points WHERE point = ? AND engine = ?"));
  } catch (...) {
    ::close(lock_);
    throw;
  }
  committed_ = std::chrono::steady_clock::now();
}

Store::~Store() {
  try {
    commit();
  } catch (const std::exception&) {
    waiting_ = 0;  // the last batch is lost, as if the program had been killed
  }
  ::close(lock_);
}

// A lock of the process, released by the kernel however it ends and not inherited by workers.
void Store::lock(const std::filesystem::path& folder) {
  const std::string file = (folder / "sweep.lock").string();
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) {
    throw base::UserError(folder.string(),
                          "cannot be written: " + std::generic_category().message(errno));
  }
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(lock_, F_SETLK, &whole) == 0) return;
  ::close(lock_);
  throw base::UserError(folder.string(), "another sweep is writing here");
}

void Store::prepare_tables(const StoreIdentity& identity, const std::string& file) {
  if (database_->integer("SELECT count(*) FROM sqlite_master") > 0) {
    require_version(*database_, file);
    require_same({meta(*database_, "sweep"), meta(*database_, "program")}, identity, file);
  }
  database_->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database_->execute("BEGIN IMMEDIATE");
  database_->execute(
      "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
  database_->execute(
      "CREATE TABLE IF NOT EXISTS results (id INTEGER PRIMARY KEY, key BLOB, engine INTEGER NOT "
      "NULL, error TEXT NOT NULL" +
      field_columns(" REAL") + ", UNIQUE (key, engine))");
  database_->execute(
      "CREATE TABLE IF NOT EXISTS points (point INTEGER NOT NULL, engine INTEGER NOT NULL, "
      "result INTEGER NOT NULL REFERENCES results, PRIMARY KEY (point, engine)) WITHOUT ROWID");
  Statement write = database_->prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)");
  write.bind(0, std::string("sweep")).bind(1, identity.sweep).run();
  write.bind(0, std::string("program")).bind(1, identity.program).run();
  database_->execute("PRAGMA user_version = " + std::to_string(kStoreSchemaVersion));
  database_->execute("COMMIT");
}

bool Store::has(const Job& job) {
  find_point_->bind(0, job.index).bind(1, static_cast<std::int64_t>(job.engine));
  find_point_->step();
  const bool found = find_point_->integer(0) > 0;
  find_point_->run();
  return found;
}

// The row of `results`, made when no point of this configuration came before.
std::int64_t Store::result_of(const Job& job, const Outcome& outcome) {
  const auto engine = static_cast<std::int64_t>(job.engine);
  const std::string key = bytes_of(outcome.key);
  if (!key.empty()) {
    find_result_->bind_blob(0, key).bind(1, engine);
    find_result_->step();
    const std::int64_t found = find_result_->is_null(0) ? 0 : find_result_->integer(0);
    find_result_->run();
    if (found > 0) return found;
    insert_result_->bind_blob(0, key);
  } else {
    insert_result_->bind_null(0);
  }
  insert_result_->bind(1, engine).bind(2, outcome.error);
  for (std::size_t i = 0; i < result_fields().size(); ++i) {
    const int column = kFirstResultField + static_cast<int>(i);
    if (outcome.error.empty()) {
      insert_result_->bind(column, outcome.values.at(i));
    } else {
      insert_result_->bind_null(column);
    }
  }
  insert_result_->run();
  return database_->last_row();
}

void Store::add(const Job& job, const Outcome& outcome) {
  if (waiting_ == 0) database_->execute("BEGIN IMMEDIATE");
  ++waiting_;
  const std::int64_t result = result_of(job, outcome);
  insert_point_->bind(0, job.index).bind(1, static_cast<std::int64_t>(job.engine));
  insert_point_->bind(2, result).run();
  const std::chrono::duration<double> age = std::chrono::steady_clock::now() - committed_;
  if (waiting_ >= kBatch || age.count() >= kBatchSeconds) commit();
}

void Store::commit() {
  if (waiting_ > 0) database_->execute("COMMIT");
  waiting_ = 0;
  committed_ = std::chrono::steady_clock::now();
}

void Store::forget_failures(const std::string& beginning, const std::string& kept) {
  commit();
  const std::string such =
      "(SELECT id FROM results WHERE key IS NULL AND substr(error, 1, length(?)) = ? AND error <> "
      "?)";
  database_->execute("BEGIN IMMEDIATE");
  for (const char* table : {"points WHERE result", "results WHERE id"}) {
    Statement forget = database_->prepare("DELETE FROM " + std::string(table) + " IN " + such);
    forget.bind(0, beginning).bind(1, beginning).bind(2, kept).run();
  }
  database_->execute("COMMIT");
}

void Store::visit(const std::function<void(const Job&, Outcome&&)>& visitor) {
  commit();
  Statement rows = database_->prepare(select_all());
  while (rows.step()) visitor(job_of(rows), outcome_of(rows));
}

std::int64_t Store::merge(const std::filesystem::path& folder) {
  require_same(read_identity(folder), identity_, file_of(folder));
  Database other(file_of(folder), false);
  Statement rows = other.prepare(select_all());
  std::int64_t taken = 0;
  while (rows.step()) {
    const Job job = job_of(rows);
    if (has(job)) continue;
    add(job, outcome_of(rows));
    ++taken;
  }
  commit();
  return taken;
}

}  // namespace bitscale::sweep

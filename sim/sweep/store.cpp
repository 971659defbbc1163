#include "sim/sweep/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <limits>

#include "arch/base/error.h"
#include "sim/sweep/result_fields.h"

namespace bitscale::sweep {
namespace {

constexpr std::int64_t kBatch = 500;
constexpr const char* kShardNote = "shard ";  // begins the names in `meta` of shards run there
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

// A name for the column of a pointer: with its number, because SQLite takes no two names that
// differ in capitals only.
std::string pointer_column(std::size_t number, const std::string& pointer) {
  std::string name = "\"" + std::to_string(number) + " ";
  for (const char c : pointer) name += c == '"' ? std::string("\"\"") : std::string(1, c);
  return name + "\"";
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
                          "holds the points of another sweep (its base, axes, constraints, "
                          "sampling or pointers into report.json differ): use another folder");
  }
  if (found.program != wanted.program) {
    throw base::UserError(file, "was made by another build of the program (" + found.program +
                                    "; this is " + wanted.program +
                                    "), whose numbers may differ: use another folder, or that "
                                    "program; nothing was changed");
  }
}

Job job_of(const Statement& row) {
  return {row.integer(0), row.integer(1) == 0 ? Engine::Analytic : Engine::SystemC};
}

}  // namespace

std::size_t Store::value_count() const {
  return result_fields().size() + identity_.pointers.size();
}

std::string Store::columns(const char* suffix) const {
  std::string text;
  for (const std::string& field : result_fields()) text += ", " + field + suffix;
  for (std::size_t i = 0; i < identity_.pointers.size(); ++i) {
    text += ", " + pointer_column(i, identity_.pointers[i]) + suffix;
  }
  return text;
}

Outcome Store::outcome_of(const Statement& row) const {
  Outcome outcome;
  outcome.key = row.text(2);
  outcome.error = row.text(3);
  if (!outcome.error.empty()) return outcome;
  for (std::size_t i = 0; i < value_count(); ++i) {
    const int column = kFirstField + static_cast<int>(i);
    outcome.values.push_back(row.is_null(column) ? std::numeric_limits<double>::quiet_NaN()
                                                 : row.number(column));
  }
  return outcome;
}

std::string Store::select_all() const {
  return "SELECT point, points.engine, lower(hex(key)), error" + columns("") +
         " FROM points JOIN results ON results.id = points.result ORDER BY point, points.engine";
}

StoreIdentity read_identity(const std::filesystem::path& folder) {
  const std::string file = file_of(folder);
  if (!std::filesystem::is_regular_file(file)) {
    throw base::UserError(file, "does not exist; expected the folder of a sweep");
  }
  Database database(file, false);
  require_version(database, file);
  return {meta(database, "sweep"), meta(database, "program")};
}

void require_mergeable(const std::filesystem::path& folder, const StoreIdentity& identity) {
  require_same(read_identity(folder), identity, file_of(folder));
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
    for (std::size_t i = 0; i < value_count(); ++i) marks += ", ?";
    insert_result_.emplace(database_->prepare("INSERT INTO results (key, engine, error" +
                                              columns("") + ") VALUES (?, ?, ?" + marks + ")"));
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
      columns(" REAL") + ", UNIQUE (key, engine))");
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
  for (std::size_t i = 0; i < value_count(); ++i) {
    const int column = kFirstResultField + static_cast<int>(i);
    if (outcome.error.empty() && !std::isnan(outcome.values.at(i))) {
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

void Store::note_shard(const Shard& shard) {
  Statement note = database_->prepare("INSERT OR IGNORE INTO meta VALUES (?, '')");
  note.bind(0, kShardNote + std::to_string(shard.number) + "/" + std::to_string(shard.count)).run();
}

MergedStore Store::merge(const std::filesystem::path& folder) {
  require_mergeable(folder, identity_);
  Database other(file_of(folder), false);
  Statement rows = other.prepare(select_all());
  MergedStore merged;
  while (rows.step()) {
    merged.rows.push_back(job_of(rows));
    if (has(merged.rows.back())) continue;
    add(merged.rows.back(), outcome_of(rows));
    ++merged.taken;
  }
  commit();
  Statement shards = other.prepare(
      "SELECT substr(name, length(?) + 1) FROM meta WHERE substr(name, "
      "1, length(?)) = ? ORDER BY name");
  shards.bind(0, std::string(kShardNote)).bind(1, std::string(kShardNote));
  shards.bind(2, std::string(kShardNote));
  while (shards.step()) {
    merged.shards.push_back(parse_shard(shards.text(0)));
    note_shard(merged.shards.back());
  }
  return merged;
}

}  // namespace bitscale::sweep

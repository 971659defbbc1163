// SQLite as far as a store needs it: a connection, statements, errors as UserError.
#ifndef BITSCALE_SIM_SWEEP_DATABASE_H_
#define BITSCALE_SIM_SWEEP_DATABASE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace bitscale::sweep {

/// A compiled statement. Parameters and columns count from 0.
class Statement {
 public:
  Statement(sqlite3* connection, const std::string& sql, std::string file);

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, const std::string& text);
  Statement& bind_blob(int parameter, const std::string& bytes);
  Statement& bind_null(int parameter);
  /// True while there is a row.
  bool step();
  /// Steps once and makes it ready for the next use.
  void run();

  std::int64_t integer(int column) const;
  double number(int column) const;
  std::string text(int column) const;
  bool is_null(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  void check(int status) const;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string file_;
};

class Database {
 public:
  /// Opens `file`, making it when it is missing and `writable`. Throws UserError naming the file
  /// and SQLite's reason (read-only folder, no database, disk full, …).
  Database(const std::filesystem::path& file, bool writable);

  void execute(const std::string& sql);
  Statement prepare(const std::string& sql);
  /// The first column of the first row.
  std::int64_t integer(const std::string& sql);
  /// The row that the last INSERT made.
  std::int64_t last_row() const;

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  std::unique_ptr<sqlite3, Close> connection_;
  std::string file_;
};

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_DATABASE_H_

// The results of a sweep in one SQLite file. `results` has a column per result field and one per
// JSON pointer that the sweep names (NULL where a point's report has no such number) and is keyed
// by SHA-256 of resolved configuration and build of the program, and by engine; `points` says which
// result each point has. Points of equal configurations share one result; a point that never had a
// configuration (refused, crashed, out of time) has a result without a key.
// WAL with commits in batches: whatever was committed survives kill −9, and a batch cut off is
// simply computed again. One writer at a time.
#ifndef BITSCALE_SIM_SWEEP_STORE_H_
#define BITSCALE_SIM_SWEEP_STORE_H_

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/database.h"
#include "sim/sweep/outcome.h"
#include "sim/sweep/point_space.h"

namespace bitscale::sweep {

inline constexpr std::int64_t kStoreSchemaVersion = 2;
inline constexpr const char* kStoreFile = "sweep.sqlite";

/// What the rows of a store belong to; two stores may meet only when all of it is equal.
struct StoreIdentity {
  std::string sweep;                    ///< SweepSpec::fingerprint
  std::string program;                  ///< name, version and build
  std::vector<std::string> pointers{};  ///< SweepSpec::pointers, part of its fingerprint
};

/// What a merge found in another store.
struct MergedStore {
  std::vector<Shard> shards;  ///< those whose points were to be computed there
  std::vector<Job> rows;      ///< in order
  std::int64_t taken = 0;     ///< rows that were not here yet
};

class Store {
 public:
  /// Opens or makes DIR/sweep.sqlite. Throws UserError when another sweep writes it, when it is of
  /// another schema version, sweep or program, or when it has rows and `resume` is false.
  Store(const std::filesystem::path& folder, const StoreIdentity& identity, bool resume);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  bool has(const Job& job);
  /// Commits when kBatch outcomes or kBatchSeconds have gathered.
  void add(const Job& job, const Outcome& outcome);
  void commit();
  /// Forgets the failures whose message begins with `beginning`, but for those that say `kept`:
  /// their points are computed again.
  void forget_failures(const std::string& beginning, const std::string& kept);
  /// Visits the rows in order of (index, engine), analytic first.
  void visit(const std::function<void(const Job&, Outcome&&)>& visitor);
  /// Notes that points of this shard are computed here.
  void note_shard(const Shard& shard);
  /// Takes the rows of another store that this one does not have. Throws UserError when it belongs
  /// to another sweep, program or schema.
  MergedStore merge(const std::filesystem::path& folder);

 private:
  void prepare_tables(const StoreIdentity& identity, const std::string& file);
  void lock(const std::filesystem::path& folder);

  int lock_ = -1;
  StoreIdentity identity_;
  std::unique_ptr<Database> database_;
  std::int64_t result_of(const Job& job, const Outcome& outcome);
  std::string columns(const char* suffix) const;
  std::size_t value_count() const;
  std::string select_all() const;
  Outcome outcome_of(const Statement& row) const;

  std::optional<Statement> insert_result_, find_result_, insert_point_, find_point_;
  std::int64_t waiting_ = 0;
  std::chrono::steady_clock::time_point committed_;
};

/// Throws UserError as Store::merge() would for this folder, before anything is made.
void require_mergeable(const std::filesystem::path& folder, const StoreIdentity& identity);

/// The identity of a finished or interrupted store.
StoreIdentity read_identity(const std::filesystem::path& folder);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_STORE_H_

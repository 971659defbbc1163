#include "sim/sweep/mpi_world.h"

#include "arch/base/error.h"

#ifdef BITSCALE_HAVE_MPI

#include <boost/mpi.hpp>
#include <boost/serialization/string.hpp>
#include <chrono>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace bitscale::sweep {
namespace {

namespace mpi = boost::mpi;
constexpr int kJobTag = 1;
constexpr int kOutcomeTag = 2;
constexpr std::chrono::microseconds kPause{200};
constexpr int kPausesBetweenIdle = 500;

static_assert(std::is_trivially_copyable_v<Job>);  // it travels as its bytes
std::string bytes_of(const Job& job) { return {reinterpret_cast<const char*>(&job), sizeof job}; }

}  // namespace

struct MpiWorld::Connection {
  mpi::environment environment{false};  // an exception tells rank 0, it does not abort the job
  mpi::communicator world;
  std::map<int, Job> busy;  ///< rank → its job
  bool serving = true;      ///< the other ranks wait for jobs
};

MpiWorld::MpiWorld() : connection_(std::make_unique<Connection>()) {
  if (connection_->world.size() < 2) {
    throw base::UserError("--mpi",
                          "needs at least 2 ranks, one of them only hands out points: "
                          "mpirun -n 3 bitscale sweep ...");
  }
}

MpiWorld::~MpiWorld() {
  if (connection_->world.size() < 2 || rank() != 0 || !connection_->serving) return;
  try {
    for (const auto& [worker, job] : connection_->busy) {  // what was asked for is thrown away
      std::string unused;
      connection_->world.recv(worker, kOutcomeTag, unused);
    }
    for (int worker = 1; worker < size(); ++worker) {
      connection_->world.send(worker, kJobTag, std::string());
    }
  } catch (const mpi::exception&) {
    connection_->busy.clear();  // the job is ending anyway
  }
}

int MpiWorld::rank() const { return connection_->world.rank(); }
int MpiWorld::size() const { return connection_->world.size(); }

std::string MpiWorld::agree(const std::string& problem) {
  std::vector<std::string> problems;
  mpi::gather(connection_->world, problem, problems, 0);
  std::string first;
  for (std::size_t rank = problems.size(); rank-- > 0;) {
    if (!problems[rank].empty()) first = "rank " + std::to_string(rank) + ": " + problems[rank];
  }
  mpi::broadcast(connection_->world, first, 0);
  connection_->serving = first.empty();
  return first;
}

bool MpiWorld::distribute(const PoolWork& work) {
  mpi::communicator& world = connection_->world;
  std::map<int, Job>& busy = connection_->busy;
  bool more = true;
  bool stopped = false;
  int pauses = 0;
  for (;;) {
    if (work.stopping && work.stopping()) stopped = true;
    for (int worker = 1; more && !stopped && worker < world.size(); ++worker) {
      if (busy.count(worker) > 0) continue;
      const std::optional<Job> job = work.next();
      more = job.has_value();
      if (!more) break;
      busy[worker] = *job;
      world.send(worker, kJobTag, bytes_of(*job));
    }
    if (busy.empty()) return !stopped;
    const auto ready = world.iprobe(mpi::any_source, kOutcomeTag);
    if (!ready) {
      std::this_thread::sleep_for(kPause);
    } else {
      std::string bytes;
      world.recv(ready->source(), kOutcomeTag, bytes);
      const Job job = busy.at(ready->source());
      busy.erase(ready->source());
      work.done(job, unpack(bytes));
    }
    if (++pauses % kPausesBetweenIdle == 0 && work.idle) work.idle();
  }
}

void MpiWorld::serve(double time_limit_s, const std::function<Outcome(const Job&)>& evaluate) {
  PoolWork work;
  work.evaluate = evaluate;
  work.next = [this]() -> std::optional<Job> {
    std::string bytes;
    connection_->world.recv(0, kJobTag, bytes);
    if (bytes.empty()) return std::nullopt;
    Job job;
    BITSCALE_INVARIANT(bytes.size() == sizeof job, "a job of another size");
    std::memcpy(&job, bytes.data(), sizeof job);
    return job;
  };
  work.done = [this](const Job& /*job*/, const Outcome& outcome) {
    connection_->world.send(0, kOutcomeTag, pack(outcome));
  };
  run_pool({1, time_limit_s}, work);
}

}  // namespace bitscale::sweep

#else

namespace bitscale::sweep {

struct MpiWorld::Connection {};

MpiWorld::MpiWorld() {
  throw base::UserError("--mpi",
                        "this program was built without MPI: install libboost-mpi-dev and "
                        "openmpi-bin, configure and build again");
}
MpiWorld::~MpiWorld() = default;
int MpiWorld::rank() const { return 0; }
int MpiWorld::size() const { return 1; }
std::string MpiWorld::agree(const std::string& problem) { return problem; }
bool MpiWorld::distribute(const PoolWork& /*work*/) { return false; }
void MpiWorld::serve(double /*time_limit_s*/,
                     const std::function<Outcome(const Job&)>& /*evaluate*/) {}

}  // namespace bitscale::sweep

#endif

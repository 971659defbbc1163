#include "sim/sweep/pool.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <new>
#include <set>
#include <vector>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/run/isolated.h"

namespace bitscale::sweep {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPollMs = 100;

// False when the other side is gone.
bool send_all(int socket, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t count = ::send(socket, bytes, size, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

bool receive_all(int socket, void* data, std::size_t size) {
  auto* bytes = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t count = ::recv(socket, bytes, size, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

// One forked process and the socket to it.
class Worker {
 public:
  Worker(const std::function<Outcome(const Job&)>& evaluate, const std::vector<int>& strangers) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) refuse("no socket for a worker");
    const pid_t parent = ::getpid();
    process_ = ::fork();
    if (process_ < 0) {
      ::close(ends[0]);
      ::close(ends[1]);
      refuse("no worker process");
    }
    if (process_ == 0) {
      ::close(ends[0]);
      for (const int other : strangers) ::close(other);
      serve(evaluate, ends[1], parent);
    }
    ::close(ends[1]);
    socket_ = ends[0];
  }
  ~Worker() {
    if (process_ > 0) end();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  int socket() const { return socket_; }
  const std::optional<Job>& job() const { return job_; }
  Clock::time_point started() const { return started_; }

  bool start(const Job& job) {
    job_ = job;
    started_ = Clock::now();
    return send_all(socket_, &job, sizeof job);
  }

  /// The answer to the job, or nothing when the worker is gone.
  std::optional<Outcome> answer() {
    std::uint64_t size = 0;
    if (!receive_all(socket_, &size, sizeof size)) return std::nullopt;
    std::string bytes(size, '\0');
    if (!receive_all(socket_, bytes.data(), bytes.size())) return std::nullopt;
    job_.reset();
    return unpack(bytes);
  }

  /// Kills it with everything it started and says how it had ended.
  std::string end() {
    int status = 0;
    // On one that is dying already the signal has no effect: its own reason stays.
    ::kill(-process_, SIGKILL);  // its group
    ::kill(process_, SIGKILL);
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    ::close(socket_);
    process_ = -1;
    return "the worker " + run::how_it_ended(status);
  }

 private:
  [[noreturn]] static void refuse(const char* what) {
    throw base::UserError("sweep", std::string(what) + ": " + std::strerror(errno));
  }

  [[noreturn]] static void serve(const std::function<Outcome(const Job&)>& evaluate, int socket,
                                 pid_t parent) {
    ::setpgid(0, 0);  // Ctrl-C is the parent's business
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    Job job;
    while (::getppid() == parent && receive_all(socket, &job, sizeof job)) {
      Outcome outcome;
      try {
        outcome = evaluate(job);
      } catch (const std::bad_alloc&) {
        outcome = {"", kNoMemory, {}};
      } catch (const std::exception& error) {
        outcome.error = std::string("internal error: ") + error.what();
      }
      const std::string bytes = pack(outcome);
      const std::uint64_t size = bytes.size();
      if (!send_all(socket, &size, sizeof size) || !send_all(socket, bytes.data(), size)) break;
    }
    ::_exit(0);
  }

  pid_t process_ = -1;
  int socket_ = -1;
  std::optional<Job> job_;
  Clock::time_point started_;
};

class Pool {
 public:
  Pool(const PoolOptions& options, const PoolWork& work)
      : options_(options), work_(work), workers_(static_cast<std::size_t>(options.workers)) {}

  bool run() {
    for (;;) {
      if (work_.stopping && work_.stopping()) return false;
      for (auto& worker : workers_) feed(worker);
      if (!any_busy() && again_.empty()) return true;
      if (!any_busy()) continue;
      wait();
      if (work_.idle) work_.idle();
    }
  }

 private:
  void feed(std::unique_ptr<Worker>& worker) {
    while (!worker || !worker->job()) {
      const std::optional<Job> job = take();
      if (!job) return;
      if (!worker) {
        std::vector<int> strangers;
        for (const auto& other : workers_) {
          if (other) strangers.push_back(other->socket());
        }
        worker = std::make_unique<Worker>(work_.evaluate, strangers);
      }
      if (!worker->start(*job)) lose(worker);
    }
  }

  std::optional<Job> take() {
    if (!again_.empty()) {
      const Job job = again_.back();
      again_.pop_back();
      return job;
    }
    std::optional<Job> job;
    if (!exhausted_) job = work_.next();
    exhausted_ = !job;
    return job;
  }

  bool any_busy() const {
    return std::any_of(workers_.begin(), workers_.end(),
                       [](const auto& worker) { return worker && worker->job(); });
  }

  void wait() {
    std::vector<pollfd> watched;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      if (!workers_[i] || !workers_[i]->job()) continue;
      watched.push_back({workers_[i]->socket(), POLLIN, 0});
      owners.push_back(i);
    }
    const int ready = ::poll(watched.data(), watched.size(), kPollMs);
    for (std::size_t i = 0; i < watched.size(); ++i) {
      std::unique_ptr<Worker>& worker = workers_[owners[i]];
      if (ready > 0 && watched[i].revents != 0) {
        hear(worker);
      } else if (Clock::now() - worker->started() >
                 std::chrono::duration<double>(options_.time_limit_s)) {
        overdue(worker);
      }
    }
  }

  void hear(std::unique_ptr<Worker>& worker) {
    const Job job = *worker->job();
    const std::optional<Outcome> outcome = worker->answer();
    if (outcome) return work_.done(job, *outcome);
    lose(worker);
  }

  void lose(std::unique_ptr<Worker>& worker) {
    const Job job = *worker->job();
    const std::string reason = worker->end();
    worker.reset();
    if (died_once_.insert({job.index, job.engine}).second) {
      again_.push_back(job);  // it may have been killed from outside
    } else {
      work_.done(job, {"", reason, {}});
    }
  }

  void overdue(std::unique_ptr<Worker>& worker) {
    const Job job = *worker->job();
    worker->end();
    worker.reset();
    work_.done(job, {"", overdue_message(options_.time_limit_s), {}});
  }

  const PoolOptions& options_;
  const PoolWork& work_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Job> again_;
  std::set<std::pair<std::int64_t, Engine>> died_once_;
  bool exhausted_ = false;
};

}  // namespace

std::string overdue_message(double time_limit_s) {
  return kOverdue + base::format_number(time_limit_s) + " s";
}

bool run_pool(const PoolOptions& options, const PoolWork& work) {
  BITSCALE_INVARIANT(options.workers >= 1, "a pool needs a worker");
  return Pool(options, work).run();
}

}  // namespace bitscale::sweep

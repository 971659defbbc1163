#include "sim/run/isolated.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"

namespace bitscale::run {
namespace {

// What the child says first: how it ended.
constexpr char kGood = '+';
constexpr char kUserFault = 'u';
constexpr char kNoMemory = 'm';
constexpr char kBroken = '!';

void write_all(int descriptor, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) ::_exit(1);
    if (count > 0) done += static_cast<std::size_t>(count);
  }
}

std::string read_all(int descriptor) {
  std::string text;
  char chunk[1 << 14];
  for (;;) {
    const ssize_t count = ::read(descriptor, chunk, sizeof chunk);
    if (count > 0) text.append(chunk, static_cast<std::size_t>(count));
    if (count == 0) return text;
    if (count < 0 && errno != EINTR) {
      throw base::InternalError(std::string("reading from a worker: ") + std::strerror(errno));
    }
  }
}

std::string outcome(const std::function<std::string()>& work) {
  try {
    return kGood + work();
  } catch (const base::UserError& error) {
    return kUserFault + std::string(error.what());
  } catch (const std::bad_alloc&) {
    return {kNoMemory};
  } catch (const std::exception& error) {
    return kBroken + std::string(error.what());
  }
}

}  // namespace

std::string how_it_ended(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int signal = WTERMSIG(wait_status);
    return "died of signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  }
  return "ended with exit status " + std::to_string(WEXITSTATUS(wait_status));
}

std::string run_isolated(const std::function<std::string()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) {
    throw base::InternalError(std::string("no pipe for a worker: ") + std::strerror(errno));
  }
  const pid_t child = ::fork();
  if (child < 0) {
    throw base::InternalError(std::string("no worker process: ") + std::strerror(errno));
  }
  if (child == 0) {
    ::close(ends[0]);
    write_all(ends[1], outcome(work));
    ::_exit(0);
  }
  ::close(ends[1]);
  const std::string answer = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (answer.empty() || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw WorkerDied("the process of a simulation " + how_it_ended(status));
  }
  if (answer[0] == kNoMemory) throw std::bad_alloc();
  if (answer[0] == kUserFault) throw base::UserError("run", answer.substr(1));
  if (answer[0] == kBroken) throw base::InternalError(answer.substr(1));
  return answer.substr(1);
}

cost::RunActivity simulate_isolated(const mapping::TaskGraph& graph,
                                    const spec::AcceleratorSpec& accelerator,
                                    const mapping::NetworkMapping& mapping) {
  const std::string counts = run_isolated([&] {
    base::JsonWriter json;
    cost::write_counts(json, simulate(graph, accelerator, mapping, nullptr));
    return json.take();
  });
  const base::JsonValue document = base::parse_json(counts, "counts of a worker");
  base::Problems problems;
  base::JsonReader reader(document, problems);
  cost::RunActivity run = cost::read_counts(reader);
  problems.throw_if_any();
  return run;
}

}  // namespace bitscale::run

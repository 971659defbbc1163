// The whole process of `bitscale run --network resnet50`, as a user starts it: CPU time of the
// child and the peak of its memory (or this program's own at the fork, should that be higher). A
// process simulates once; each iteration starts another.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

extern char** environ;

namespace bitscale {
namespace {

struct Usage {
  bool good = false;
  double cpu_seconds = 0, peak_mb = 0;
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// Runs the program with its output thrown away.
Usage run_program(const std::vector<std::string>& words) {
  std::vector<std::string> line = words;
  line.insert(line.begin(), BITSCALE_PROGRAM);
  std::vector<char*> arguments;
  arguments.reserve(line.size() + 1);
  for (std::string& word : line) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  Usage usage;
  int status = 0;
  rusage used{};
  if (failed != 0 || wait4(child, &status, 0, &used) != child) return usage;
  usage.good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  usage.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  usage.peak_mb = static_cast<double>(used.ru_maxrss) / 1024;
  return usage;
}

void run_resnet50(benchmark::State& state, const std::vector<std::string>& more) {
  std::string folder = (std::filesystem::temp_directory_path() / "bitscale_bench.XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    state.SkipWithError("no temporary folder");
    return;
  }
  std::vector<std::string> words = {"run", "--network", "resnet50"};
  for (const std::string& word : more) words.push_back(word == "DIR" ? folder + "/out" : word);
  double peak_mb = 0;
  for (auto _ : state) {
    const Usage usage = run_program(words);
    if (!usage.good) {
      state.SkipWithError("the program failed");
      break;
    }
    state.SetIterationTime(usage.cpu_seconds);
    peak_mb = std::max(peak_mb, usage.peak_mb);
  }
  state.counters["peak_MB"] = peak_mb;
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

BENCHMARK_CAPTURE(run_resnet50, quiet, std::vector<std::string>{"--quiet"})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run_resnet50, text, std::vector<std::string>{})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run_resnet50, folder, std::vector<std::string>{"--quiet", "-o", "DIR"})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bitscale

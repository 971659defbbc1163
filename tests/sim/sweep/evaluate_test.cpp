#include "sim/sweep/evaluate.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <new>
#include <set>

#include "sim/run/isolated.h"
#include "sim/sweep/pool.h"
#include "sim/sweep/run_sweep.h"
#include "tests/sim/sweep/sample_sweep.h"

namespace bitscale::sweep {
namespace {

using ::testing::HasSubstr;

TEST(RunIsolated, TellsHowAChildEnded) {
  EXPECT_EQ(run::run_isolated([] { return std::string("text"); }), "text");
  EXPECT_THROW(run::run_isolated([]() -> std::string { throw std::bad_alloc(); }), std::bad_alloc);
  try {
    run::run_isolated([]() -> std::string {
      std::raise(SIGKILL);
      return "";
    });
    FAIL() << "a killed child has no answer";
  } catch (const run::WorkerDied& error) {
    EXPECT_THAT(error.what(), HasSubstr("died of signal 9"));
  }
}

// Kills the next children of a process, at most `count`; ends when that many are gone.
pid_t start_killer(pid_t victim, int count) {
  const pid_t killer = ::fork();
  if (killer != 0) return killer;
  const std::string id = std::to_string(victim);
  std::string list = "/proc/" + id;
  list.append("/task/").append(id).append("/children");
  std::set<pid_t> seen{::getpid()};
  for (int done = 0; done < count;) {
    std::ifstream children(list);
    pid_t child = 0;
    while (children >> child) {
      if (!seen.insert(child).second) continue;
      ::kill(child, SIGKILL);
      ++done;
    }
    if (::getppid() != victim) ::_exit(1);
  }
  ::_exit(0);
}

class EvaluatorTest : public ::testing::Test {
 protected:
  struct Attempt {
    Outcome outcome;
    bool killed = false;  ///< as many children as were to be
  };
  // The killer may come too late on a busy machine: it is sent again.
  Attempt with_kills(int count) {
    for (int tries = 0; tries < 50; ++tries) {
      const pid_t killer = start_killer(::getpid(), count);
      Attempt attempt{evaluator_.evaluate({1, Engine::SystemC})};
      ::usleep(20'000);  // it may be about to end
      ::kill(killer, SIGKILL);
      int status = 0;
      ::waitpid(killer, &status, 0);
      attempt.killed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      if (attempt.killed) return attempt;
    }
    return {};
  }

  testing::TempFolder folder_;
  SweepSpec spec_ = load_text(folder_, sample_text());
  PointSpace space_{spec_, std::nullopt};
  Evaluator evaluator_{space_, "test"};
};

TEST_F(EvaluatorTest, SimulatesAgainWhenTheChildIsKilled) {
  const Outcome wanted = evaluator_.evaluate({1, Engine::SystemC});
  ASSERT_EQ(wanted.error, "");
  const Attempt attempt = with_kills(1);
  ASSERT_TRUE(attempt.killed);
  EXPECT_EQ(attempt.outcome.error, "");
  EXPECT_EQ(attempt.outcome.values, wanted.values);
  EXPECT_EQ(attempt.outcome.key, wanted.key);
}

TEST_F(EvaluatorTest, ASecondDeathIsThePointsAloneAndNamesTheSignal) {
  Attempt attempt;
  for (int tries = 0; tries < 50 && attempt.outcome.error.empty(); ++tries) {
    attempt = with_kills(2);  // the second may hit a child that has already answered
    ASSERT_TRUE(attempt.killed);
  }
  EXPECT_THAT(attempt.outcome.error, HasSubstr("died of signal 9"));
  EXPECT_EQ(attempt.outcome.key, "");  // another point of this configuration is tried
}

TEST_F(EvaluatorTest, MemoryThatRanOutIsSaidAndTriedAgain) {
  SweepOptions options;
  options.folder = folder_ / "out";
  options.program = "bitscale test";
  options.analytic = true;
  SweepHooks hooks;
  hooks.evaluate = [](Evaluator& evaluator, const Job& job) -> Outcome {
    if (job.index == 2) throw std::bad_alloc();
    return evaluator.evaluate(job);
  };
  const SweepSummary first = run_sweep(spec_, options, hooks);
  options.resume = true;
  const SweepSummary second = run_sweep(spec_, options, {});
  EXPECT_EQ(first.failed, second.failed + 1);
  EXPECT_EQ(second.computed, 1);
}

}  // namespace
}  // namespace bitscale::sweep

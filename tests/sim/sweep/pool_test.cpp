#include "sim/sweep/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <map>

#include "arch/base/error.h"
#include "tests/support/temp_folder.h"

namespace bitscale::sweep {
namespace {

using ::testing::HasSubstr;

// Runs jobs 0 … count − 1 and gathers their outcomes, each of which may come only once.
struct Gathered {
  std::map<std::int64_t, Outcome> outcomes;
  bool finished = false;
};

Gathered gather(int workers, std::int64_t count, double time_limit_s,
                std::function<Outcome(const Job&)> evaluate) {
  Gathered result;
  std::int64_t next = 0;
  PoolWork work;
  work.evaluate = std::move(evaluate);
  work.next = [&]() -> std::optional<Job> {
    if (next == count) return std::nullopt;
    return Job{next++, Engine::Analytic};
  };
  work.done = [&](const Job& job, const Outcome& outcome) {
    EXPECT_TRUE(result.outcomes.emplace(job.index, outcome).second) << job.index;
  };
  result.finished = run_pool({workers, time_limit_s}, work);
  return result;
}

Outcome square(const Job& job) {
  const auto index = static_cast<double>(job.index);
  return {"key", "", {index * index}};
}

void expect_no_children() {
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Pool, DoesEveryJobOnce) {
  for (const int workers : {1, 2, 5}) {
    const Gathered result = gather(workers, 40, 60, square);
    EXPECT_TRUE(result.finished);
    ASSERT_EQ(result.outcomes.size(), 40U);
    EXPECT_EQ(result.outcomes.at(7).values[0], 49);
    EXPECT_EQ(result.outcomes.at(7).key, "key");
    expect_no_children();
  }
  EXPECT_TRUE(gather(3, 0, 60, square).outcomes.empty());
}

TEST(Pool, APointThatCrashesCostsOnlyItself) {
  const Gathered result = gather(2, 12, 60, [](const Job& job) {
    if (job.index == 3) ::raise(SIGSEGV);
    if (job.index == 8) ::_exit(7);
    return square(job);
  });
  ASSERT_EQ(result.outcomes.size(), 12U);
  for (const auto& [index, outcome] : result.outcomes) {
    if (index != 3 && index != 8) {
      EXPECT_EQ(outcome.error, "") << index;
    }
  }
  EXPECT_THAT(result.outcomes.at(3).error, HasSubstr("signal 11"));
  EXPECT_THAT(result.outcomes.at(8).error, HasSubstr("exit status 7"));
  expect_no_children();
}

TEST(Pool, APointThatHangsIsEndedAtItsLimitWithWhatItStarted) {
  const testing::TempFolder folder;
  const std::string grandchild_file = (folder / "pid").string();
  const Gathered result = gather(2, 4, 0.5, [&](const Job& job) {
    if (job.index != 1) return square(job);
    const pid_t grandchild = ::fork();
    if (grandchild == 0) {
      for (;;) ::pause();
    }
    std::ofstream(grandchild_file) << grandchild << std::endl;
    for (;;) ::pause();
  });
  ASSERT_EQ(result.outcomes.size(), 4U);
  EXPECT_EQ(result.outcomes.at(1).error, "exceeded the time limit of 0.5 s");
  EXPECT_EQ(result.outcomes.at(3).error, "");
  expect_no_children();
  pid_t grandchild = 0;
  std::ifstream(grandchild_file) >> grandchild;
  ASSERT_GT(grandchild, 0);
  int tries = 0;  // an orphan stays a zombie until its new parent looks
  const auto running = [&] {
    std::ifstream stat("/proc/" + std::to_string(grandchild) + "/stat");
    std::string id, name, state;
    stat >> id >> name >> state;
    return !state.empty() && state != "Z";
  };
  while (running() && ++tries < 1000) ::usleep(1000);
  EXPECT_FALSE(running());
}

TEST(Pool, AKilledWorkersPointIsTriedAgain) {
  const testing::TempFolder folder;
  const std::string mark = (folder / "died").string();
  const Gathered result = gather(1, 6, 60, [&](const Job& job) {
    if (job.index == 2 && ::access(mark.c_str(), F_OK) != 0) {
      std::ofstream(mark) << "once";
      ::kill(::getpid(), SIGKILL);
    }
    return square(job);
  });
  ASSERT_EQ(result.outcomes.size(), 6U);
  EXPECT_EQ(result.outcomes.at(2).error, "");
  EXPECT_EQ(result.outcomes.at(2).values[0], 4);
}

TEST(Pool, AnExceptionBecomesTheOutcome) {
  const Gathered result = gather(1, 2, 60, [](const Job& job) -> Outcome {
    if (job.index == 0) throw base::InternalError("broken");
    return square(job);
  });
  EXPECT_EQ(result.outcomes.at(0).error, "internal error: broken");
  EXPECT_EQ(result.outcomes.at(1).error, "");
}

TEST(Pool, StopsWhenAskedAndLeavesNobody) {
  int done = 0;
  std::int64_t next = 0;
  PoolWork work;
  work.evaluate = square;
  work.next = [&]() -> std::optional<Job> { return Job{next++, Engine::Analytic}; };
  work.done = [&](const Job&, const Outcome&) { ++done; };
  work.stopping = [&] { return done >= 5; };
  EXPECT_FALSE(run_pool({2, 60}, work));
  EXPECT_GE(done, 5);
  expect_no_children();
}

TEST(Pool, AnErrorOfTheStoreEndsTheWorkers) {
  std::int64_t next = 0;
  PoolWork work;
  work.evaluate = square;
  work.next = [&]() -> std::optional<Job> { return Job{next++, Engine::Analytic}; };
  work.done = [](const Job&, const Outcome&) { throw base::UserError("disk", "full"); };
  EXPECT_THROW(run_pool({3, 60}, work), base::UserError);
  expect_no_children();
}

TEST(Outcome, SurvivesThePipeExactly) {
  const Outcome sent = {"key", "line 1\nline 2 \"quoted\"", {0.1, -0.0, 1e300, 5e-324}};
  const Outcome got = unpack(pack(sent));
  EXPECT_EQ(got.key, sent.key);
  EXPECT_EQ(got.error, sent.error);
  EXPECT_EQ(got.values, sent.values);
  const std::string bytes = pack(sent);
  EXPECT_THROW(unpack(std::string_view(bytes).substr(0, bytes.size() - 1)), base::InternalError);
  EXPECT_THROW(unpack(bytes + "x"), base::InternalError);
}

}  // namespace
}  // namespace bitscale::sweep

#include "sim/sweep/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>

#include "arch/base/error.h"
#include "sim/sweep/result_fields.h"
#include "tests/support/temp_folder.h"
#include "workloads/model/checksum.h"

namespace bitscale::sweep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const StoreIdentity kIdentity = {"sweep-a", "bitscale 1"};

Outcome outcome_of(double first) {
  // As different as the numbers are, so are the configurations they come of.
  Outcome outcome{model::sha256(std::to_string(first)), "",
                  std::vector<double>(result_fields().size(), 0.1)};
  outcome.values[0] = first;
  return outcome;
}

template <class Work>
std::string refused(Work work) {
  try {
    work();
    return "";
  } catch (const base::UserError& error) {
    return error.what();
  }
}

std::string listed(Store& store) {
  std::string text;
  store.visit([&](const Job& job, Outcome&& outcome) {
    text += std::to_string(job.index) + std::string(kEngineNames.name(job.engine)).substr(0, 1);
    text += outcome.error.empty() ? "=" + std::to_string(outcome.values[0]) : "!" + outcome.error;
    text += ' ';
  });
  return text;
}

// Runs `work` in a process that is then killed with kill −9.
template <class Work>
void killed_after(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST(Store, KeepsNumbersByPointerAndThatThereIsNone) {
  const testing::TempFolder folder;
  const StoreIdentity identity = {"sweep-p", "bitscale 1", {"/a/b\"c", "/A/b\"c"}};
  Outcome outcome = outcome_of(1);
  outcome.values.push_back(0.1);
  outcome.values.push_back(std::numeric_limits<double>::quiet_NaN());
  {
    Store store(folder.path(), identity, false);
    store.add({0, Engine::Analytic}, outcome);
  }
  Store store(folder.path(), identity, true);
  store.visit([&](const Job& /*job*/, Outcome&& found) {
    ASSERT_EQ(found.values.size(), result_fields().size() + 2);
    EXPECT_EQ(found.values[result_fields().size()], 0.1);
    EXPECT_TRUE(std::isnan(found.values.back()));
  });
}

TEST(Store, GivesBackWhatWasAddedInOrder) {
  const testing::TempFolder folder;
  Store store(folder.path(), kIdentity, false);
  store.add({7, Engine::SystemC}, outcome_of(0.1));
  store.add({7, Engine::Analytic}, outcome_of(0.2));
  store.add({3, Engine::Analytic}, {"", "it's\nbad", {}});
  EXPECT_EQ(listed(store), "3a!it's\nbad 7a=0.200000 7s=0.100000 ");
  EXPECT_TRUE(store.has({7, Engine::SystemC}));
  EXPECT_FALSE(store.has({3, Engine::SystemC}));
  store.visit([](const Job&, Outcome&& outcome) {
    if (outcome.error.empty()) {
      EXPECT_EQ(outcome.values[1], 0.1);  // exactly
    }
  });
}

TEST(Store, IsKeyedByConfigurationAndEngine) {
  const testing::TempFolder folder;
  Store store(folder.path(), kIdentity, false);
  Outcome same = outcome_of(1);
  for (const int point : {4, 2}) store.add({point, Engine::Analytic}, same);
  same.values[0] = 3;
  store.add({2, Engine::SystemC}, same);                // another engine: a result of its own
  store.add({5, Engine::Analytic}, outcome_of(5));      // another configuration
  store.add({6, Engine::Analytic}, {"", "crash", {}});  // without a key: never shared
  store.add({7, Engine::Analytic}, {"", "other", {}});
  EXPECT_EQ(listed(store), "2a=1.000000 2s=3.000000 4a=1.000000 5a=5.000000 6a!crash 7a!other ");
  store.visit([&](const Job& job, Outcome&& outcome) {
    EXPECT_EQ(outcome.key, job.index < 5    ? outcome_of(1).key
                           : job.index == 5 ? outcome_of(5).key
                                            : "");
  });
  Database file(folder / kStoreFile, false);
  EXPECT_EQ(file.integer("SELECT count(*) FROM results"), 5);
  EXPECT_EQ(file.integer("SELECT count(*) FROM points"), 6);
}

TEST(Store, RefusesToMixWithoutResume) {
  const testing::TempFolder folder;
  { Store(folder.path(), kIdentity, false).add({1, Engine::Analytic}, outcome_of(1)); }
  EXPECT_THAT(refused([&] { Store(folder.path(), kIdentity, false); }), HasSubstr("--resume"));
  Store again(folder.path(), kIdentity, true);
  EXPECT_TRUE(again.has({1, Engine::Analytic}));
}

TEST(Store, RefusesAnotherSweepAndAnotherProgram) {
  const testing::TempFolder folder;
  { Store(folder.path(), kIdentity, false).add({1, Engine::Analytic}, outcome_of(1)); }
  EXPECT_THAT(refused([&] {
                Store(folder.path(), {"sweep-b", "bitscale 1"}, true);
              }),
              HasSubstr("another sweep"));
  EXPECT_THAT(refused([&] {
                Store(folder.path(), {"sweep-a", "bitscale 2"}, true);
              }),
              AllOf(HasSubstr("another build of the program"), HasSubstr("bitscale 1;"),
                    HasSubstr("bitscale 2"), HasSubstr("nothing was changed")));
  Store again(folder.path(), kIdentity, true);  // nothing was lost
  EXPECT_EQ(listed(again), "1a=1.000000 ");
}

TEST(Store, RefusesAnotherSchemaAndWhatIsNoStore) {
  const testing::TempFolder folder;
  { Store(folder.path(), kIdentity, false); }
  for (const std::int64_t version : {kStoreSchemaVersion - 1, kStoreSchemaVersion + 1}) {
    const std::string number = std::to_string(version);
    { Database(folder / kStoreFile, true).execute("PRAGMA user_version = " + number); }
    EXPECT_THAT(refused([&] { Store(folder.path(), kIdentity, true); }),
                HasSubstr("is of store version " + number));
  }
  const testing::TempFolder other;
  other.write(kStoreFile, std::string(5000, 'x'));
  EXPECT_THAT(refused([&] { Store(other.path(), kIdentity, true); }), HasSubstr("cannot be used"));
}

TEST(Store, LetsOneSweepWriteAtATime) {
  const testing::TempFolder folder;
  Store store(folder.path(), kIdentity, false);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string message = refused([&] { Store(folder.path(), kIdentity, true); });
    ::_exit(message.find("another sweep is writing here") == std::string::npos ? 1 : 0);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(Store, SaysWhenTheFolderCannotBeWritten) {
  const testing::TempFolder folder;
  folder.write("file", "");
  EXPECT_THAT(refused([&] { Store(folder / "file/below", kIdentity, false); }),
              HasSubstr("cannot be made"));
}

TEST(Store, KeepsWhatWasCommittedWhenKilled) {
  const testing::TempFolder folder;
  killed_after([&] {
    auto* store = new Store(folder.path(), kIdentity, false);  // never closed
    store->add({1, Engine::Analytic}, outcome_of(1));
    store->commit();
    store->add({2, Engine::Analytic}, outcome_of(2));  // in a batch that is cut off
  });
  Store store(folder.path(), kIdentity, true);
  EXPECT_EQ(listed(store), "1a=1.000000 ");
  store.add({2, Engine::Analytic}, outcome_of(2));
  EXPECT_EQ(listed(store), "1a=1.000000 2a=2.000000 ");
}

// Adds rows until the disk is full; how many were committed, or −1 when that is not what happened.
int rows_until_full(const std::filesystem::path& folder) {
  int committed = 0;
  try {
    Store store(folder, kIdentity, false);
    for (int i = 0; i < 100'000; ++i) {
      store.add({i, Engine::Analytic}, outcome_of(i));
      store.commit();
      committed = i + 1;
    }
  } catch (const base::UserError& error) {
    return std::string(error.what()).find("cannot be used") == std::string::npos ? -1 : committed;
  }
  return -1;
}

// On a small tmpfs where one may be mounted, else under a limit of the size of a file.
TEST(Store, KeepsWhatWasCommittedWhenTheDiskIsFull) {
  const testing::TempFolder folder;
  constexpr rlim_t kBytes = 400 << 10;
  const auto disk = folder / "disk";
  std::filesystem::create_directory(disk);
  const bool mounted = ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=400k") == 0;
  const pid_t child = ::fork();
  if (child == 0) {
    if (!mounted) {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{kBytes, kBytes};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    const int committed = rows_until_full(disk);
    std::ofstream(folder / "committed") << committed;
    ::_exit(committed > 10 ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  int committed = 0;
  std::ifstream(folder / "committed") >> committed;
  std::filesystem::copy(disk, folder / "copy");  // to where there is room
  if (mounted) ::umount2(disk.c_str(), MNT_DETACH);
  Store store(folder / "copy", kIdentity, true);
  int rows = 0;
  store.visit([&](const Job& job, Outcome&& outcome) {
    EXPECT_EQ(job.index, rows++);
    EXPECT_EQ(outcome.error, "");
  });
  EXPECT_EQ(rows, committed);
}

TEST(Store, ForgetsTheFailuresItIsTold) {
  const testing::TempFolder folder;
  Store store(folder.path(), kIdentity, false);
  store.add({0, Engine::Analytic}, {"", "late: 5 s", {}});
  store.add({1, Engine::Analytic}, {"", "late: 9 s", {}});
  store.add({2, Engine::Analytic}, {"", "too late: 5 s", {}});
  store.add({3, Engine::Analytic}, outcome_of(3));
  store.forget_failures("late: ", "late: 9 s");
  EXPECT_EQ(listed(store), "1a!late: 9 s 2a!too late: 5 s 3a=3.000000 ");
  EXPECT_FALSE(store.has({0, Engine::Analytic}));
  store.add({0, Engine::Analytic}, outcome_of(0));
  EXPECT_TRUE(store.has({0, Engine::Analytic}));
}

TEST(Store, MergesShardsOnce) {
  const testing::TempFolder folder;
  {
    Store one(folder / "one", kIdentity, false);
    one.add({0, Engine::Analytic}, outcome_of(0));
    one.add({2, Engine::Analytic}, outcome_of(2));
    Store two(folder / "two", kIdentity, false);
    two.add({1, Engine::Analytic}, {"", "failed", {}});
    two.add({2, Engine::Analytic}, outcome_of(2));
    Store other(folder / "other", {"sweep-b", "bitscale 1"}, false);
  }
  Store all(folder / "all", kIdentity, false);
  EXPECT_EQ(all.merge(folder / "one").taken, 2);
  EXPECT_EQ(all.merge(folder / "two").taken, 1);
  EXPECT_EQ(all.merge(folder / "two").taken, 0);
  EXPECT_EQ(listed(all), "0a=0.000000 1a!failed 2a=2.000000 ");
  EXPECT_THAT(refused([&] { all.merge(folder / "other"); }), HasSubstr("another sweep"));
  EXPECT_THAT(refused([&] { all.merge(folder / "missing"); }), HasSubstr("does not exist"));
}

}  // namespace
}  // namespace bitscale::sweep

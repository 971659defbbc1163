// A folder of results holds one command's files, or says that it is not complete.
#include "sim/cli/output_folder.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "tests/sim/cli/program.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    files[entry.path().filename()] =
        entry.is_directory() ? "a folder" : base::read_text_file(entry.path(), 1u << 30);
  }
  return files;
}

// A full disk: no file may grow beyond some bytes.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, handler_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  sighandler_t handler_;
  rlimit old_{};
};

TEST(OutputFiles, AFullDiskLeavesTheFolderAsItWas) {
  const testing::TempFolder folder;
  const std::string out = (folder / "out").string();
  std::vector<std::string> words = {"run", "--network", "resnet20_cifar10", "--analytic", "--quiet",
                                    "-o",  out};
  ASSERT_EQ(bitscale(words).status, kDone);
  const auto before = contents(out);
  ASSERT_GT(before.at("counts.json").size(), 20'000u);
  words[2] = "alexnet";
  Outcome outcome{};
  {
    const FileLimit limit(8'000);
    outcome = bitscale(words);
  }
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, out + "/")) << outcome.err;
  EXPECT_TRUE(holds(outcome.err, "cannot be written: File too large")) << outcome.err;
  EXPECT_FALSE(holds(outcome.err, ".bitscale_part")) << outcome.err;
  EXPECT_EQ(contents(out), before);
  ASSERT_EQ(bitscale(words).status, kDone);
  EXPECT_NE(contents(out).at("report.json"), before.at("report.json"));
}

TEST(OutputFiles, NothingAppearsBeforeTheCommit) {
  const testing::TempFolder folder;
  folder.write("a", "old a");
  folder.write("last", "old last");
  folder.write("other", "old other");
  folder.write("foreign", "not ours");
  {
    OutputFiles files(folder.path(), "last");
    files.add("last", "new last");
    files.add("a", "new a");
    files.replace("other");
    EXPECT_EQ(base::read_text_file(folder / "a", 100), "old a");
    EXPECT_EQ(base::read_text_file(folder / "last", 100), "old last");
  }
  EXPECT_EQ(folder.file_count(), 4u);  // never committed
  OutputFiles files(folder.path(), "last");
  files.add("last", "new last");
  files.add("a", "new a");
  files.replace("other");
  files.commit();
  EXPECT_EQ(base::read_text_file(folder / "a", 100), "new a");
  EXPECT_EQ(base::read_text_file(folder / "last", 100), "new last");
  EXPECT_FALSE(fs::exists(folder / "other"));
  EXPECT_TRUE(fs::exists(folder / "foreign"));
}

TEST(OutputFiles, WhatStandsInTheWayIsToldBeforeAnythingChanges) {
  const testing::TempFolder folder;
  folder.write("last", "old last");
  folder.write("other", "old other");
  folder.write("b/in the way", "");
  const auto before = contents(folder.path());
  {
    OutputFiles files(folder.path(), "last");
    files.add("last", "new last");
    files.add("a", "new a");
    files.add("b", "new b");
    files.replace("other");
    EXPECT_THROW(files.commit(), base::UserError);
  }
  EXPECT_EQ(contents(folder.path()), before);
}

TEST(OutputFiles, AFolderThatIsNoneOfOursStays) {
  const testing::TempFolder folder;
  folder.write("other/mine", "");
  OutputFiles files(folder.path(), "last");
  files.add("last", "new last");
  files.replace("other");
  files.commit();
  EXPECT_TRUE(fs::exists(folder / "other/mine"));
  EXPECT_EQ(base::read_text_file(folder / "last", 100), "new last");
}

// Commits in a process that ends, as if killed, before step `last`; false when it came to an end.
bool commit_until(const fs::path& folder, int last) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    OutputFiles files(folder, "last");
    for (const char* name : {"last", "a", "z"}) files.add(name, std::string("new ") + name);
    files.replace("other");
    files.replace("z");
    int step = 0;
    files.before_each_step([&] {
      if (step++ == last) ::_exit(7);
    });
    files.commit();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status) == 7;
}

// However far a command came, the closing file is whole, and the next command finds one run's
// files.
TEST(OutputFiles, ACommandThatIsKilledWhileFilesMoveIsFinishedByTheNext) {
  const std::map<std::string, std::string> old = {
      {"a", "old a"}, {"foreign", "mine"}, {"last", "old last"}, {"other", "old other"}};
  const std::map<std::string, std::string> fresh = {
      {"a", "new a"}, {"foreign", "mine"}, {"last", "new last"}, {"z", "new z"}};
  int steps = 0;
  for (bool killed = true; killed; ++steps) {
    ASSERT_LT(steps, 20);
    const testing::TempFolder folder;
    for (const auto& [name, text] : old) folder.write(name, text);
    killed = commit_until(folder.path(), steps);
    const std::string last = base::read_text_file(folder / "last", 100);
    EXPECT_TRUE(last == "old last" || last == "new last") << last;
    OutputFiles::finish_killed(folder.path());
    if (steps == 0) {
      EXPECT_EQ(base::read_text_file(folder / "a", 100), "old a");
      OutputFiles next(folder.path(), "last");  // removes what was not complete
    } else {
      EXPECT_EQ(contents(folder.path()), fresh) << "killed before step " << steps;
    }
  }
  EXPECT_EQ(steps, 7);  // marks, removes one file, moves three, clears, comes to the end
}

TEST(OutputFiles, AReportIsReadAfterTheKilledCommandIsFinished) {
  const testing::TempFolder folder;
  const std::string out = (folder / "out").string();
  ASSERT_EQ(
      bitscale({"run", "--network", "resnet20_cifar10", "--analytic", "-q", "-o", out}).status,
      kDone);
  ASSERT_EQ(
      bitscale({"run", "--network", "alexnet", "--analytic", "-q", "-o", (folder / "new").string()})
          .status,
      kDone);
  fs::rename(folder / "new", folder / "out/.bitscale_commit999999999");
  folder.write("out/.bitscale_commit999999999/.orders", "report.json\n");
  const Outcome outcome = bitscale({"compare", out, out, "--json"});
  EXPECT_EQ(outcome.status, kDone) << outcome.err;
  EXPECT_TRUE(holds(base::read_text_file(folder / "out/report.json", 1u << 24), "alexnet"));
  EXPECT_FALSE(fs::exists(folder / "out/.bitscale_commit999999999"));
}

TEST(OutputFiles, LeavingsOfAKilledCommandGo) {
  const testing::TempFolder folder;
  folder.write(".bitscale_part999999999/report.json", "half");
  folder.write(".bitscale_part1/report.json", "another command's, still at work");
  folder.write(".bitscale_partial", "somebody's");
  OutputFiles files(folder.path(), "last");
  files.add("last", "");
  files.commit();
  EXPECT_FALSE(fs::exists(folder / ".bitscale_part999999999"));
  EXPECT_TRUE(fs::exists(folder / ".bitscale_part1"));
  EXPECT_TRUE(fs::exists(folder / ".bitscale_partial"));
}

}  // namespace
}  // namespace bitscale::cli

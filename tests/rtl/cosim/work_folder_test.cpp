#include "rtl/cosim/work_folder.h"

#include <gtest/gtest.h>

#include <chrono>

#include "arch/base/error.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cosim {
namespace {

TEST(WorkFolder, EveryOneIsNewAndGoesAway) {
  const testing::TempFolder folder;
  std::filesystem::path first;
  {
    const WorkFolder a(folder / "new/cache");
    const WorkFolder b(folder / "new/cache");
    first = a.path();
    EXPECT_NE(a.path(), b.path());
    EXPECT_TRUE(std::filesystem::is_empty(a.path()));
    EXPECT_EQ(a.path().parent_path(), folder / "new/cache");
  }
  EXPECT_FALSE(std::filesystem::exists(first));
  EXPECT_TRUE(std::filesystem::is_empty(folder / "new/cache"));
}

TEST(WorkFolder, RemovesWhatKilledRunsLeftADayAgoAndNothingElse) {
  const testing::TempFolder folder;
  for (const char* name : {"old", "new", "mine", "target"}) {
    folder.write(std::string(name) + "/file", "text");
  }
  const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(25);
  const auto as = [&](const std::string& from, const std::string& to) {
    std::filesystem::rename(folder / from, folder / to);
    return folder / to;
  };
  const std::filesystem::path old = as("old", ".bitscale_work_abcdef");
  const std::filesystem::path fresh = as("new", ".bitscale_work_ghijkl");
  const std::filesystem::path mine = as("mine", "work_123_mine");
  const std::filesystem::path link = folder / ".bitscale_work_mnopqr";
  std::filesystem::create_directory_symlink(folder / "target", link);
  for (const auto& path : {old, mine, folder / "target"}) {
    std::filesystem::last_write_time(path, long_ago);
  }
  const WorkFolder work(folder.path());
  EXPECT_FALSE(std::filesystem::exists(old));
  for (const auto& path : {fresh / "file", mine / "file", folder / "target/file"}) {
    EXPECT_TRUE(std::filesystem::exists(path)) << path;
  }
}

TEST(WorkFolder, AFileInItsPlaceIsTheUsersFault) {
  const testing::TempFolder folder;
  const std::filesystem::path file = folder.write("cache", "a file");
  EXPECT_THROW(WorkFolder{file}, base::UserError);
}

}  // namespace
}  // namespace bitscale::cosim

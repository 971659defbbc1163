#include "arch/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>

#include "arch/base/error.h"
#include "tests/support/problems.h"
#include "tests/support/temp_folder.h"

namespace bitscale::base {
namespace {

using bitscale::testing::TempFolder;
using bitscale::testing::user_error_of;
using std::filesystem::perms;
using ::testing::HasSubstr;

/// Gives up root's right to pass every permission check, for as long as it lives.
class Unprivileged {
 public:
  explicit Unprivileged(const TempFolder& folder) : was_root_(::geteuid() == 0) {
    constexpr uid_t kNobody = 65534;
    if (was_root_ &&
        (::chown(folder.path().c_str(), kNobody, kNobody) != 0 || ::seteuid(kNobody) != 0)) {
      throw std::runtime_error("cannot become an ordinary user");
    }
  }
  ~Unprivileged() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

 private:
  bool was_root_;
};

std::string read_error(const std::filesystem::path& path) {
  return user_error_of([&] { read_text_file(path, 100); });
}
std::string write_error(const std::filesystem::path& path) {
  return user_error_of([&] { write_file_atomically(path, "new"); });
}

TEST(ReadTextFile, ReturnsTheBytesUpToTheLimit) {
  const TempFolder folder;
  const std::string content("a\0b\r\n", 5);
  const auto file = folder.write("a.txt", content);
  EXPECT_EQ(read_text_file(file, 5), content);
  EXPECT_THAT(user_error_of([&] { read_text_file(file, 4); }),
              HasSubstr("a.txt: has 5 bytes, more than the limit of 4 bytes"));
}

TEST(ReadTextFile, EndlessFileStopsAtTheLimit) {
  EXPECT_THAT(read_error("/dev/zero"), HasSubstr("is larger than the limit"));
}

TEST(ReadTextFile, NamesWhatIsWrong) {
  const TempFolder folder;
  EXPECT_THAT(read_error(folder / "absent.txt"), HasSubstr("absent.txt: no such file"));
  EXPECT_THAT(read_error(folder.path()), HasSubstr("is a folder, not a file"));
  EXPECT_THAT(read_error(folder.write("a.txt", "") / "below"), HasSubstr("no such file"));
}

TEST(ReadTextFile, FileAndFolderWithoutPermission) {
  const TempFolder folder;
  const Unprivileged user(folder);
  const auto file = folder.write("closed.txt", "secret");
  const auto inside = folder.write("closed/a.txt", "secret");
  std::filesystem::permissions(file, perms::none);
  std::filesystem::permissions(folder / "closed", perms::none);
  EXPECT_THAT(read_error(file), HasSubstr("closed.txt: cannot be read: Permission denied"));
  EXPECT_THAT(read_error(inside), HasSubstr("a.txt: cannot be read: Permission denied"));
  std::filesystem::permissions(folder / "closed", perms::owner_all);
}

TEST(WriteFileAtomically, CreatesFoldersAndReplacesLeavingNothingElse) {
  const TempFolder folder;
  const auto file = folder / "new/deep/a.txt";
  write_file_atomically(file, "first");
  write_file_atomically(file, "second");
  EXPECT_EQ(read_text_file(file, 100), "second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(file.parent_path()), {}), 1);
}

TEST(WriteFileAtomically, ReadOnlyFolderKeepsTheOldFileAndNothingHalfWritten) {
  const TempFolder folder;
  const Unprivileged user(folder);
  const auto file = folder.write("kept/a.txt", "old");
  std::filesystem::permissions(folder / "kept", perms::owner_read | perms::owner_exec);
  EXPECT_THAT(write_error(file), HasSubstr("a.txt: cannot be written: Permission denied"));
  EXPECT_THAT(write_error(folder / "kept/sub/b.txt"),
              HasSubstr("b.txt: cannot be written: cannot create the folder"));
  std::filesystem::permissions(folder / "kept", perms::owner_all);
  EXPECT_EQ(read_text_file(file, 100), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "kept"), {}), 1);
}

TEST(WriteFileAtomically, TargetThatIsAFolderLeavesNothingBehind) {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "a.json/inside");
  EXPECT_THAT(write_error(folder / "a.json"), HasSubstr("a.json: cannot be written: "));
  EXPECT_EQ(folder.file_count(), 1u);
}

TEST(WriteFileAtomically, ParentThatIsAFileIsRefused) {
  const TempFolder folder;
  const auto file = folder.write("a.txt", "old");
  EXPECT_THAT(write_error(file / "b.txt"), HasSubstr("cannot create the folder"));
  EXPECT_EQ(read_text_file(file, 100), "old");
}

TEST(WriteFileAtomically, FullDiskIsReported) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const TempFolder folder;
  const auto file = folder / "a.txt";
  // The staging name is known, so that the full device can stand in for a full disk.
  std::filesystem::create_symlink("/dev/full",
                                  file.string() + ".part" + std::to_string(::getpid()));
  EXPECT_THAT(write_error(file), HasSubstr("cannot be written: No space left on device"));
  EXPECT_EQ(folder.file_count(), 0u);
}

TEST(FormatNumber, IsTheShortestTextThatReadsBack) {
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(32), "32");
  EXPECT_EQ(format_number(1e20), "1e+20");
  EXPECT_EQ(format_number(-2.5), "-2.5");
  EXPECT_EQ(format_number(-0.0), "-0.0");  // "-0" is an integer to JSON
  for (const double value : {1.0 / 3, 5e-324, std::numeric_limits<double>::max(), 0.1 + 0.2}) {
    EXPECT_EQ(std::strtod(format_number(value).c_str(), nullptr), value);
  }
}

TEST(FormatNumber, RefusesWhatIsNotFinite) {
  EXPECT_THROW(format_number(std::numeric_limits<double>::infinity()), InternalError);
  EXPECT_THROW(format_number(std::numeric_limits<double>::quiet_NaN()), InternalError);
}

}  // namespace
}  // namespace bitscale::base

#include "sim/verify/user_cosim.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "arch/base/error.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::verify {
namespace {

UserCosim example() {
  UserCosim user;
  user.mac.files = {testing::source_path("rtl/cosim/example/my_mac.sv")};
  user.mac.top = "my_mac";
  user.mac.spec.weights.bits = 4;
  user.mac.spec.acts = {4, false};
  user.mac.spec.acc_bits = 16;
  user.data_root = testing::source_path("");
  return user;
}

/// PATH holds only what the folder holds, until the object goes.
class OnlyPath {
 public:
  explicit OnlyPath(const std::filesystem::path& folder) : before_(std::getenv("PATH")) {
    ::setenv("PATH", folder.c_str(), 1);
  }
  ~OnlyPath() { ::setenv("PATH", before_.c_str(), 1); }
  OnlyPath(const OnlyPath&) = delete;
  OnlyPath& operator=(const OnlyPath&) = delete;

 private:
  std::string before_;
};

template <class Call>
std::string message(Call call) {
  try {
    call();
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(UserCosim, WithoutVerilatorThePackageIsNamed) {
  const testing::TempFolder folder;
  UserCosim user = example();
  user.mac.cache_folder = folder.path();
  const OnlyPath path(folder.path());
  const std::string text = message([&] { run_user_cosim(user); });
  EXPECT_NE(text.find("apt-get install verilator"), std::string::npos) << text;
}

TEST(UserCosim, WithoutYosysThePackageIsNamed) {
  if (!std::filesystem::exists("/usr/bin/python3")) GTEST_SKIP() << "no python3";
  if (!std::filesystem::exists("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")) {
    GTEST_SKIP() << "the default library is not installed";
  }
  const testing::TempFolder folder;
  std::filesystem::create_symlink("/usr/bin/python3", folder / "python3");
  UserCosim user = example();
  user.mac.cache_folder = folder.path();
  const OnlyPath path(folder.path());
  const std::string text = message([&] { characterize(user); });
  EXPECT_NE(text.find("package 'yosys'"), std::string::npos) << text;
}

TEST(UserCosim, RtlThatYosysRefusesIsTheUsersFault) {
  if (!std::filesystem::exists("/usr/bin/yosys")) GTEST_SKIP() << "no Yosys";
  const testing::TempFolder folder;
  UserCosim user = example();
  user.mac.files = {testing::source_path("tests/rtl/broken/does_not_compile.sv")};
  user.mac.top = "no_such_module";
  user.mac.cache_folder = folder.path();
  const std::string text = message([&] { characterize(user); });
  EXPECT_NE(text.find("--characterize: "), std::string::npos) << text;
  EXPECT_NE(text.find("no_such_module"), std::string::npos) << text;
}

}  // namespace
}  // namespace bitscale::verify

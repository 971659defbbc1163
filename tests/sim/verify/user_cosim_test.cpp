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

TEST(UserCosim, APythonThatSaysNothingIsNamed) {
  const testing::TempFolder folder;
  std::filesystem::permissions(folder.write("python3", "#!/bin/sh\nexit 127\n"),
                               std::filesystem::perms::owner_all);
  UserCosim user = example();
  user.mac.cache_folder = folder / "cache";
  const OnlyPath path(folder.path());
  const std::string text = message([&] { characterize(user); });
  EXPECT_NE(text.find("ended with exit status 127 and said nothing"), std::string::npos) << text;
}

/// Names with spaces and semicolons, two files of one name, an included file and one found beside,
/// a file by another spelling of its name, and a parameter below zero whose sign decides the
/// number of registers.
TEST(UserCosim, CharacterizesWhateverTheFilesAreCalled) {
  if (!std::filesystem::exists("/usr/bin/yosys")) GTEST_SKIP() << "no Yosys";
  if (!std::filesystem::exists("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")) {
    GTEST_SKIP() << "the default library is not installed";
  }
  const testing::TempFolder folder;
  const auto top = folder.write(
      "a b/my; mac.sv",
      "module named #(parameter OFFSET = 0) (input logic clk_i, input logic [3:0] act_i, "
      "output logic [3:0] acc_o);\n`include \"parts/the core.svh\"\n"
      "twin one (.q(acc_o), .d(kept), .c(clk_i));\nbeside two ();\nendmodule\n");
  const auto included =
      folder.write("a b/parts/the core.svh",
                   "logic [3:0] kept;\ngenerate if (16'sd0 < OFFSET) begin : g_more\n"
                   "  always_ff @(posedge clk_i) kept <= act_i;\nend else assign kept = act_i;\n"
                   "endgenerate\n");
  const auto twin = folder.write("one/twin.sv",
                                 "module twin (output logic [3:0] q, input logic [3:0] d, "
                                 "input logic c);\nalways_ff @(posedge c) q <= d;\nendmodule\n");
  const auto other = folder.write("two/twin.sv", "module unused; endmodule\n");
  const auto beside = folder.write("a b/beside.sv", "module beside; endmodule\n");
  UserCosim user = example();
  user.mac.top = "named";
  user.mac.files = {top, twin, other};
  user.mac.parameters["OFFSET"] = -1;
  user.mac.cache_folder = folder / "the cache";
  const auto spelled_otherwise = folder / "one/../a b/./my; mac.sv";
  const Characterization found = characterize(user, {spelled_otherwise, included, twin, beside});
  EXPECT_EQ(found.flip_flops, 4);
  user.mac.parameters["OFFSET"] = 1;
  EXPECT_EQ(characterize(user, {top, included, beside}).flip_flops, 8);
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

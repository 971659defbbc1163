#include "rtl/cosim/user_mac.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "rtl/cosim/mac_check.h"
#include "tests/rtl/cosim/support.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cosim {
namespace {

UserMac fixture(const std::string& top, numeric::OverflowPolicy policy) {
  UserMac mac;
  mac.files = {testing::source_path("tests/rtl/broken/" + top + ".sv")};
  mac.top = top;
  mac.spec.name = top;
  mac.spec.weights.bits = 4;
  mac.spec.acts = {4, false};
  mac.spec.acc_bits = 10;
  mac.spec.policy = policy;
  mac.cache_folder = std::filesystem::path(BITSCALE_BINARY_DIR) / "user_mac_cache";
  return mac;
}

MacCheckReport check(const UserMac& mac, std::int64_t vectors) {
  const auto model = load_user_mac(mac);
  const std::vector<MacUnderTest> macs = all_macs({mac.spec});
  return check_macs(*model, macs, mac_vectors(macs, vectors, 1), 1);
}

std::string message(const UserMac& mac) {
  try {
    check(mac, 100);
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(UserMac, ARightOnePasses) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const MacCheckReport report =
      check(fixture("right_mac", numeric::OverflowPolicy::SaturateEachStep), 100000);
  EXPECT_EQ(report.mismatches(), 0) << report.results.front().failure->text;
  EXPECT_EQ(report.vectors, 100000);
}

void expect_caught(const UserMac& mac) {
  const MacCheckReport report = check(mac, 1000);
  const std::optional<Failure>& failure = report.results.front().failure;
  ASSERT_TRUE(failure) << mac.top;
  EXPECT_LT(failure->cycle, 1000);
  EXPECT_NE(failure->vcd.find("$enddefinitions"), std::string::npos);
}

TEST(UserMac, SaturationOffByOneIsCaughtWithin1000Vectors) {
  BITSCALE_REQUIRE_RTL_MODELS();
  expect_caught(fixture("saturate_off_by_one", numeric::OverflowPolicy::SaturateEachStep));
}

TEST(UserMac, ADroppedSignIsCaughtWithin1000Vectors) {
  BITSCALE_REQUIRE_RTL_MODELS();
  expect_caught(fixture("dropped_sign", numeric::OverflowPolicy::SaturateEachStep));
}

TEST(UserMac, AWrongWrapIsCaughtWithin1000Vectors) {
  BITSCALE_REQUIRE_RTL_MODELS();
  expect_caught(fixture("wrong_wrap", numeric::OverflowPolicy::Wrap));
}

TEST(UserMac, AFlagRaisedOneTooEarlyIsCaughtWithin1000Vectors) {
  BITSCALE_REQUIRE_RTL_MODELS();
  expect_caught(fixture("late_flag", numeric::OverflowPolicy::SaturateEachStep));
}

UserMac wide(const std::string& top, numeric::OverflowPolicy policy) {
  UserMac mac = fixture(top, policy);
  mac.spec.acc_bits = 16;
  return mac;
}

TEST(UserMac, ARegisterNarrowerThanDeclaredIsCaught) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const MacCheckReport report = check(wide("inner12", numeric::OverflowPolicy::Wrap), 1000);
  const std::optional<Failure>& failure = report.results.front().failure;
  ASSERT_TRUE(failure);
  EXPECT_NE(failure->text.find("expected 2100, RTL -1996"), std::string::npos) << failure->text;
}

TEST(UserMac, AWrappingOneDoesNotPassAsSaturating) {
  BITSCALE_REQUIRE_RTL_MODELS();
  UserMac mac = wide("my_mac", numeric::OverflowPolicy::Wrap);
  mac.files = {testing::source_path("rtl/cosim/example/my_mac.sv")};
  const MacCheckReport right = check(mac, 1000);
  EXPECT_EQ(right.mismatches(), 0) << right.results.front().failure->text;
  EXPECT_TRUE(ends_not_reached(right.results.front().coverage, {true, true}).empty());
  mac.spec.policy = numeric::OverflowPolicy::SaturateEachStep;
  const std::optional<Failure> failure = check(mac, 1000).results.front().failure;
  ASSERT_TRUE(failure);
  EXPECT_NE(failure->text.find("expected 32767 overflow, RTL -32768"), std::string::npos)
      << failure->text;
}

TEST(UserMac, PortsAndParametersCanBeNamed) {
  BITSCALE_REQUIRE_RTL_MODELS();
  UserMac mac = fixture("renamed_ports", numeric::OverflowPolicy::Wrap);
  mac.parameters["Bits"] = 13;
  mac.spec.weights.bits = 3;
  mac.spec.acts = {5, true};
  mac.spec.acc_bits = 13;
  mac.ports = {
      {"clk_i", "ck"}, {"clear_i", "start"}, {"weight_i", "w"}, {"act_i", "x"}, {"acc_o", "sum"}};
  const MacCheckReport report = check(mac, 20000);
  EXPECT_EQ(report.mismatches(), 0) << report.results.front().failure->text;
}

TEST(UserMac, ACompileErrorHasFileAndLine) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const std::string text = message(fixture("does_not_compile", numeric::OverflowPolicy::Wrap));
  EXPECT_NE(text.find("does_not_compile.sv:7"), std::string::npos) << text;
  EXPECT_NE(text.find("undeclared_signal"), std::string::npos) << text;
}

TEST(UserMac, MissingAndMisfitPortsAreAllReported) {
  BITSCALE_REQUIRE_RTL_MODELS();
  UserMac mac = fixture("right_mac", numeric::OverflowPolicy::Wrap);
  mac.spec.acc_bits = 12;
  mac.ports = {{"act_i", "activation"}, {"weight_i", "acc_o"}, {"carry_o", "c"}};
  const std::string text = message(mac);
  for (const char* part : {"right_mac.activation", "the module has clk_i", "acc_o must have 12",
                           "is an output; weight_i must be an input", "--map carry_o=c"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
}

TEST(UserMac, ACombinationalLoopStopsWithAMessage) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const std::string text = message(fixture("combinational_loop", numeric::OverflowPolicy::Wrap));
  EXPECT_NE(text.find("combinational"), std::string::npos) << text;
}

TEST(UserMac, AFinishIsNotCalledALoop) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const std::string text = message(fixture("calls_finish", numeric::OverflowPolicy::Wrap));
  EXPECT_NE(text.find("$finish was called"), std::string::npos) << text;
  EXPECT_EQ(text.find("combinational"), std::string::npos) << text;
}

/// A MAC of 4 x 4 bits into 10 with these ports and this text.
UserMac written(const testing::TempFolder& folder, const std::string& ports,
                const std::string& text) {
  UserMac mac = fixture("right_mac", numeric::OverflowPolicy::Wrap);
  mac.top = "written";
  mac.files = {folder.path() / "written.sv"};
  base::write_file_atomically(mac.files.front(),
                              "module written (" + ports + ");\n" + text + "\nendmodule\n");
  return mac;
}

constexpr const char* kPorts =
    "input logic clk_i, input logic clear_i, input logic signed [3:0] weight_i, "
    "input logic [3:0] act_i, output logic signed [9:0] acc_o";

std::string step_at(const std::string& edge, const std::string& sum) {
  return "always_ff @(" + edge + " clk_i) acc_o <= (clear_i ? 10'sd0 : acc_o) + 10'(weight_i * " +
         "$signed({1'b0, act_i}))" + sum + ";";
}

TEST(UserMac, AnIncludedFileThatChangedIsCompiledAgain) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  const UserMac mac = written(folder, kPorts, "`include \"core.svh\"");
  base::write_file_atomically(folder.path() / "core.svh", step_at("posedge", ""));
  EXPECT_EQ(check(mac, 1000).mismatches(), 0);
  base::write_file_atomically(folder.path() / "core.svh", step_at("posedge", " + 10'sd1"));
  EXPECT_GT(check(mac, 1000).mismatches(), 0);
}

TEST(UserMac, TheFallingEdgeIsTheWrongOne) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  EXPECT_GT(check(written(folder, kPorts, step_at("negedge", "")), 1000).mismatches(), 0);
}

TEST(UserMac, AnUnknownSumIsSeen) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  const std::string unknown = " + (act_i == 4'd9 ? 10'bx : 10'd0)";
  EXPECT_GT(check(written(folder, kPorts, step_at("posedge", unknown)), 1000).mismatches(), 0);
}

TEST(UserMac, ALoopThatSettlesIsWarnedOf) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  const std::string loop = "logic a, b; assign a = b & weight_i[0]; assign b = a | act_i[0];\n";
  const UserMac mac =
      written(folder, kPorts, loop + step_at("posedge", " + 10'((a & ~b) & clear_i)"));
  std::vector<std::string> warnings;
  load_user_mac(mac, &warnings);
  ASSERT_FALSE(warnings.empty());
  EXPECT_NE(warnings.front().find("written.sv:2: may be a combinational loop"), std::string::npos)
      << warnings.front();
  load_user_mac(written(folder, kPorts, step_at("posedge", "")), &warnings);
  EXPECT_TRUE(warnings.empty());
}

TEST(UserMac, NamesThatCppHasNotAreFine) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  UserMac mac = written(folder,
                        "input logic clk__i, input logic clear_i, input logic signed [3:0] goto, "
                        "input logic [3:0] act_i, output logic signed [9:0] double",
                        "always_ff @(posedge clk__i) double <= (clear_i ? 10'sd0 : double) + "
                        "10'(goto * $signed({1'b0, act_i}));");
  mac.ports = {{"clk_i", "clk__i"}, {"weight_i", "goto"}, {"acc_o", "double"}};
  EXPECT_EQ(check(mac, 1000).mismatches(), 0);
}

TEST(UserMac, PackedArraysAreVectorsAndOtherTypesAreRefused) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  const auto with_act = [&](const std::string& act, const std::string& read) {
    return written(folder,
                   "input logic clk_i, input logic clear_i, input logic signed [3:0] weight_i, " +
                       act + ", output logic [1:0][4:0] acc_o",
                   "logic [3:0] act; assign act = " + read +
                       ";\nalways_ff @(posedge clk_i) acc_o <= (clear_i ? 10'd0 : acc_o) + "
                       "10'(weight_i * $signed({1'b0, act}));");
  };
  const UserMac packed = with_act("input logic [1:0][1:0] act_i", "act_i");
  EXPECT_EQ(check(packed, 1000).mismatches(), 0);
  const UserMac unpacked =
      with_act("input logic act_i [4]", "{act_i[3], act_i[2], act_i[1], act_i[0]}");
  EXPECT_NE(message(unpacked).find("act_i: is no vector of bits"), std::string::npos)
      << message(unpacked);
  const UserMac both_ways = with_act("inout wire [3:0] act_i", "act_i");
  EXPECT_NE(message(both_ways).find("act_i: is an inout; act_i must be an input"),
            std::string::npos)
      << message(both_ways);
}

TEST(UserMac, PortsUsedTwiceAreRefused) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  UserMac mac = written(folder, kPorts, step_at("posedge", ""));
  mac.ports = {{"weight_i", "act_i"}};
  EXPECT_NE(message(mac).find("act_i: is used for weight_i and for act_i"), std::string::npos)
      << message(mac);
}

TEST(UserMac, EveryFileThatIsReadIsKnown) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  const UserMac mac = written(folder, kPorts, "`include \"core.svh\"");
  base::write_file_atomically(folder.path() / "core.svh", step_at("posedge", ""));
  std::vector<std::string> names;
  for (const std::filesystem::path& file : files_read(mac)) names.push_back(file.filename());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"core.svh", "written.sv"}));
}

/// The folder relative names are looked up in, until the object goes.
class CurrentFolder {
 public:
  explicit CurrentFolder(const std::filesystem::path& folder)
      : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(folder);
  }
  ~CurrentFolder() { std::filesystem::current_path(before_); }
  CurrentFolder(const CurrentFolder&) = delete;
  CurrentFolder& operator=(const CurrentFolder&) = delete;

 private:
  std::filesystem::path before_;
};

/// Ports of functions' names, bounds below zero, a delay, a name with a space, and in the folder of
/// the file before it a broken module under its name.
TEST(UserMac, TheGivenFileIsReadWhateverLiesBesideIt) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  const CurrentFolder inside(folder.path());
  base::write_file_atomically("a b/helper.sv", "module helper; endmodule\n");
  base::write_file_atomically("a b/my mac.sv", "module written; endmodule\n");
  base::write_file_atomically("a b/plain.sv", "module written; endmodule\n");
  const std::string text =
      "module written (input logic clk_i, input logic clear_i, input logic [1:-2][0:0] weight_i, "
      "input logic [-1:0][-1:0] act_i, output logic signed [9:0] acc_o);\n"
      "function automatic logic signed [9:0] product(input logic signed [5:0] weight_i, "
      "input logic [1:0] act_i);\n  return 10'(weight_i) * 10'(act_i);\nendfunction\n"
      "wire signed [5:0] w = 6'($signed(weight_i));\n"
      "always_ff @(posedge clk_i) acc_o <= #1 (clear_i ? 10'sd0 : acc_o) + "
      "product(w, act_i[-1]) * 10'sd4 + product(w, act_i[0]);\nendmodule\n";
  base::write_file_atomically("my mac.sv", text);
  base::write_file_atomically("plain.sv", text);
  UserMac mac = fixture("written", numeric::OverflowPolicy::Wrap);
  mac.cache_folder = "cache";
  mac.files = {"a b/helper.sv", "plain.sv"};
  const auto read = [&] {
    std::vector<std::filesystem::path> files = files_read(mac);
    std::sort(files.begin(), files.end());
    return files;
  };
  EXPECT_EQ(read(), mac.files);
  mac.files = {"a b/helper.sv", "my mac.sv"};
  EXPECT_EQ(read(), mac.files);
  EXPECT_EQ(check(mac, 1000).mismatches(), 0);
}

TEST(UserMac, MessagesHaveTheNamesThatWereGiven) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  const CurrentFolder inside(folder.path());
  UserMac mac = fixture("written", numeric::OverflowPolicy::Wrap);
  mac.cache_folder = folder / "cache";
  const std::string head = "module written (input logic clk_i);\n";
  base::write_file_atomically("a b/my mac.sv", head + "wire y = unknown_x;\nendmodule\n");
  base::write_file_atomically("c d/outer.sv", head + "`include \"inner.svh\"\nendmodule\n");
  base::write_file_atomically("c d/inner.svh", "\n\nwire y = unknown_x;\n");
  base::write_file_atomically("waits.sv", head + "initial wait (clk_i);\nendmodule\n");
  const std::vector<std::pair<std::string, std::string>> shown = {
      {"a b/my mac.sv", "a b/my mac.sv:2: "},
      {(folder / "a b/my mac.sv").string(), (folder / "a b/my mac.sv").string() + ":2: "},
      {"./c d/outer.sv", "./c d/inner.svh:3: "},
      {"waits.sv", "waits.sv:2: Wait statements cannot be simulated here"}};
  for (const auto& [file, text] : shown) {
    mac.files = {file};
    EXPECT_EQ(message(mac).find(text), 0U) << message(mac);
  }
  mac.parameters["P"] = 3;
  base::write_file_atomically("checks.sv",
                              "module written #(parameter int P = 2) (input logic clk_i);\n"
                              "if (P != 2) $error(\"P must be 2\");\nendmodule\n");
  mac.files = {"checks.sv"};
  EXPECT_EQ(message(mac), "checks.sv:2: P must be 2");
  EXPECT_FALSE(std::filesystem::exists(mac.cache_folder));
}

TEST(UserMac, WhatIsNoNameTouchesNothing) {
  const testing::TempFolder folder;
  folder.write("kept/file", "text");
  UserMac mac = fixture("right_mac", numeric::OverflowPolicy::Wrap);
  mac.cache_folder = folder / "cache";
  for (const char* top : {"x/../../kept", "../kept", "", "1st", "a b", "$a", "-x", "a;b"}) {
    mac.top = top;
    EXPECT_NE(message(mac).find("--top: '" + mac.top + "' is not a name of a module"),
              std::string::npos)
        << message(mac);
  }
  mac.top = "right_mac";
  mac.parameters["A;B"] = 1;
  EXPECT_NE(message(mac).find("--param: 'A;B' is not a name"), std::string::npos) << message(mac);
  EXPECT_TRUE(std::filesystem::exists(folder / "kept/file"));
  EXPECT_FALSE(std::filesystem::exists(folder / "cache"));
}

TEST(UserMac, AMissingFileIsNamed) {
  UserMac mac = fixture("right_mac", numeric::OverflowPolicy::Wrap);
  mac.files = {"no_such_mac.sv"};
  EXPECT_NE(message(mac).find("no_such_mac.sv"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::cosim

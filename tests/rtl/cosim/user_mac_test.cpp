#include "rtl/cosim/user_mac.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "rtl/cosim/mac_check.h"
#include "rtl/cosim/user_ports.h"
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

TEST(UserMac, AMissingFileIsNamed) {
  UserMac mac = fixture("right_mac", numeric::OverflowPolicy::Wrap);
  mac.files = {"no_such_mac.sv"};
  EXPECT_NE(message(mac).find("no_such_mac.sv"), std::string::npos);
}

TEST(UserPorts, MessagesBecomeProblemsAtTheirLines) {
  const auto problems = read_messages(
      "%Error: a/b.sv:12:3: syntax error\n    12 | x\n%Warning-WIDTH: b.sv:4:1: too wide\n"
      "%Error: Exiting due to 1 error(s)\n");
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].where, "a/b.sv:12");
  EXPECT_EQ(problems[0].message, "syntax error");
  EXPECT_EQ(problems[1].where, "b.sv:4");
}

}  // namespace
}  // namespace bitscale::cosim

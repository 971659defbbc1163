#include "rtl/cosim/user_object.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "rtl/cosim/stdout_redirect.h"
#include "tests/rtl/cosim/support.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cosim {
namespace {

constexpr std::uintmax_t kMost = 1 << 26;

/// The example of rtl/cosim in a cache of its own, or a module with this text behind its sum.
UserMac example(const testing::TempFolder& folder, const std::string& more = "") {
  UserMac mac;
  mac.top = "my_mac";
  mac.files = {folder / "my_mac.sv"};
  std::string text =
      base::read_text_file(testing::source_path("rtl/cosim/example/my_mac.sv"), kMost);
  text.insert(text.rfind("endmodule"), more);
  base::write_file_atomically(mac.files.front(), text);
  mac.spec.weights.bits = 4;
  mac.spec.acts = {4, false};
  mac.spec.acc_bits = 16;
  mac.cache_folder = folder / "cache";
  return mac;
}

std::vector<std::filesystem::path> objects(const UserMac& mac) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(mac.cache_folder)) {
    found.push_back(entry.path());
  }
  return found;
}

std::int64_t one_product(const UserMac& mac) {
  const auto model = load_user_mac(mac);
  MacOperands operands;
  operands.weight = 3;
  operands.act = 5;
  operands.clear = true;
  model->step(operands);
  return static_cast<std::int64_t>(model->acc(0));
}

TEST(UserObject, ADamagedOneIsMadeAgain) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  const UserMac mac = example(folder);
  EXPECT_EQ(one_product(mac), 15);
  ASSERT_EQ(objects(mac).size(), 1U);
  const std::filesystem::path object = objects(mac).front();
  const std::string whole = base::read_text_file(object, kMost);
  const auto written = std::filesystem::last_write_time(object);
  EXPECT_EQ(one_product(mac), 15);
  EXPECT_EQ(std::filesystem::last_write_time(object), written);  // whole: taken as it is
  base::write_file_atomically(object, whole.substr(0, 1000));
  EXPECT_EQ(one_product(mac), 15);
  EXPECT_TRUE(base::read_text_file(object, kMost) == whole);  // and the same
}

TEST(UserObject, AnImportedFunctionIsRefusedAndNothingIsKept) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  const UserMac mac = example(folder,
                              "import \"DPI-C\" function int system(input string s);\n"
                              "initial void'(system(\"exit 1\"));\n");
  try {
    load_user_mac(mac);
    FAIL() << "loaded";
  } catch (const base::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("the function 'system' is imported"),
              std::string::npos)
        << error.what();
  }
  EXPECT_FALSE(std::filesystem::exists(mac.cache_folder));
}

TEST(UserObject, WhatItPrintsGoesToStandardErrorAndAFatalsReasonIsTold) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  const UserMac mac = example(folder,
                              "always_ff @(posedge clk_i) begin\n  $display(\"printed\");\n"
                              "  $fdisplay(1, \"to a file\");\n"
                              "  if (act_i == 4'd7) $fatal(1, \"my reason %0d\", act_i);\nend\n");
  ::testing::internal::CaptureStdout();
  std::string message;
  try {
    one_product(mac);
    const auto model = load_user_mac(mac);
    MacOperands operands;
    operands.act = 7;
    model->step(operands);
  } catch (const base::UserError& error) {
    message = error.what();
  }
  std::printf("after\n");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "after\n");
  EXPECT_NE(message.find("$fatal or $error at my_mac.sv:"), std::string::npos) << message;
  EXPECT_NE(message.find("my reason 7"), std::string::npos) << message;
}

TEST(UserObject, ALoopThatNeverEndsAndAFailedAssertionAreErrors) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const testing::TempFolder folder;
  const UserMac mac = example(folder,
                              "logic [3:0] n;\nalways_ff @(posedge clk_i) begin\n  n = 4'd0;\n"
                              "  while (n != 4'd9 || act_i == 4'd7) n = n + 4'd1;\n"
                              "  if (n == 4'd3) $display(\"seen\");\n"
                              "  assert (act_i != 4'd5) else $fatal(1, \"five\");\nend\n");
  const auto stops_at = [&](std::uint16_t act) -> std::string {
    const auto model = load_user_mac(mac);
    MacOperands operands;
    operands.act = act;
    try {
      model->step(operands);
    } catch (const base::UserError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(stops_at(6), "");
  EXPECT_NE(stops_at(7).find("a loop does not end"), std::string::npos) << stops_at(7);
  EXPECT_NE(stops_at(5).find("five"), std::string::npos) << stops_at(5);
}

TEST(StdoutToStderr, LastsAsLongAsItLives) {
  ::testing::internal::CaptureStdout();
  std::printf("before ");
  {
    const StdoutToStderr quiet;
    std::printf("within ");
  }
  std::printf("after");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "before after");
}

}  // namespace
}  // namespace bitscale::cosim

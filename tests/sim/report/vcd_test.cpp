#include "sim/report/vcd.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace bitscale::report {
namespace {

TEST(Vcd, WritesChangesInOrderOfTimeAndNothingElse) {
  Waveform waveform;
  waveform.begin_cycle = 10;
  waveform.end_cycle = 30;
  waveform.comments = {"costs $end"};
  // At 5 before the window, at 12 twice, at 20 no change, at 31 behind the window.
  waveform.signals = {{"busy", 1, {{5, 1}, {12, 0}, {12, 1}, {20, 1}, {30, 0}, {31, 1}}},
                      {"tile", 64, {{5, 4}, {12, 5}}},
                      {"idle", 1, {}}};
  EXPECT_EQ(vcd_text(waveform, "accelerator"),
            "$timescale 1 ns $end\n"
            "$comment one ns of this file is one cycle of the accelerator $end\n"
            "$comment costs _end $end\n"
            "$scope module accelerator $end\n"
            "$var wire 1 ! busy $end\n"
            "$var integer 64 \" tile $end\n"
            "$var wire 1 # idle $end\n"
            "$upscope $end\n$enddefinitions $end\n"
            "#10\n1!\nb100 \"\n0#\n"
            "#12\nb101 \"\n"
            "#30\n0!\n");
}

TEST(Vcd, EndsWithTheWindow) {
  Waveform waveform;
  waveform.end_cycle = 7;
  waveform.signals = {{"busy", 1, {{3, 1}}}};
  const std::string text = vcd_text(waveform, "m");
  EXPECT_NE(text.find("#0\n0!\n#3\n1!\n#7\n"), std::string::npos) << text;
}

TEST(Vcd, EverySignalHasItsOwnCode) {
  Waveform waveform;
  for (int i = 0; i < 300; ++i) waveform.signals.push_back({"s" + std::to_string(i), 1, {}});
  std::istringstream lines(vcd_text(waveform, "m"));
  std::set<std::string> codes;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string var, kind, bits, code;
    words >> var >> kind >> bits >> code;
    if (var == "$var") {
      EXPECT_TRUE(codes.insert(code).second) << code;
    }
  }
  EXPECT_EQ(codes.size(), 300U);
}

}  // namespace
}  // namespace bitscale::report

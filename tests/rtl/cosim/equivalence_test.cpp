// mac_core equals its behavioural description for all inputs, proven by Yosys' SAT solver.
#include <gtest/gtest.h>

#include "rtl/cosim/process.h"
#include "tests/support/reference.h"

namespace bitscale::cosim {
namespace {

struct Widths {
  int weight, act, acc;
  bool weight_signed, act_signed;
  int encoding;
};

std::string path(const char* name) { return testing::source_path(name).string(); }

/// Runs the proof of one parameter set; true when Yosys found no counterexample.
::testing::AssertionResult proven(const Widths& widths, int overflow, bool track,
                                  const std::string& core) {
  std::string set;
  const auto add = [&set](const char* name, int value) {
    set += std::string(" -set ") + name + " " + std::to_string(value);
  };
  add("WeightBits", widths.weight);
  add("ActBits", widths.act);
  add("AccBits", widths.acc);
  add("WeightSigned", widths.weight_signed ? 1 : 0);
  add("ActSigned", widths.act_signed ? 1 : 0);
  add("Encoding", widths.encoding);
  add("Overflow", overflow);
  add("TrackOverflow", track ? 1 : 0);
  std::string read = "read_verilog -sv " + path("rtl/mac_pkg.sv") + " " + core;
  for (const char* name : {"rtl/baugh_wooley.sv", "rtl/narrow.sv", "rtl/weight_decoder.sv",
                           "tests/rtl/behavioural/mac_core_behavioural.sv"}) {
    read += " " + path(name);
  }
  read += "; chparam" + set + " mac_core; chparam" + set + " mac_core_behavioural; ";
  // Each side is elaborated in a design of its own, then both meet in the miter.
  const std::string proof =
      read + "hierarchy -check -top mac_core; proc; flatten; rename -top gate; design -stash a; " +
      read +
      "hierarchy -check -top mac_core_behavioural; proc; flatten; rename -top gold; "
      "design -stash b; design -copy-from a -as gate gate; design -copy-from b -as gold gold; "
      "miter -equiv -flatten -make_outputs gold gate miter; hierarchy -top miter; opt -full; "
      "sat -verify -prove trigger 0 -show-inputs -show-outputs miter";
  const ProcessResult result = run_process({"yosys", "-q", "-p", proof}, "yosys");
  if (result.status == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << set << "\n" << result.output.substr(0, 3000);
}

TEST(Equivalence, SmallWidthsOfEveryKindAreProven) {
  for (const Widths& widths : {Widths{1, 1, 2, false, false, 0}, Widths{1, 1, 3, true, true, 0},
                               Widths{2, 2, 4, true, false, 0}, Widths{2, 3, 7, true, true, 0},
                               Widths{3, 3, 5, false, true, 0}, Widths{4, 4, 8, true, true, 0},
                               Widths{4, 4, 10, true, false, 0}, Widths{3, 3, 8, true, false, 1},
                               Widths{1, 4, 6, true, true, 2}, Widths{3, 3, 7, false, false, 3}}) {
    for (const int overflow : {0, 1}) {
      for (const bool track : {true, false}) {  // without a flag is what is characterized
        EXPECT_TRUE(proven(widths, overflow, track, path("rtl/mac_core.sv")));
      }
    }
  }
}

TEST(Equivalence, ABrokenCoreIsRefuted) {
  EXPECT_FALSE(proven({2, 2, 4, true, false, 0}, 1, true, path("tests/rtl/broken/mac_core.sv")));
}

}  // namespace
}  // namespace bitscale::cosim

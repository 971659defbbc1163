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

enum class Verdict { Proven, Refuted, Neither };

/// Runs a proof: refuted only by a counterexample, not by whatever else stops Yosys.
Verdict verdict(const std::string& script, std::string& output) {
  const ProcessResult result = run_process({"yosys", "-q", "-p", script}, "yosys");
  output = result.output.substr(0, 3000);
  if (result.status == 0) return Verdict::Proven;
  return result.output.find("proof did fail") == std::string::npos ? Verdict::Neither
                                                                   : Verdict::Refuted;
}

/// The verdict on one parameter set.
::testing::AssertionResult gives(Verdict expected, const Widths& widths, int overflow, bool track,
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
  std::string output;
  if (verdict(proof, output) == expected) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << set << "\n" << output;
}

TEST(Equivalence, SmallWidthsOfEveryKindAreProven) {
  for (const Widths& widths : {Widths{1, 1, 2, false, false, 0}, Widths{1, 1, 3, true, true, 0},
                               Widths{2, 2, 4, true, false, 0}, Widths{2, 3, 7, true, true, 0},
                               Widths{3, 3, 5, false, true, 0}, Widths{4, 4, 8, true, true, 0},
                               Widths{4, 4, 10, true, false, 0}, Widths{3, 3, 8, true, false, 1},
                               Widths{1, 4, 6, true, true, 2}, Widths{3, 3, 7, false, false, 3}}) {
    for (const int overflow : {0, 1}) {
      for (const bool track : {true, false}) {  // without a flag is what is characterized
        EXPECT_TRUE(gives(Verdict::Proven, widths, overflow, track, path("rtl/mac_core.sv")));
      }
    }
  }
}

TEST(Equivalence, ABrokenCoreIsRefuted) {
  const std::string broken = path("tests/rtl/broken/mac_core.sv");
  EXPECT_TRUE(gives(Verdict::Refuted, {2, 2, 4, true, false, 0}, 1, true, broken));
  EXPECT_TRUE(gives(Verdict::Neither, {2, 2, 4, true, false, 0}, 1, true, broken + ".missing"));
}

/// The multiplier large arrays are co-simulated with beside the rows: of `a` and `b` bits, into
/// `sum`.
::testing::AssertionResult same_product(Verdict expected, int a, int b, bool a_signed,
                                        bool b_signed, int sum, bool gate_b_signed) {
  const auto side = [&](const std::string& file, const std::string& name, bool signed_b) {
    return "read_verilog -sv " + path("rtl/mac_pkg.sv") + " " + path(file.c_str()) +
           "; chparam -set ABits " + std::to_string(a) + " -set BBits " + std::to_string(b) +
           " -set ASigned " + (a_signed ? "1" : "0") + " -set BSigned " + (signed_b ? "1" : "0") +
           " -set SumBits " + std::to_string(sum) + " baugh_wooley; " +
           "hierarchy -check -top baugh_wooley; proc; flatten; rename -top " + name +
           "; design -stash " + name + "; ";
  };
  const std::string proof =
      side("rtl/cosim/fast/baugh_wooley.sv", "gate", gate_b_signed) +
      side("rtl/baugh_wooley.sv", "gold", b_signed) +
      "design -copy-from gate -as gate gate; design -copy-from gold -as gold gold; "
      "miter -equiv -flatten -make_outputs gold gate miter; hierarchy -top miter; opt -full; "
      "sat -verify -prove trigger 0 -show-inputs -show-outputs miter";
  std::string output;
  if (verdict(proof, output) == expected) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << a << " x " << b << "\n" << output;
}

// For all operands and addends: narrow sums that wrap, and sums of 33 bits as in the 16x16 arrays.
TEST(Equivalence, TheFastProductIsTheRows) {
  for (const bool a_signed : {false, true}) {
    for (const bool b_signed : {false, true}) {
      for (const int sum : {3, 8, 33}) {
        EXPECT_TRUE(same_product(Verdict::Proven, 3, 4, a_signed, b_signed, sum, b_signed));
      }
      EXPECT_TRUE(same_product(Verdict::Proven, 1, 1, a_signed, b_signed, 4, b_signed));
    }
  }
  EXPECT_TRUE(same_product(Verdict::Proven, 4, 4, false, true, 9, true));
}

TEST(Equivalence, AProductOfAnotherSignednessIsRefuted) {
  EXPECT_TRUE(same_product(Verdict::Refuted, 3, 3, false, true, 8, false));
}

}  // namespace
}  // namespace bitscale::cosim

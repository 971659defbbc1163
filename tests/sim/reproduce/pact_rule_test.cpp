#include "sim/reproduce/pact_rule.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::reproduce {
namespace {

PactRule shipped() {
  return load_pact_rule(testing::source_path("configs/papers/pact_2018/rule.json"));
}

spec::AcceleratorSpec design_of(const PactRule& rule) {
  spec::AcceleratorSpec design;
  design.clock_mhz = rule.clock_mhz;
  design.cores = rule.cores;
  design.mac_array.rows = rule.rows();
  design.mac_array.cols = rule.cols();
  design.buffers.shared = true;
  design.buffers.weight.capacity_bytes = rule.scratchpad_bytes;
  return design;
}

TEST(PactRule, DerivesTheArrayFromThePublishedCore) {
  const PactRule rule = shipped();
  EXPECT_EQ(rule.macs_per_core(), 512);  // 1.5e12 / (2 × 1.5e9) = 500
  EXPECT_EQ(rule.rows(), 16);
  EXPECT_EQ(rule.cols(), 32);
}

TEST(PactRule, RoundsUpToPowersOfTwoAndKeepsThemWhole) {
  PactRule rule = shipped();
  rule.fp16_tflops = 1.536;  // exactly 512
  EXPECT_EQ(rule.macs_per_core(), 512);
  rule.fp16_tflops = 1.537;
  EXPECT_EQ(rule.macs_per_core(), 1024);
  EXPECT_EQ(rule.rows(), 32);
  EXPECT_EQ(rule.cols(), 32);
  rule.fp16_tflops = 0.003;
  EXPECT_EQ(rule.macs_per_core(), 1);
  EXPECT_EQ(rule.rows(), 1);
}

TEST(PactRule, AcceptsItsDesignAndNamesEveryFigureThatIsNot) {
  const PactRule rule = shipped();
  spec::AcceleratorSpec design = design_of(rule);
  EXPECT_NO_THROW(require_rule(rule, design, "design.json"));
  design.cores = 5;
  design.mac_array.rows = 17;
  design.buffers.weight.capacity_bytes -= 1;
  try {
    require_rule(rule, design, "design.json");
    FAIL();
  } catch (const base::UserError& error) {
    ASSERT_EQ(error.problems().size(), 3u);
    EXPECT_EQ(error.problems()[0].where, "design.json:/cores");
    EXPECT_NE(error.problems()[0].message.find("gives 1, given 5"), std::string::npos);
  }
}

TEST(PactRule, IsReadStrictly) {
  const testing::TempFolder folder;
  const auto file = folder.write("rule.json", R"({"schema_version": 1, "statement": "s",
      "core": {"clock_mhz": 0, "fp16_tflops": 1, "scratchpad_bytes": 1, "source": "x", "extra": 1},
      "chip": {"cores": 4, "source": "y"}, "derivation": {}})");
  try {
    load_pact_rule(file);
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_EQ(error.problems().size(), 2u) << error.what();
  }
}

}  // namespace
}  // namespace bitscale::reproduce

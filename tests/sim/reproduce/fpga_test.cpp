#include "sim/reproduce/fpga.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/problems.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::reproduce {
namespace {

run::Catalog catalog() { return run::Catalog(testing::source_path("")); }
FpgaStudy shipped() { return load_fpga_study(fpga_study_file(catalog()), catalog()); }

TEST(ReproduceFpga, NarrowerAccumulatorsCostLessByBothSources) {
  const FpgaResult result = reproduce_fpga(shipped(), catalog());
  ASSERT_GE(result.widths.size(), 5U);
  EXPECT_EQ(result.widths.front().acc_bits, 32);
  EXPECT_DOUBLE_EQ(result.widths.front().ratio, 1);
  for (std::size_t i = 1; i < result.widths.size(); ++i) {
    EXPECT_GT(result.widths[i].ratio, result.widths[i - 1].ratio);
    EXPECT_GE(result.widths[i].measured_mac_ratio, result.widths[i - 1].measured_mac_ratio);
    // Thresholds are P bits wide each: with them a narrow accumulator saves more.
    EXPECT_GT(result.widths[i].ratio, result.widths[i].ratio_without_thresholds);
  }
}

TEST(ReproduceFpga, HoldsTheRateChosenFirstAndTheBestFoldingApart) {
  const FpgaResult result = reproduce_fpga(shipped(), catalog());
  ASSERT_GE(result.targets.size(), 2U);
  EXPECT_EQ(result.targets[0].id, "A4");
  EXPECT_EQ(result.targets[1].id, "A4 slowest");
  const auto narrow = std::find_if(result.widths.begin(), result.widths.end(),
                                   [](const FpgaWidth& width) { return width.acc_bits == 12; });
  ASSERT_NE(narrow, result.widths.end());
  EXPECT_DOUBLE_EQ(result.targets[0].measured, narrow->ratio);
  EXPECT_GE(result.targets[1].measured, result.targets[0].measured);
}

TEST(ReproduceFpga, FoldingsMeetWhatWasAsked) {
  const FpgaResult result = reproduce_fpga(shipped(), catalog());
  double last_rate = 0;
  for (const FpgaFolding& folding : result.foldings) {
    if (folding.asked.find("LUTs") != std::string::npos) {
      EXPECT_LE(folding.luts, std::stod(folding.asked)) << folding.asked;
      last_rate = 0;
    } else if (folding.possible) {
      EXPECT_GE(folding.samples_per_s, std::stod(folding.asked)) << folding.asked;
      EXPECT_GE(folding.samples_per_s, last_rate);
      last_rate = folding.samples_per_s;
    }
  }
}

// Weights in LUTs cost LUTs; a user's network, widths, rates and budget are what is folded.
TEST(ReproduceFpga, FoldsAnotherStudy) {
  const testing::TempFolder folder;
  const auto study = [&](const std::string& rate, const std::string& memory) {
    return load_fpga_study(
        folder.write(
            "study.json",
            "{\"schema_version\": 1, \"network\": \"vgg19_cifar10\", \"weight_bits\": 3, "
            "\"act_bits\": 5, \"output_bits\": 5, \"clock_mhz\": 200, \"acc_bits\": [14, 20], "
            "\"samples_per_s\": " +
                rate +
                ", \"rates\": [50], \"lut_budget\": 40000, "
                "\"memory\": \"" +
                memory + "\"}"),
        catalog());
  };
  const FpgaResult bram = reproduce_fpga(study("10", "bram"), catalog());
  EXPECT_TRUE(bram.targets.empty());
  ASSERT_EQ(bram.widths.size(), 2U);
  EXPECT_EQ(bram.widths[0].acc_bits, 20);
  EXPECT_FALSE(bram.widths[0].measured_mac_luts);  // no MAC of 3 × 5 bits was synthesized
  ASSERT_EQ(bram.foldings.size(), 4U);
  const FpgaFolding& fifty = bram.foldings[0];
  EXPECT_EQ(fifty.asked, "50 samples/s, P = 20");
  EXPECT_GE(fifty.samples_per_s, 50);
  EXPECT_EQ(fifty.luts, fifty.bram_luts);
  EXPECT_GT(fifty.lutram_luts, fifty.bram_luts);
  EXPECT_GT(fifty.brams, 0);
  EXPECT_NE(fpga_text(bram).find("LUTs, weights in LUTRAM"), std::string::npos);
  const FpgaResult lutram = reproduce_fpga(study("10", "lutram"), catalog());
  EXPECT_EQ(lutram.foldings[0].luts, lutram.foldings[0].lutram_luts);
  EXPECT_GT(lutram.widths[0].luts, bram.widths[0].luts);
  EXPECT_NE(testing::user_error_of([&] {
              reproduce_fpga(study("1e9", "bram"), catalog());
            }).find("study.json:/samples_per_s"),
            std::string::npos);
  EXPECT_NE(testing::user_error_of([&] { study("10", "uram"); }).find("memory"), std::string::npos);
}

TEST(ReproduceFpga, SaysWhichLayersNoUnitHolds) {
  const testing::TempFolder folder;
  const FpgaStudy study = load_fpga_study(
      folder.write("study.json",
                   R"({"schema_version": 1, "network": "bert_base_128", "weight_bits": 4,
                       "act_bits": 4, "output_bits": 4, "clock_mhz": 100, "acc_bits": [12],
                       "samples_per_s": 1, "rates": [1], "memory": "bram"})"),
      catalog());
  const FpgaResult result = reproduce_fpga(study, catalog());
  EXPECT_EQ(result.foldings.size(), 1U);  // one width, once
  ASSERT_FALSE(result.left_out.empty());
  EXPECT_NE(fpga_text(result).find("products of two activations: " + result.left_out[0]),
            std::string::npos);
  EXPECT_TRUE(reproduce_fpga(shipped(), catalog()).left_out.empty());
}

}  // namespace
}  // namespace bitscale::reproduce

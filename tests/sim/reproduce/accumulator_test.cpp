#include "sim/reproduce/accumulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "tests/support/reference.h"

namespace bitscale::reproduce {
namespace {

// One small run for every claim: the study is the shipped one on fewer images and projections.
TEST(ReproduceAccumulator, NarrowsAccumulatorsWithAndWithoutGuarantee) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) {
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  }
  AccumulatorOptions options;
  options.images = 200;
  options.projected_bits = {2, 16};
  const AccumulatorResult result =
      reproduce_accumulator(run::Catalog(testing::source_path("")), options);
  EXPECT_GT(result.float_top1, 0.8);
  EXPECT_EQ(result.data_type_bits, 22);  // log2 784 + 8 + 4 - 1 = 20.6 and one for the sign
  const auto row = [&](const std::string& method, int bits) {
    const auto found = std::find_if(result.rows.begin(), result.rows.end(), [&](const auto& r) {
      return r.method == method && r.acc_bits == bits;
    });
    EXPECT_NE(found, result.rows.end()) << method << ' ' << bits;
    return found == result.rows.end() ? AccumulatorRow{} : *found;
  };
  EXPECT_EQ(row("plain, wrap", 22).overflow_rate, 0);
  EXPECT_GT(row("plain, wrap", 10).overflow_rate, 0);
  EXPECT_LT(row("plain, wrap", 10).top1, row("plain, wrap", 22).top1);
  EXPECT_GT(row("A2Q+, trained", 12).top1, row("plain, wrap", 12).top1);
  for (int bits = 10; bits <= 22; ++bits) {  // the bound and 12 bits below it, every column
    for (const char* method : {"plain, wrap", "plain, saturate each step", "plain, saturate at end",
                               "A2Q, trained", "A2Q+, trained"}) {
      EXPECT_GT(row(method, bits).top1, 0) << method << bits;
    }
    // Fewer weights are left, the narrower the accumulator.
    if (bits == 22) continue;
    EXPECT_GE(row("A2Q, trained", bits).sparsity + 0.02, row("A2Q, trained", bits + 1).sparsity);
    EXPECT_LE(row("A2Q, trained", bits).luts, row("A2Q, trained", bits + 1).luts);
  }
  EXPECT_GT(row("A2Q, trained", 10).sparsity, row("A2Q, trained", 16).sparsity);
  EXPECT_LT(row("A2Q, trained", 10).mac_um2, row("A2Q, trained", 16).mac_um2);
  EXPECT_LT(row("A2Q, trained", 10).luts, row("A2Q, trained", 16).luts);
  EXPECT_EQ(row("plain, saturate at end", 10).luts, row("plain, wrap", 22).luts);
  // Unsigned activations: this netlist's area, not the signed one's 6930.
  EXPECT_DOUBLE_EQ(row("plain, wrap", 16).mac_um2, 7551);
  EXPECT_EQ(row("plain, wrap", 16).area_basis, PriceBasis::Measured);
  EXPECT_GT(row("plain, saturate each step", 16).mac_um2, 7551);
  EXPECT_EQ(row("plain, wrap", 14).area_basis, PriceBasis::Interpolated);
  EXPECT_EQ(row("plain, wrap", 16).energy_basis, PriceBasis::Measured);
  EXPECT_EQ(row("plain, wrap", 15).energy_basis, PriceBasis::Fit);
  EXPECT_EQ(row("plain, wrap", 20).energy_basis, PriceBasis::Interpolated);
  EXPECT_NEAR(row("plain, wrap", 20).mac_pj - row("plain, wrap", 19).mac_pj,
              row("plain, wrap", 17).mac_pj - row("plain, wrap", 16).mac_pj, 1e-9);
  EXPECT_LE(row("plain, wrap", 15).mac_pj, row("plain, wrap", 16).mac_pj);
  EXPECT_FALSE(row("A2Q, projected", 16).priced_whole);
  EXPECT_FALSE(row("A2Q, projected", 16).on_area_front || row("A2Q, projected", 16).on_lut_front);
  EXPECT_TRUE(std::any_of(result.rows.begin(), result.rows.end(),
                          [](const AccumulatorRow& each) { return each.on_energy_front; }));
  EXPECT_NE(accumulator_csv(result).find(",fit,"), std::string::npos);
  EXPECT_NE(accumulator_json(result).find("not the paper's accuracy"), std::string::npos);
  EXPECT_NE(accumulator_text(result).find(" fit"), std::string::npos);
  for (const AccumulatorRow& each : result.rows) {
    if (each.guaranteed) {
      EXPECT_EQ(each.overflow_rate, 0) << each.method << each.acc_bits;
    }
  }
  // Two bits leave no weight, and the message says where.
  ASSERT_EQ(result.impossible.size(), 2U);
  EXPECT_NE(result.impossible[0].find("channel"), std::string::npos) << result.impossible[0];
}

}  // namespace
}  // namespace bitscale::reproduce

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
  EXPECT_GT(row("A2Q, trained", 10).sparsity, row("A2Q, trained", 16).sparsity);
  EXPECT_LT(row("A2Q, trained", 10).mac_um2, row("A2Q, trained", 16).mac_um2);
  EXPECT_LT(row("A2Q, trained", 10).luts, row("A2Q, trained", 16).luts);
  EXPECT_EQ(row("plain, saturate at end", 10).luts, row("plain, wrap", 22).luts);
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

#include "sim/reproduce/omse.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/support/reference.h"

namespace bitscale::reproduce {
namespace {

// The shipped study on fewer images.
TEST(ReproduceOmse, ErrorsFallAndDualLayersCostAPass) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) {
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  }
  OmseOptions options;
  options.images = 150;
  options.most_tensors = 3;
  options.widths = {{4, 4}, {2, 4}};
  const OmseResult result = reproduce_omse(run::Catalog(testing::source_path("")), options);
  EXPECT_EQ(result.images, 150);
  EXPECT_GT(result.float_top1, 0.8);
  ASSERT_EQ(result.rows.size(), 12U);
  for (std::size_t i = 0; i < result.rows.size(); i += 6) {
    const OmseRow &max_abs = result.rows[i], &dual = result.rows[i + 4];
    EXPECT_EQ(max_abs.method, "max-abs");
    EXPECT_GT(max_abs.weight_mse, result.rows[i + 1].weight_mse);
    EXPECT_GT(result.rows[i + 1].weight_mse, result.rows[i + 2].weight_mse);
    EXPECT_GE(dual.mac_passes, max_abs.mac_passes);
    EXPECT_EQ(dual.mac_passes > max_abs.mac_passes, dual.latency_cycles > max_abs.latency_cycles);
    const OmseRow& three = result.rows[i + 5];
    EXPECT_EQ(three.method, "kernel-wise, 3 tensors");
    EXPECT_LE(three.weight_mse, dual.weight_mse);
    EXPECT_EQ(three.mac_passes > dual.mac_passes, three.energy_uj > dual.energy_uj);
    EXPECT_GT(max_abs.energy_uj, 0);
    EXPECT_GT(max_abs.area_mm2, 0);
  }
  // Two bits leave every inner layer above the threshold with two tensors, four bits none.
  EXPECT_EQ(result.rows[5].mac_passes, result.rows[4].mac_passes);
  EXPECT_EQ(result.rows[11].mac_passes, result.rows[10].mac_passes + 3);
  EXPECT_EQ(result.targets[1].met(), true);
  ASSERT_EQ(result.oracle.size(), 8U);
  for (const OracleRow& row : result.oracle) {
    EXPECT_NEAR(row.best_mse / row.oracle_mse, 1, 0.01) << row.density << row.bits;
    EXPECT_GE(row.excess(), 0);
  }
}

}  // namespace
}  // namespace bitscale::reproduce

#include "sim/reproduce/trained.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/problems.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::reproduce {
namespace {

TEST(ReproduceTrained, ComparesQuantizersAndPricesEpochs) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) {
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  }
  const TrainedResult result = reproduce_trained(run::Catalog(testing::source_path("")), 300);
  ASSERT_FALSE(result.widths.empty());
  for (const TrainedWidth& width : result.widths) EXPECT_GT(width.pact, 0.6) << width.bits;
  EXPECT_GT(result.widths.front().pact, result.widths.front().max_abs);
  ASSERT_EQ(result.layers.size(), 5U);
  ASSERT_EQ(result.epochs.size(), 8U);
  double last = result.uj_16_bits + 1e-12;
  for (const DensityEpoch& epoch : result.epochs) {
    if (!epoch.quantized) continue;
    EXPECT_LE(epoch.pim_uj, last) << epoch.epoch;  // widths never grow
    last = epoch.pim_uj;
  }
  EXPECT_LT(last, result.uj_16_bits);
}

TEST(ReproduceTrained, RefusesBrokenEpochs) {
  const testing::TempFolder folder;
  const auto message = [&](const std::string& text) {
    const auto file = folder.write("epochs.csv", text);
    return testing::user_error_of([&] { read_density_epochs(file, 1); });
  };
  EXPECT_EQ(message("header\n1,0,0.5,0.9,32\n"), "");
  EXPECT_NE(message("header\n1,0,0.5\n").find(":2"), std::string::npos);
  EXPECT_NE(message("header\n1,0,0.5,0.9,32\n1,0,x,0.9,32\n").find("'x'"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::reproduce

#include "sim/reproduce/trained.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "sim/reproduce/trained_networks.h"
#include "tests/support/problems.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::reproduce {
namespace {

TEST(ReproduceTrained, ComparesQuantizersAndPricesEpochs) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) {
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  }
  TrainedOptions options;
  options.images = 150;
  options.other_images = 20;
  const TrainedResult result = reproduce_trained(run::Catalog(testing::source_path("")), options);
  ASSERT_FALSE(result.widths.empty());
  for (const TrainedWidth& width : result.widths) EXPECT_GT(width.pact, 0.6) << width.bits;
  EXPECT_GT(result.widths.front().pact, result.widths.front().max_abs);

  ASSERT_EQ(result.layerwise.size(), 3U);  // W2A2, mixed, W4A4
  const LayerwiseNetwork& mixed = result.layerwise[1];
  EXPECT_EQ(mixed.layers, (std::vector<std::string>{"conv1", "conv2", "fc1", "fc2", "fc3"}));
  EXPECT_EQ(mixed.weight_bits, (std::vector<int>{8, 4, 2, 3, 8}));  // the recipe's overrides
  EXPECT_EQ(mixed.read_bits, (std::vector<int>{8, 4, 3, 4, 8}));
  EXPECT_GT(mixed.stored_weight_bits, result.layerwise[0].stored_weight_bits);
  EXPECT_LT(mixed.stored_weight_bits, result.layerwise[2].stored_weight_bits);
  EXPECT_GT(mixed.top1, 0.6);

  ASSERT_EQ(result.chains.size(), 15U);
  for (const ChainCheck& chain : result.chains) {
    const bool pact = chain.recipe.rfind("lenet_pact_w", 0) == 0;
    EXPECT_EQ(chain.comparison.samples, pact ? 150 : 20) << chain.recipe;
    EXPECT_EQ(chain.comparison.unexplained(), 0) << chain.recipe;
    EXPECT_GT(chain.float_top1, 0.6) << chain.recipe;
  }
  EXPECT_DOUBLE_EQ(result.chains[0].integer_top1, result.widths[0].pact);

  ASSERT_EQ(result.densities.size(), 2U);
  for (const DensityTraining& training : result.densities) {
    ASSERT_EQ(training.layers.size(), 5U);
    EXPECT_TRUE(training.settled()) << training.recipe;
    double last = training.uj_16_bits + 1e-12;
    for (const DensityEpoch& epoch : training.epochs) {
      if (!epoch.quantized) continue;
      EXPECT_LE(epoch.pim_uj, last) << epoch.epoch;  // widths and channels never grow
      last = epoch.pim_uj;
    }
    EXPECT_LT(last, training.uj_16_bits);
  }
  // The same shape at first; pruning leaves fewer MACs at the end.
  const DensityTraining &kept = result.densities[0], &pruned = result.densities[1];
  EXPECT_DOUBLE_EQ(kept.uj_16_bits, pruned.uj_16_bits);
  EXPECT_LT(pruned.epochs.back().pim_uj, kept.epochs.back().pim_uj);
}

TEST(ReproduceTrained, RefusesBrokenEpochs) {
  const testing::TempFolder folder;
  const auto message = [&](const std::string& text) {
    const auto file = folder.write("epochs.csv", text);
    return testing::user_error_of([&] { read_density_epochs(file, 1); });
  };
  EXPECT_EQ(message("header\n1,0,0.5,0.9,32,10\n"), "");
  EXPECT_NE(message("header\n1,0,0.5\n").find(":2"), std::string::npos);
  EXPECT_NE(message("header\n1,0,0.5,0.9,32,10\n1,0,x,0.9,32,10\n").find("'x'"), std::string::npos);
  EXPECT_NE(message("header\n1,0,0.5,0.9,32,0\n").find("1 channel"), std::string::npos);
  EXPECT_NE(message("header\n").find("no epoch"), std::string::npos);
}

// Networks made again are read from the recipes' folders, and only there.
TEST(TrainedNetworks, TellsCommittedOnesFromThoseMadeAgain) {
  const std::filesystem::path root = testing::source_path("");
  const TrainedNetworks committed(root);
  for (const char* reproduction : {"omse", "accumulator", "trained"}) {
    EXPECT_FALSE(recipes_of(reproduction).empty());
    for (const std::string& recipe : recipes_of(reproduction)) {
      EXPECT_TRUE(std::filesystem::exists(committed.recipe_file(recipe))) << recipe;
      const bool quantized = std::filesystem::exists(committed.trace(recipe) / "trace.json");
      EXPECT_NE(quantized, std::filesystem::exists(committed.float_model(recipe))) << recipe;
    }
  }
  EXPECT_TRUE(recipes_of("pact").empty());

  const testing::TempFolder folder;
  const TrainedNetworks again(root, folder.path());
  EXPECT_EQ(again.trace("mlp_w4a4"), folder / "mlp_w4a4" / "trace");
  EXPECT_NE(testing::user_error_of([&] { again.read("mlp_w4a4"); }), "");
  std::filesystem::create_directories(folder / "mlp_w4a4");
  std::filesystem::copy(committed.trace("mlp_w4a4"), again.trace("mlp_w4a4"));
  EXPECT_TRUE(same_network(committed, again, "mlp_w4a4"));
  folder.write("mlp_w4a4/trace/trace.json", "{}");
  EXPECT_FALSE(same_network(committed, again, "mlp_w4a4"));
}

}  // namespace
}  // namespace bitscale::reproduce

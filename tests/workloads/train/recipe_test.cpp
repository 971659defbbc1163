#include "workloads/train/recipe.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/problems.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::train {
namespace {

std::string message(const std::string& text) {
  const testing::TempFolder folder;
  return testing::user_error_of([&] { read_recipe(folder.write("r.json", text)); });
}

TEST(Recipe, EveryCommittedRecipeReads) {
  int recipes = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(testing::source_path("configs/training"))) {
    if (entry.path().extension() != ".json") continue;
    const Recipe recipe = read_recipe(entry.path());
    EXPECT_EQ(recipe.name, entry.path().stem());
    ++recipes;
  }
  EXPECT_GE(recipes, 5);
}

TEST(Recipe, ReportsEveryProblemAtOnce) {
  const std::string found = message(
      R"({"schema_version": 1, "name": "x", "network": "lenett", "epochs": 0, "seeed": 3,
          "quantizers": {"weights": "sawb", "activations": "pact", "weight_bits": 7}})");
  for (const char* part : {"lenet", "/epochs", "did you mean 'seed'", "/quantizers/weight_bits"}) {
    EXPECT_NE(found.find(part), std::string::npos) << part << " in " << found;
  }
}

TEST(Recipe, RefusesCombinationsThatMeanNothing) {
  const auto with = [](const std::string& quantizers, const std::string& more) {
    return message(R"({"schema_version": 1, "name": "x", "network": "mlp", "epochs": 3, )" + more +
                   R"("quantizers": )" + quantizers + "}");
  };
  EXPECT_NE(with(R"({"weights": "float", "activations": "pact"})", "").find("both"),
            std::string::npos);
  EXPECT_NE(with(R"({"weights": "a2q", "activations": "pact", "density_schedule": {}})", "")
                .find("max_abs"),
            std::string::npos);
  EXPECT_NE(with(R"({"weights": "a2q", "activations": "pact"})", R"("float_epochs": 3, )")
                .find("no epoch"),
            std::string::npos);
  EXPECT_EQ(with(R"({"weights": "a2q", "activations": "pact"})", R"("float_epochs": 2, )"), "");
}

TEST(Recipe, PrunesOnlyNetworksWithoutAdditions) {
  const auto of = [](const std::string& network) {
    return message(R"({"schema_version": 1, "name": "x", "epochs": 3, "network": ")" + network +
                   R"(", "quantizers": {"weights": "max_abs", "activations": "pact",
                       "density_schedule": {"prune_rounds": 1}}})");
  };
  EXPECT_EQ(of("vgg_small"), "");
  EXPECT_NE(of("resnet8").find("prune_rounds"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::train

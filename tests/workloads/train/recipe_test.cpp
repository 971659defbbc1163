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
    EXPECT_EQ(place(recipe, "/epochs"), entry.path().string() + ":/epochs");
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

TEST(Recipe, RefusesMembersWithoutEffect) {
  const auto with = [](const std::string& quantizers) {
    return message(R"({"schema_version": 1, "name": "x", "network": "mlp", "epochs": 3,
                       "quantizers": {)" +
                   quantizers + "}}");
  };
  for (const char* idle :
       {R"("weights": "max_abs", "activations": "pact", "acc_bits": 9)",
        R"("weights": "max_abs", "activations": "clip1", "alpha_start": 5)",
        R"("weights": "float", "activations": "float", "edge_bits": 2)",
        R"("weights": "max_abs", "activations": "pact", "act_bits": 4, "density_schedule": {})"}) {
    EXPECT_NE(with(idle).find("without effect"), std::string::npos) << idle << with(idle);
  }
  EXPECT_EQ(with(R"("weights": "a2q", "activations": "pact", "acc_bits": 9, "alpha_start": 5)"),
            "");
  EXPECT_NE(with(R"("weights": "a2q", "activations": "pact", "alpha_start": 1e300)"), "");
}

TEST(Recipe, LayersHaveWidthsOfTheirOwn) {
  const auto text = [](const std::string& rules, const std::string& more = "") {
    return R"({"schema_version": 1, "name": "x", "epochs": 3, "network": "lenet",
               "quantizers": {"weights": "sawb", "activations": "pact")" +
           more + R"(, "overrides": [)" + rules + "]}}";
  };
  const testing::TempFolder folder;
  const Recipe recipe = read_recipe(
      folder.write("r.json", text(R"({"layers": "conv?", "weight_bits": 3, "act_bits": 6},
                        {"layers": "conv2", "act_bits": 2}, {"layers": "fc3", "act_bits": 5})")));
  ASSERT_EQ(recipe.layers.size(), 3U);
  EXPECT_EQ(recipe.layers[0].layer, "conv1");
  EXPECT_EQ(recipe.layers[0].weight_bits, 3);
  EXPECT_EQ(recipe.layers[0].act_bits, std::nullopt);  // pixels
  EXPECT_EQ(recipe.layers[1].weight_bits, 3);
  EXPECT_EQ(recipe.layers[1].act_bits, 2);  // the later rule
  EXPECT_EQ(recipe.layers[2].weight_bits, std::nullopt);
  EXPECT_EQ(recipe.layers[2].act_bits, 5);
  Recipe plain = recipe;
  plain.layers.clear();
  EXPECT_NE(recipe_key(recipe), recipe_key(plain));  // a checkpoint of the other is refused
  const auto refused = [&](const std::string& rules, const char* part) {
    const std::string said = message(text(rules));
    EXPECT_NE(said.find(part), std::string::npos) << said;
  };
  refused(R"({"layers": "conv3", "weight_bits": 3})", "did you mean 'conv");
  refused(R"({"layers": "gc*", "weight_bits": 3})", "conv2");
  refused(R"({"layers": "conv1", "act_bits": 4})", "pixels");
  refused(R"({"layers": "fc?", "weight_bits": 7})", "sawb");
  refused(R"({"layers": "fc1", "weight_bits": 9})", "/quantizers/overrides/0/weight_bits");
  refused(R"({"layers": "fc1", "acc_bits": 9})", "acc_bits");
  EXPECT_EQ(message(text(R"({"layers": "fc3", "weight_bits": 7})")), "");  // max-abs at the edge
  EXPECT_NE(message(text("", R"(, "density_schedule": {})")).find("widths of all layers"),
            std::string::npos);
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

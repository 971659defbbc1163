#include "sim/sweep/assign_widths.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/random_design.h"

namespace bitscale::sweep {
namespace {

using Layers = std::vector<std::vector<Choice>>;

// The least loss of all assignments within the budget; infinity when there is none.
double enumerated(const Layers& layers, double budget, std::size_t layer = 0, double cost = 0,
                  double loss = 0) {
  if (layer == layers.size()) return cost <= budget ? loss : INFINITY;
  double best = INFINITY;
  for (const Choice& choice : layers[layer]) {
    best = std::min(best,
                    enumerated(layers, budget, layer + 1, cost + choice.cost, loss + choice.loss));
  }
  return best;
}

// Whole numbers, so that sums are exact whatever their order; `loose` ones need not fall with cost.
Layers random_layers(testing::Dice& dice, bool loose) {
  Layers layers(static_cast<std::size_t>(dice.between(1, 7)));
  for (auto& layer : layers) {
    const std::int64_t count = dice.between(1, 5);
    std::int64_t cost = dice.between(0, 20);
    std::int64_t loss = dice.between(50, 90);
    for (std::int64_t i = 0; i < count; ++i) {
      layer.push_back({static_cast<double>(cost), static_cast<double>(loss)});
      cost += dice.between(0, 20);
      loss += loose ? dice.between(-20, 20) : -dice.between(0, 12);
    }
  }
  return layers;
}

TEST(AssignWidths, EqualsEnumeration) {
  int feasible = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    testing::Dice dice(seed);
    const Layers layers = random_layers(dice, seed % 2 == 0);
    const auto budget = static_cast<double>(dice.between(0, 250));
    const double best = enumerated(layers, budget);
    const auto found = assign_widths(layers, budget);
    ASSERT_EQ(found.has_value(), !std::isinf(best)) << seed;
    if (!found) continue;
    ++feasible;
    ASSERT_EQ(found->loss, best) << seed;
    double cost = 0;
    double loss = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      cost += layers[i].at(found->chosen.at(i)).cost;
      loss += layers[i][found->chosen[i]].loss;
    }
    EXPECT_EQ(cost, found->cost) << seed;
    EXPECT_EQ(loss, found->loss) << seed;
    EXPECT_LE(cost, budget) << seed;
  }
  EXPECT_GT(feasible, 500);
}

TEST(AssignWidths, BindsAtItsBudget) {
  const Layers layers = {{{1, 9}, {3, 2}}, {{2, 5}, {4, 1}}};
  EXPECT_FALSE(assign_widths(layers, 2.999));
  EXPECT_EQ(assign_widths(layers, 3)->loss, 14);
  EXPECT_EQ(assign_widths(layers, 4.999)->loss, 14);
  EXPECT_EQ(assign_widths(layers, 5)->loss, 7);
  EXPECT_EQ(assign_widths(layers, 7)->loss, 3);
}

TEST(AssignWidths, TakesTheCheaperOfEqualLosses) {
  const auto found = assign_widths({{{5, 1}, {2, 1}, {3, 4}}}, 10);
  EXPECT_EQ(found->chosen, std::vector<std::size_t>{1});
  EXPECT_EQ(found->cost, 2);
}

// As many layers and options as a real network has; the frontier stays small enough to finish.
TEST(AssignWidths, SolvesAHundredLayersOfManyOptions) {
  testing::Dice dice(7);
  Layers layers(100);
  double least = 0;
  for (auto& layer : layers) {
    const auto size = static_cast<double>(dice.between(100, 100'000));
    for (int bits = 2; bits <= 10; ++bits) {
      const double jitter = 1 + static_cast<double>(dice.between(0, 1000)) / 5000;
      layer.push_back({size * bits * jitter, std::exp2(-bits) * jitter * size / 1000});
    }
    least += layer.front().cost;
  }
  const auto found = assign_widths(layers, 2 * least);
  ASSERT_TRUE(found);
  EXPECT_LE(found->cost, 2 * least);
  const auto more = assign_widths(layers, 2.2 * least);
  EXPECT_LT(more->loss, found->loss);
}

}  // namespace
}  // namespace bitscale::sweep

#include "sim/reproduce/colonnade.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/reference.h"

namespace bitscale::reproduce {
namespace {

ColonnadeSilicon silicon() { return load_colonnade(run::Catalog(testing::source_path(""))); }

TEST(Colonnade, TheShippedSiliconMeetsItsTargets) {
  const ColonnadeResult result = reproduce_colonnade(silicon());
  for (const Target& target : result.targets) EXPECT_TRUE(target.met()) << target.id;
  EXPECT_NEAR(result.cell_fj, (243.2 - 68.3) / 15, 1e-9);
}

TEST(Colonnade, FittedPointsAreMetAndLeftOut) {
  ColonnadeSilicon given = silicon();
  const ColonnadeResult result = reproduce_colonnade(given);
  for (std::size_t i = 0; i < given.energy.size(); ++i) {
    if (given.energy[i].fit) {
      EXPECT_NEAR(result.energy_fj[i], given.energy[i].fj, 1e-9);
    }
  }
  // A wrong tested point shows in the error, wholly.
  given.energy[1].fj *= 2;
  const ColonnadeResult wrong = reproduce_colonnade(given);
  EXPECT_GT(wrong.max_energy_error, 0.4);
  EXPECT_GT(wrong.mean_energy_error, result.mean_energy_error + 0.05);
}

// Silicon gives 1-bit weights with 1-bit inputs twice; one of the two is fitted, so the other is no
// test of anything.
TEST(Colonnade, WidthsOfAFittedPointAreNoTestPoint) {
  ColonnadeSilicon given = silicon();
  const ColonnadeResult result = reproduce_colonnade(given);
  EXPECT_EQ(std::count(result.energy_tested.begin(), result.energy_tested.end(), true), 7);
  EXPECT_FALSE(result.energy_tested[5]);
  given.energy[5].fj *= 2;
  EXPECT_EQ(reproduce_colonnade(given).mean_energy_error, result.mean_energy_error);
  given.energy[5].weight_bits = 3;  // widths of its own
  EXPECT_GT(reproduce_colonnade(given).mean_energy_error, result.mean_energy_error);
}

TEST(Colonnade, EnergyIsLinearInActivationBits) {
  ColonnadeSilicon given = silicon();
  given.energy.push_back({3, 1, 1, false});
  given.energy.push_back({3, 5, 1, false});
  const ColonnadeResult result = reproduce_colonnade(given);
  const std::size_t last = result.energy_fj.size() - 1;
  EXPECT_NEAR(result.energy_fj[last], 5 * result.energy_fj[last - 1], 1e-9);
}

TEST(Colonnade, PartsSumToTheArea) {
  const ColonnadeResult result = reproduce_colonnade(silicon());
  double sum = 0;
  for (const double part : result.part_um2) sum += part;
  EXPECT_DOUBLE_EQ(sum, result.area_um2);
}

TEST(Colonnade, TextNamesFittedPoints) {
  const ColonnadeSilicon given = silicon();
  const std::string text = colonnade_text(given, reproduce_colonnade(given));
  EXPECT_NE(text.find("fitted"), std::string::npos);
  EXPECT_NE(text.find("D5c"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::reproduce

#include "sim/reproduce/colonnade.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

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

std::string problem(const std::string& from, const std::string& to) {
  std::ifstream in(testing::source_path("configs/papers/colonnade_2021/silicon.json"));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  const std::filesystem::path file = std::filesystem::temp_directory_path() /
                                     ("colonnade_test_" + std::to_string(::getpid()) + ".json");
  std::ofstream(file) << text;
  std::string what;
  try {
    load_colonnade(file);
  } catch (const base::UserError& error) {
    what = error.what();
  }
  std::filesystem::remove(file);
  return what;
}

TEST(Colonnade, FiguresAreBoundedAndTheFitsHaveTwoPlaces) {
  EXPECT_EQ(problem("243.2", "1e9"), "");
  EXPECT_NE(problem("243.2", "1.1e9").find("fj_per_mac"), std::string::npos);
  EXPECT_NE(problem("243.2", "1e-10").find("fj_per_mac"), std::string::npos);
  EXPECT_NE(problem("563.5", "1e308").find("gops"), std::string::npos);
  EXPECT_NE(problem("227200", "1e10").find("area_um2"), std::string::npos);
  EXPECT_NE(problem("0.525", "1e10").find("sram_cell"), std::string::npos);
  EXPECT_NE(
      problem("{\"weight_bits\": 16, \"act_bits\": 1,", "{\"weight_bits\": 1, \"act_bits\": 1,")
          .find("needs two widths"),
      std::string::npos);
  EXPECT_NE(problem("\"bits\": 16, \"gops\"", "\"bits\": 1, \"gops\"").find("needs two widths"),
            std::string::npos);
  EXPECT_EQ(problem("\"bitlines\": 128", "\"bitlines\": 23"), "");  // 16 bits and 7 guards
  EXPECT_NE(problem("\"bitlines\": 128", "\"bitlines\": 22").find("do not hold one weight of 16"),
            std::string::npos);
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

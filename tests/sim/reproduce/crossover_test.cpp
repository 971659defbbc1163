#include "sim/reproduce/crossover.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "arch/base/json_reader.h"
#include "tests/support/reference.h"

namespace bitscale::reproduce {
namespace {

TEST(Crossover, WinnersAreTheSmallestAndFlaggedWhereTheSourceDecides) {
  CrossoverPoint point;
  point.latency_ms = {1, 2, 3, 4};
  point.energy_uj = {5, 6, 7, 4};
  point.pim_energy_uj = {4, 6, 1};
  EXPECT_EQ(point.winner(CrossoverMetric::Latency, 2), 0);
  EXPECT_FALSE(point.depends_on_source(CrossoverMetric::Latency));
  EXPECT_EQ(point.winner(CrossoverMetric::Energy, 0), kPimContender);
  EXPECT_EQ(point.winner(CrossoverMetric::Energy, 1), 0);
  EXPECT_TRUE(point.depends_on_source(CrossoverMetric::Energy));
  EXPECT_EQ(point.winner(CrossoverMetric::Edp, 0), 0);              // 5 against 16
  EXPECT_EQ(point.winner(CrossoverMetric::Edp, 2), kPimContender);  // 5 against 4
}

TEST(Crossover, DesignsShareTheBudget) {
  const CrossoverStudy study = load_crossover(run::Catalog(testing::source_path("")));
  for (std::size_t i = 0; i < kPimContender; ++i) {
    EXPECT_LE(study.area_mm2[i], study.area_mm2[kPimContender]);
    EXPECT_GT(study.area_mm2[i], 0.9 * study.area_mm2[kPimContender]) << kContenders[i];
    EXPECT_EQ(study.designs[i].buffers.total_bytes(), study.designs[3].buffers.total_bytes());
  }
  const auto points = reproduce_crossover(study, {2, 8}, [](const std::string&) {});
  ASSERT_EQ(points.size(), 4);
  for (std::size_t i = 0; i < kContenders.size(); ++i) {  // 2/2 against 8/8
    EXPECT_LE(points[0].latency_ms[i], points[3].latency_ms[i]) << kContenders[i];
    EXPECT_LT(points[0].energy_uj[i], points[3].energy_uj[i]) << kContenders[i];
  }
  EXPECT_EQ(points[1].pim_energy_uj[0], points[1].energy_uj[kPimContender]);
  const std::string csv = crossover_csv(points);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
  EXPECT_NE(base::parse_json(crossover_json(study, points), "").find("points"), nullptr);
  EXPECT_NE(crossover_text(study, points).find("winners depend on the source"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::reproduce

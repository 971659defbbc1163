#include "sim/reproduce/crossover.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "arch/base/json_reader.h"
#include "arch/cost/scaling.h"
#include "sim/reproduce/colonnade.h"
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
  const auto parts = reproduce_crossover(study, {2, 8}, [](const std::string&) {});
  const std::vector<CrossoverPoint>& points = parts.front().points;
  ASSERT_EQ(points.size(), 4);
  for (std::size_t i = 0; i < kContenders.size(); ++i) {  // 2/2 against 8/8
    EXPECT_LE(points[0].latency_ms[i], points[3].latency_ms[i]) << kContenders[i];
    EXPECT_LT(points[0].energy_uj[i], points[3].energy_uj[i]) << kContenders[i];
  }
  EXPECT_EQ(points[1].pim_energy_uj[0], points[1].energy_uj[kPimContender]);
}

// Area, energies and clock of the macro hold at one point: the chip's node and supply.
TEST(Crossover, TheMacrosClockAndEnergiesAreOfTheChipsNodeAndSupply) {
  const CrossoverStudy study = load_crossover(run::Catalog(testing::source_path("")));
  const ColonnadeSilicon silicon = load_colonnade(run::Catalog(testing::source_path("")));
  const ColonnadeResult fitted = reproduce_colonnade(silicon);
  const spec::AcceleratorSpec& pim = study.designs[kPimContender];
  const cost::ProcessPoint measured{65, 0.8, cost::Device::HighPerformance};
  const double energy = cost::energy_scale(measured, study.technology.point);
  EXPECT_NEAR(pim.clock_mhz, 100 / cost::delay_scale(measured, study.technology.point), 0.5);
  EXPECT_NEAR(pim.pim->cost.weight_bit_fj(), fitted.cell_fj * energy, 0.005);
  EXPECT_NEAR(pim.pim->cost.act_bit_fj(), fitted.wordline_fj * energy, 0.02);
  const spec::AcceleratorSpec& as_measured = study.readings.at(0).design;
  EXPECT_NEAR(as_measured.clock_mhz, 100, 0.3);
  EXPECT_NEAR(as_measured.pim->cost.weight_bit_fj(), fitted.cell_fj, 0.005);
  EXPECT_EQ(study.readings.at(1).design.clock_mhz, pim.clock_mhz);
  EXPECT_EQ(study.readings.at(1).design.pim->cost.leakage_mw_per_mm2, 0);
}

TEST(Crossover, AReadingChangesPimOnlyAndASlowerClockNeverHelps) {
  const CrossoverStudy study = load_crossover(run::Catalog(testing::source_path("")));
  const auto parts = reproduce_crossover(study, {4}, [](const std::string&) {});
  const auto slow = reread_crossover(study, parts, study.readings.at(0));
  const auto still = reread_crossover(study, parts, study.readings.at(1));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const CrossoverPoint& as_designed = parts[i].points[0];
    for (std::size_t c = 0; c < kPimContender; ++c) {
      EXPECT_EQ(slow[i].points[0].latency_ms[c], as_designed.latency_ms[c]);
      EXPECT_EQ(slow[i].points[0].energy_uj[c], as_designed.energy_uj[c]);
    }
    EXPECT_GT(slow[i].points[0].latency_ms[kPimContender], as_designed.latency_ms[kPimContender]);
    EXPECT_GT(slow[i].points[0].pim_energy_uj[0], as_designed.pim_energy_uj[0]);  // leaks longer
    EXPECT_EQ(still[i].points[0].latency_ms, as_designed.latency_ms);
    EXPECT_LT(still[i].points[0].pim_energy_uj[0], as_designed.pim_energy_uj[0]);
  }
}

TEST(Crossover, TheCheckRunsEveryDesignInSystemC) {
  const CrossoverStudy study = load_crossover(run::Catalog(testing::source_path("")));
  const auto parts = reproduce_crossover(study, {2, 8}, [](const std::string&) {});
  const CrossoverCheck check = check_crossover(study, parts);
  EXPECT_EQ(check.pairs, 2);
  EXPECT_EQ(check.compared, 2 * 7);
  for (const CrossoverCheck::Design& design : check.designs) {
    EXPECT_GT(design.layers, 0);
    EXPECT_LT(design.network, 0.05);
    EXPECT_NE(design.layer, "");
  }
}

// Convolutions, classifier and everything between them make the network.
TEST(Crossover, LayersAreGroupedByShapeAndAddUpToNoMoreThanTheNetwork) {
  const CrossoverStudy study = load_crossover(run::Catalog(testing::source_path("")));
  const auto parts = reproduce_crossover(study, {4}, [](const std::string&) {});
  std::size_t layers = 0, with_macs = 0;
  for (const model::Layer& layer : study.network.layers) with_macs += layer.has_macs() ? 1 : 0;
  CrossoverPoint sum;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    layers += parts[i].layers.size();
    ASSERT_EQ(parts[i].points.size(), 1U);
    for (std::size_t c = 0; c < kContenders.size(); ++c) {
      EXPECT_GT(parts[i].points[0].latency_ms[c], 0) << parts[i].name;
      sum.latency_ms[c] += parts[i].points[0].latency_ms[c];
      sum.energy_uj[c] += parts[i].points[0].energy_uj[c];
    }
  }
  EXPECT_EQ(layers, with_macs);
  EXPECT_LT(parts.size(), with_macs);
  for (std::size_t c = 0; c < kContenders.size(); ++c) {
    EXPECT_LE(sum.latency_ms[c], parts[0].points[0].latency_ms[c]);
    EXPECT_GT(sum.latency_ms[c], 0.8 * parts[0].points[0].latency_ms[c]);
    EXPECT_LE(sum.energy_uj[c], parts[0].points[0].energy_uj[c]);
    EXPECT_GT(sum.energy_uj[c], 0.8 * parts[0].points[0].energy_uj[c]);
  }
}

TEST(Crossover, TablesAndMapsHaveEveryPartMetricAndSource) {
  const CrossoverStudy study = load_crossover(run::Catalog(testing::source_path("")));
  CrossoverPoint point;
  point.latency_ms = {1, 2, 3, 4};
  point.energy_uj = {5, 6, 7, 4};
  point.pim_energy_uj = {4, 6, 1};
  const std::vector<CrossoverPart> parts = {{"whole network", {}, {point}},
                                            {"3 x 3", {"a", "b"}, {point}}};
  const std::string csv = crossover_csv(parts);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
  EXPECT_NE(csv.find("\"3 x 3\",8,8,"), std::string::npos);
  EXPECT_NE(csv.find(",parallel,pim,parallel,pim,parallel,parallel,pim,yes,yes\n"),
            std::string::npos)
      << csv;
  CrossoverResult result;
  result.parts = parts;
  result.readings.assign(study.readings.size(), parts);
  result.readings[0][0].points[0].pim_energy_uj = {9, 9, 9};  // PIM wins nothing there
  const base::JsonValue json = base::parse_json(crossover_json(study, result), "");
  EXPECT_EQ(base::find_by_pointer(json, "/readings/0/points/0/energy/analytical")->text,
            "parallel");
  EXPECT_EQ(base::find_by_pointer(json, "/readings/1/points/0/energy/analytical")->text, "pim");
  EXPECT_EQ(json.find("layers")->items.size(), 1U);
  const std::string text = crossover_text(study, result);
  EXPECT_NE(text.find("1 of 1 winners depend on the source"), std::string::npos);
  EXPECT_NE(text.find("2 times 3 x 3"), std::string::npos);
  const std::string html = crossover_html(study, result);
  std::size_t maps = 0;
  for (std::size_t at = html.find("<svg"); at != std::string::npos;
       at = html.find("<svg", at + 1)) {
    ++maps;
  }
  EXPECT_EQ(maps, (2U + study.readings.size()) * (1 + 2 * kPimSources));
  EXPECT_NE(html.find("W8 A8: pim, the next 1.25 times; depends on the source"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::reproduce

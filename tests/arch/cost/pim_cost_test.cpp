#include "arch/cost/pim_cost.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"
#include "arch/cost/cost_model.h"
#include "tests/arch/cost/samples.h"

namespace bitscale::cost {
namespace {

using spec::PimCostSource;

spec::PimArraySpec sample_pim() {
  spec::PimArraySpec pim;
  pim.cost.per_mac = {{2, 3}, {4, 17}, {8, 67}, {16, 277}};
  pim.cost.cell_fj = 10;
  pim.cost.wordline_fj = 50;
  pim.cost.shift_add_fj = 2;
  pim.cost.write_fj = 100;
  pim.cost.cell_um2 = 3;
  pim.cost.wordline_um2 = 5;
  pim.cost.column_um2 = 7;
  pim.cost.leakage_mw_per_mm2 = 20;
  pim.cost.mem_pj_per_bit = 2.5;
  pim.cost.mac_pj_per_bit = 0.1;
  pim.cost.mac_pj = 0.2;
  return pim;
}

LayerActivity sample_layer(int weight_bits, int act_bits) {
  LayerActivity layer;
  layer.precision.weight_bits = weight_bits;
  layer.precision.act_bits = act_bits;
  layer.latency_cycles = 10;
  layer.count(Action::PimMac) = 1000;
  layer.count(Action::PimWordlineBit) = 1000 * act_bits;
  layer.count(Action::PimCellBit) = 1000 * act_bits * weight_bits;
  layer.count(Action::PimShiftAddBit) = 64 * act_bits;
  layer.count(Action::PimWriteBit) = 10 * weight_bits;
  layer.count(Action::PimOperandBit) = 40;
  return layer;
}

TEST(PimCost, WidthsBetweenRowsRoundUpOrAreInterpolated) {
  spec::PimCostSpec cost = sample_pim().cost;
  EXPECT_EQ(pim_mac_fj(cost, 4, 4), 17);
  EXPECT_EQ(pim_mac_fj(cost, 5, 1), 67);  // the wider operand decides
  EXPECT_EQ(pim_mac_fj(cost, 1, 1), 3);
  cost.round_up = false;
  EXPECT_DOUBLE_EQ(pim_mac_fj(cost, 4, 4), 17);
  EXPECT_DOUBLE_EQ(pim_mac_fj(cost, 2, 8), 17);  // the same product of widths
  EXPECT_GT(pim_mac_fj(cost, 5, 4), 17);
  EXPECT_LT(pim_mac_fj(cost, 5, 4), 67);
  cost.per_mac.pop_back();
  EXPECT_NO_THROW(pim_mac_fj(cost, 8, 8));
  EXPECT_THROW(pim_mac_fj(cost, 9, 1), base::UserError);
}

TEST(PimCost, EachSourceIsItsFormula) {
  const spec::PimArraySpec pim = sample_pim();
  const LayerActivity layer = sample_layer(4, 2);
  const auto compute = [&](PimCostSource source) {
    return pim_energy(pim, source, layer).compute_pj;
  };
  EXPECT_DOUBLE_EQ(compute(PimCostSource::PerMacTable), 17.0);
  EXPECT_DOUBLE_EQ(compute(PimCostSource::Components), 2 * (10 * 4 + 50) + 2 * 64 * 2 * 1e-3);
  EXPECT_DOUBLE_EQ(compute(PimCostSource::Analytical), 2.5 * 40 + (0.1 * 4 + 0.2) * 1000);
  EXPECT_DOUBLE_EQ(pim_energy(pim, PimCostSource::Components, layer).write_pj, 4.0);
}

TEST(PimCost, ComponentsSumToTheModelsTotalGatedOrNot) {
  spec::PimArraySpec pim = sample_pim();
  pim.cost.adder_tree_fj = 4;
  pim.cost.driver_fj = 6;
  pim.cost.register_fj = 8;
  std::vector<LayerActivity> layers = {sample_layer(4, 2), sample_layer(8, 3), LayerActivity{}};
  layers[0].act_density = 0.25;
  for (const bool gated : {false, true}) {
    pim.gate_zero_acts = gated;
    double sum = 0, registers = 0;
    for (const auto& [part, pj] : pim_component_pj(pim, layers)) {
      sum += pj;
      if (part == "registers") registers = pj;
    }
    EXPECT_DOUBLE_EQ(sum, pim_energy(pim, PimCostSource::Components, layers).total_pj());
    EXPECT_DOUBLE_EQ(registers, 8 * (2 * (gated ? 0.25 : 1) + 3));
  }
}

TEST(PimCost, SkippedPlanesAndGatedZerosDoNotSaveTheSameBitTwice) {
  spec::PimArraySpec pim = sample_pim();
  const LayerActivity all = sample_layer(4, 8);
  LayerActivity some = all;
  for (const Action action : {Action::PimWordlineBit, Action::PimCellBit, Action::PimShiftAddBit}) {
    some.count(action) = all.count(action) * 3 / 4;
  }
  EXPECT_EQ(pim_plane_share(all), 1);
  EXPECT_EQ(pim_plane_share(some), 0.75);
  EXPECT_EQ(pim_plane_share(LayerActivity{}), 1);
  some.act_density = 0.9;
  for (const PimCostSource source : {PimCostSource::PerMacTable, PimCostSource::Components}) {
    const double full = pim_energy(pim, source, all).compute_pj;
    pim.gate_zero_acts = false;
    EXPECT_DOUBLE_EQ(pim_energy(pim, source, some).compute_pj, 0.75 * full);
    pim.gate_zero_acts = true;  // nine words in ten: less than the planes already save
    EXPECT_DOUBLE_EQ(pim_energy(pim, source, some).compute_pj, 0.75 * full);
    some.act_density = 0.5;
    EXPECT_DOUBLE_EQ(pim_energy(pim, source, some).compute_pj, 0.5 * full);
    some.act_density = 0.9;
  }
}

TEST(PimCost, NothingFallsWhenAWidthGrows) {
  spec::PimArraySpec pim = sample_pim();
  for (const bool round_up : {true, false}) {
    pim.cost.round_up = round_up;
    for (const PimCostSource source :
         {PimCostSource::PerMacTable, PimCostSource::Components, PimCostSource::Analytical}) {
      for (int w = 1; w <= 16; ++w) {
        for (int a = 1; a <= 16; ++a) {
          const double here = pim_energy(pim, source, sample_layer(w, a)).total_pj();
          if (w < 16) {
            EXPECT_LE(here, pim_energy(pim, source, sample_layer(w + 1, a)).total_pj());
          }
          if (a < 16) {
            EXPECT_LE(here, pim_energy(pim, source, sample_layer(w, a + 1)).total_pj());
          }
        }
      }
    }
  }
}

TEST(PimCost, GatingNeedsASwitchAndAMeasuredDensity) {
  spec::PimArraySpec pim = sample_pim();
  LayerActivity layer = sample_layer(4, 4);
  const auto energy = [&] { return pim_energy(pim, PimCostSource::PerMacTable, layer).compute_pj; };
  layer.act_density = 0.5;
  EXPECT_DOUBLE_EQ(energy(), 17);
  pim.gate_zero_acts = pim.gate_zero_weights = true;
  EXPECT_DOUBLE_EQ(energy(), 8.5);  // weights were not measured
  layer.weight_density = 0.25;
  EXPECT_DOUBLE_EQ(energy(), 17.0 / 8);
}

TEST(PimCost, LayersElsewhereCostNothingHere) {
  LayerActivity layer = sample_layer(4, 4);
  layer.count(Action::PimMac) = 0;
  EXPECT_EQ(pim_energy(sample_pim(), PimCostSource::Components, layer).total_pj(), 0);
}

TEST(PimCost, TheDesignsModelHasAreaEnergyAndLeakageOfItsArrays) {
  spec::AcceleratorSpec design = sample_design();
  const Technology technology = shipped("generic_45nm");
  const CostModel without(design, technology);
  design.pim = sample_pim();
  design.pim->arrays = 4;
  const CostModel with(design, technology);
  const double area = 4 * (3.0 * 128 * 128 + 5 * 128 + 7 * 128);
  EXPECT_DOUBLE_EQ(with.area().of(Component::PimArray).value, area);
  EXPECT_NEAR(with.area().total_um2, without.area().total_um2 + area, 1e-6);
  EXPECT_NEAR(with.leakage_power_mw(), without.leakage_power_mw() + 20 * area * 1e-6, 1e-9);
  const LayerActivity layer = sample_layer(4, 4);
  const EnergyReport energy = with.energy(layer, 500);
  EXPECT_DOUBLE_EQ(energy.dynamic_pj[static_cast<std::size_t>(Component::PimArray)].value,
                   pim_energy(*design.pim, PimCostSource::PerMacTable, layer).total_pj());
  design.pim->cost.node_nm = 65;
  EXPECT_THROW(CostModel(design, technology), base::UserError);
}

TEST(PimCost, AllThreeSourcesStandSideBySide) {
  RunActivity run;
  EXPECT_TRUE(pim_source_costs(run).empty());
  run.accelerator.pim = sample_pim();
  run.accelerator.sources = {{"/pim/cost/per_mac/0/fj", "a table"}};
  run.layers = {sample_layer(16, 16), LayerActivity{}};  // the second one is not on PIM arrays
  run.layers[0].name = "conv";
  const auto costs = pim_source_costs(run);
  ASSERT_EQ(costs.size(), 3);
  EXPECT_EQ(costs[0].origin, "a table");
  EXPECT_EQ(costs[2].origin, "assumed");
  for (const PimSourceCost& cost : costs) {
    ASSERT_EQ(cost.layers.size(), 1);
    EXPECT_EQ(cost.layers[0].first, "conv");
    const PimEnergy wanted = pim_energy(*run.accelerator.pim, cost.source, run.layers);
    EXPECT_DOUBLE_EQ(cost.total().total_pj(), wanted.total_pj());
    EXPECT_DOUBLE_EQ(cost.total().compute_pj, wanted.compute_pj);
    EXPECT_TRUE(cost.missing.empty());
  }
}

TEST(PimCost, ASourceThatCannotPriceSaysWhyAndTheOthersStand) {
  RunActivity run;
  run.accelerator.pim = sample_pim();
  run.accelerator.pim->cost.per_mac.resize(1);
  const int widest = run.accelerator.pim->cost.per_mac.back().bits;
  run.layers = {sample_layer(widest, widest)};
  EXPECT_TRUE(pim_source_costs(run)[0].missing.empty());
  run.layers = {sample_layer(widest + 1, widest)};
  const auto costs = pim_source_costs(run);
  EXPECT_NE(costs[0].missing.find("no row"), std::string::npos) << costs[0].missing;
  EXPECT_EQ(costs[0].total().total_pj(), 0);
  EXPECT_GT(costs[1].total().total_pj(), 0);
}

}  // namespace
}  // namespace bitscale::cost

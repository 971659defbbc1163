#include "arch/cost/cost_model.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/arch/cost/samples.h"

namespace bitscale::cost {
namespace {

LayerActivity sample_layer() {
  LayerActivity layer;
  layer.precision.weight_bits = 8;
  layer.precision.act_bits = 8;
  layer.latency_cycles = 1000;
  std::int64_t count = 1000;
  for (std::int64_t& each : layer.counts) each = count += 7;
  return layer;
}

double dynamic(const EnergyReport& report, Component component) {
  return report.dynamic_pj[static_cast<std::size_t>(component)].value;
}

class CostModelTest : public ::testing::Test {
 protected:
  CostModel model() const { return CostModel(design, technology); }
  Technology technology = shipped("generic_45nm");
  spec::AcceleratorSpec design = sample_design();
};

TEST_F(CostModelTest, AreaIsTheSumOfItsParts) {
  const AreaReport area = model().area();
  double sum = 0;
  for (const Estimate& part : area.by_component) {
    sum += part.value;
    EXPECT_LE(part.low, part.value);
    EXPECT_GE(part.high, part.value);
  }
  EXPECT_DOUBLE_EQ(area.total_um2, sum);
  EXPECT_DOUBLE_EQ(area.of(Component::MacArray).value, 32 * 667.9);
  EXPECT_EQ(area.of(Component::Dram).value, 0);
  EXPECT_EQ(area.of(Component::Interconnect).value, 0);
  design.cores = 3;
  const AreaReport three = model().area();
  EXPECT_DOUBLE_EQ(three.of(Component::WeightBuffer).value,
                   3 * area.of(Component::WeightBuffer).value);
  EXPECT_GT(three.of(Component::Interconnect).value, 0);
}

TEST_F(CostModelTest, EnergyIsCountsTimesPrices) {
  const LayerActivity layer = sample_layer();
  const CostModel priced = model();
  const EnergyReport report = priced.energy(layer, 500);
  const auto part = [&](Action action) {
    return priced.price_pj(action).value * static_cast<double>(layer.count(action));
  };
  EXPECT_DOUBLE_EQ(dynamic(report, Component::ActBuffer),
                   part(Action::ActReadBit) + part(Action::ActWriteBit));
  EXPECT_DOUBLE_EQ(
      dynamic(report, Component::MacArray),
      part(Action::StationaryLoadBit) +
          priced.pe().mac_pj(8, 8, 1).value * static_cast<double>(layer.count(Action::Mac)));
  EXPECT_DOUBLE_EQ(report.dram_pj(), 15.0 * static_cast<double>(layer.count(Action::DramReadBit) +
                                                                layer.count(Action::DramWriteBit)));
  EXPECT_DOUBLE_EQ(report.total_pj(), report.dynamic_total_pj() + report.dram_pj() +
                                          report.idle_pj.value + report.leakage_pj.value);
}

TEST_F(CostModelTest, EveryActionButTheMacsHasAPrice) {
  design.cores = 2;
  const CostModel priced = model();
  for (std::size_t i = 0; i < kActionCount; ++i) {
    const auto action = static_cast<Action>(i);
    const bool by_pe = action == Action::Mac || action == Action::IdlePeCycle ||
                       component_of(action) == Component::PimArray;  // pim_cost.h
    EXPECT_EQ(priced.price_pj(action).value > 0, !by_pe) << name(action);
  }
}

TEST_F(CostModelTest, LeakageIsPowerTimesTime) {
  const LayerActivity layer = sample_layer();
  const CostModel priced = model();
  // 1000 cycles at 500 MHz are 2 µs; 1 mW · 1 µs = 1000 pJ.
  EXPECT_DOUBLE_EQ(priced.energy(layer, 500).leakage_pj.value,
                   priced.leakage_power_mw() * 2 * 1000);
  EXPECT_DOUBLE_EQ(priced.energy(layer, 250).leakage_pj.value,
                   priced.leakage_power_mw() * 4 * 1000);
  EXPECT_EQ(priced.energy(layer, 250).dynamic_total_pj(),
            priced.energy(layer, 500).dynamic_total_pj());
}

TEST_F(CostModelTest, IdlePesPayTheirClockUnlessItIsGated) {
  const LayerActivity layer = sample_layer();
  EXPECT_DOUBLE_EQ(model().energy(layer, 500).idle_pj.value,
                   model().pe().idle_pj_per_cycle().value *
                       static_cast<double>(layer.count(Action::IdlePeCycle)));
  design.mac_array.pe.clock_gating = true;
  EXPECT_EQ(model().energy(layer, 500).idle_pj.value, 0);
}

TEST_F(CostModelTest, ZeroGatingNeedsTheSwitchAndAMeasurement) {
  LayerActivity layer = sample_layer();
  const double plain = dynamic(model().energy(layer, 500), Component::MacArray);
  layer.act_density = 0.5;
  layer.weight_density = 0.5;
  EXPECT_EQ(dynamic(model().energy(layer, 500), Component::MacArray), plain);
  design.mac_array.pe.zero_gating = true;
  const CostModel gated = model();
  const double saved = 0.75 * (0.859 - 0.209) * static_cast<double>(layer.count(Action::Mac));
  EXPECT_NEAR(dynamic(gated.energy(layer, 500), Component::MacArray), plain - saved, 1e-6);
  layer.act_density = -1;
  layer.weight_density = -1;
  EXPECT_EQ(dynamic(gated.energy(layer, 500), Component::MacArray), plain);
}

TEST_F(CostModelTest, ASharedBufferTakesAllTraffic) {
  design.buffers.shared = true;
  const LayerActivity layer = sample_layer();
  const CostModel priced = model();
  const EnergyReport report = priced.energy(layer, 500);
  EXPECT_EQ(dynamic(report, Component::ActBuffer), 0);
  EXPECT_EQ(priced.area().of(Component::OutputBuffer).value, 0);
  EXPECT_EQ(priced.price_pj(Action::ActReadBit).value,
            priced.price_pj(Action::WeightReadBit).value);
  EXPECT_GT(dynamic(report, Component::WeightBuffer), 0);
}

TEST_F(CostModelTest, TheSlowestPartLimitsTheClock) {
  EXPECT_EQ(model().f_max_component(), "weight_buffer");
  EXPECT_NEAR(model().f_max_mhz(), 1000 / 1.1681, 1e-6);
  design.buffers.weight.banks = 16;
  design.buffers.act.banks = 16;
  design.buffers.output.banks = 16;
  EXPECT_EQ(model().f_max_component(), "mac_array");
  EXPECT_GT(model().f_max_mhz(), 1000 / 1.1681);
}

TEST_F(CostModelTest, PlacementGrowsLogicButNotLeakageOrMemories) {
  const AreaReport unplaced = model().area();
  const double leakage = model().leakage_power_mw();
  technology.placement_utilization.enabled = true;
  const AreaReport placed = model().area();
  EXPECT_NEAR(placed.of(Component::MacArray).value, unplaced.of(Component::MacArray).value / 0.7,
              1e-6);
  EXPECT_GT(placed.of(Component::MacArray).high, placed.of(Component::MacArray).value);
  EXPECT_EQ(placed.of(Component::ActBuffer).value, unplaced.of(Component::ActBuffer).value);
  EXPECT_NEAR(model().leakage_power_mw(), leakage, 1e-9);
}

TEST_F(CostModelTest, SaturationAtTheEndIsOneUnitPerColumn) {
  const double wrap = model().area().of(Component::MacArray).value;
  design.mac_array.pe.overflow = numeric::OverflowPolicy::SaturateAtEnd;
  const double at_end = model().area().of(Component::MacArray).value;
  const double unit = technology.saturation_area_um2_per_acc_bit.estimate.value * 24;
  EXPECT_NEAR(at_end - wrap, 4 * unit, 1e-6);
  design.mac_array.pe.overflow = numeric::OverflowPolicy::SaturateEachStep;
  EXPECT_NEAR(model().area().of(Component::MacArray).value - wrap, 32 * unit, 1e-6);
}

TEST_F(CostModelTest, SmallerNodesTakeLessAreaAndEnergy) {
  const LayerActivity layer = sample_layer();
  double area = model().area().total_um2;
  double energy = model().energy(layer, 500).dynamic_total_pj();
  for (const char* node : {"generic_14nm", "generic_7nm"}) {
    technology = shipped(node);
    EXPECT_LT(model().area().total_um2, area) << node;
    EXPECT_LT(model().energy(layer, 500).dynamic_total_pj(), energy) << node;
    area = model().area().total_um2;
    energy = model().energy(layer, 500).dynamic_total_pj();
  }
}

TEST_F(CostModelTest, NotesNameStatusAndSource) {
  design.buffers.act.capacity_bytes = 100;
  const CostModel priced = model();
  const auto status_of = [&](const std::string& what) {
    for (const ProvenanceNote& note : priced.provenance()) {
      EXPECT_FALSE(note.source.empty()) << note.what;
      if (note.what.rfind(what, 0) == 0) return note.status;
    }
    return std::string("missing");
  };
  EXPECT_EQ(status_of("weight_buffer sram"), "measured");
  EXPECT_EQ(status_of("act_buffer sram"), "extrapolated");
  EXPECT_EQ(status_of("dma area"), "assumed");
  EXPECT_EQ(status_of("post-processing energy"), "scaled");
  EXPECT_EQ(status_of("dram energy"), "assumed");
  numeric::Precision precision;
  precision.weight_bits = 1;
  EXPECT_EQ(priced.mac_provenance(precision).status, "extrapolated");
  precision.weight_bits = 5;  // × 8: the rows have equal operands
  EXPECT_EQ(priced.mac_provenance(precision).status, "extrapolated");
}

}  // namespace
}  // namespace bitscale::cost

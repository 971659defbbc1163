#include "sim/report/report.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "arch/cost/activity.h"
#include "arch/cost/cost_model.h"
#include "sim/report/self_checks.h"
#include "tests/support/reference.h"

namespace bitscale::report {
namespace {

using cost::Action;

spec::AcceleratorSpec small_design() {
  spec::AcceleratorSpec arch;
  arch.name = "small";
  arch.mac_array.rows = 8;
  arch.mac_array.cols = 8;
  arch.buffers.weight = {16384, 64, 1, 1};
  arch.buffers.act = {16384, 64, 1, 1};
  arch.buffers.output = {8192, 64, 1, 1};
  arch.dram.bandwidth_gbps = 10;
  arch.dram.efficiency = 0.8;
  arch.dram.set_energy(20);
  arch.sources = {{"/dram/burst_bytes", "a data sheet"}, {"/dram/latency_ns", "assumed: typical"}};
  return arch;
}

cost::LayerActivity layer_of(const std::string& name, std::int64_t compute, std::int64_t stall) {
  cost::LayerActivity layer;
  layer.name = name;
  layer.kind = "conv";
  layer.macs = 6400;
  layer.padding_macs = 64;
  layer.compute_cycles = compute;
  layer.dram_stall_cycles = stall;
  layer.stall_cycles = stall;
  layer.latency_cycles = compute + stall;
  layer.ideal_cycles = 100;
  layer.count(Action::Mac) = 6400;
  layer.count(Action::IdlePeCycle) = 64 * (compute + stall) - 6400;
  layer.count(Action::DramReadBit) = 4096;
  layer.count(Action::DramWriteBit) = 512;
  layer.count(Action::DmaBit) = 4500;
  layer.count(Action::WeightWriteBit) = 4096;
  layer.count(Action::OutputReadBit) = 512;
  layer.count(Action::OutputWriteBit) = 512;
  return layer;
}

cost::RunActivity small_run() {
  cost::RunActivity run;
  run.accelerator = small_design();
  run.network = "net";
  run.engine = "systemc";
  run.batch = 2;
  run.clock_mhz = 500;
  run.layers = {layer_of("conv1", 120, 30), layer_of("conv2", 150, 0)};
  run.steady_layers = {layer_of("conv1", 120, 0), layer_of("conv2", 150, 0)};
  run.steady_latency_cycles = 270;
  return run;
}

cost::Technology technology() {
  return cost::load_technology(bitscale::testing::source_path("configs/tech/generic_45nm.json"));
}

cost::CostModel prices() { return {small_design(), technology()}; }

TEST(Report, TotalsAreOfTheColdBatchAndThroughputOfTheSteadyState) {
  const Report report = make_report(small_run(), prices());
  EXPECT_EQ(report.totals.batch, 2);
  EXPECT_EQ(report.totals.macs, 12800);
  EXPECT_EQ(report.totals.latency_cycles, 300);
  EXPECT_DOUBLE_EQ(report.totals.latency_ms, 300 / 500e3);
  EXPECT_DOUBLE_EQ(report.totals.inferences_per_second, 2 / (270 / 500e6));
  EXPECT_DOUBLE_EQ(report.totals.utilization, 200.0 / 300);
  EXPECT_DOUBLE_EQ(report.totals.tops, 2 * 12800 / (300 / 500e6) / 1e12);
  EXPECT_DOUBLE_EQ(report.steady.tops, 2 * 12800 / (270 / 500e6) / 1e12);
  EXPECT_EQ(report.totals.dram_bytes, 2 * (4096 + 512) / 8);
}

TEST(Report, EnergyPartsSumAndTheDramIsPricedByTheDesign) {
  const Report report = make_report(small_run(), prices());
  EXPECT_DOUBLE_EQ(report.totals.dram_energy_pj, 2 * (4096 + 512) * 20.0);
  EXPECT_GT(report.totals.dynamic_energy_pj, 0);
  EXPECT_GT(report.totals.leakage_energy_pj, 0);
  EXPECT_NEAR(report.layers[0].energy_pj + report.layers[1].energy_pj, report.totals.energy_pj,
              1e-9 * report.totals.energy_pj);
  EXPECT_DOUBLE_EQ(report.totals.tops_per_watt, 2 * 12800 / report.totals.energy_pj);
  // Both layers last 150 cycles, stalled or not, so they leak alike.
  EXPECT_EQ(report.energy.back().name, "leakage");
  EXPECT_DOUBLE_EQ(report.layers[0].energy.back().value, report.layers[1].energy.back().value);
}

TEST(Report, SaysWhichUnitALayerRanOnWithThatUnitsAccumulator) {
  cost::RunActivity run = small_run();
  const Report without = make_report(run, prices());
  EXPECT_FALSE(without.design.pim_arrays.has_value());
  EXPECT_EQ(without.layers[0].unit, kUnitMacArray);
  run.accelerator.pim.emplace();
  run.accelerator.pim->arrays = 7;
  run.accelerator.pim->acc_bits = 6;
  run.accelerator.pim->cost.per_mac = {{16, 1}};
  run.layers[0].count(Action::PimMac) = run.layers[0].count(Action::Mac);
  run.layers[0].count(Action::Mac) = 0;
  run.layers.push_back({});
  run.layers.back().name = "pool";
  const auto notes_on_offset = [&run] {
    const Report report = make_report(run, {run.accelerator, technology()});
    return std::count_if(report.notes.begin(), report.notes.end(), [](const std::string& note) {
      return note.find("sign = offset") != std::string::npos;
    });
  };
  const Report report = make_report(run, {run.accelerator, technology()});
  EXPECT_EQ(report.design.pim_arrays, 7);
  EXPECT_EQ(report.design.pim_wordlines, 128);
  EXPECT_EQ(report.design.pim_acc_bits, 6);
  EXPECT_EQ(report.layers[0].unit, kUnitPim);
  EXPECT_EQ(report.layers[0].acc_bits, 6);
  EXPECT_EQ(report.layers[1].unit, kUnitMacArray);
  EXPECT_EQ(report.layers[1].acc_bits, run.layers[1].precision.acc_bits);
  EXPECT_FALSE(report.layers[2].unit.has_value());
  EXPECT_EQ(notes_on_offset(), 0);
  run.accelerator.pim->sign = numeric::SliceSign::Offset;
  EXPECT_EQ(notes_on_offset(), 1);
}

TEST(Report, PassesItsOwnChecks) {
  const cost::RunActivity run = small_run();
  for (const CheckResult& check : self_checks(run, make_report(run, prices()))) {
    EXPECT_TRUE(check.passed) << check.id << ": " << check.detail;
  }
}

TEST(Report, SaysWhatIsAssumed) {
  const Report report = make_report(small_run(), prices());
  const auto& sources = report.provenance.sources;
  EXPECT_EQ(sources.back().what, "arch /dram/latency_ns");
  EXPECT_EQ(sources.back().status, "assumed");
  EXPECT_EQ(sources[sources.size() - 2].status, "sourced");
  std::string notes;
  for (const std::string& note : report.notes) notes += note + '\n';
  EXPECT_NE(notes.find("not measured on 2 layers"), std::string::npos) << notes;
  EXPECT_NE(notes.find("1.0 % of the MACs multiply padding"), std::string::npos) << notes;
}

TEST(Report, DesignShowsUsableBandwidthAndAllBuffers) {
  const Design design = make_report(small_run(), prices()).design;
  EXPECT_DOUBLE_EQ(design.dram_bandwidth_gbps, 8);
  EXPECT_EQ(design.buffer_bytes, 40960);
  EXPECT_EQ(design.dataflow, "weight_stationary");
}

TEST(Report, TakesTheColdRunAsSteadyWhenThereIsNoOther) {
  cost::RunActivity run = small_run();
  run.steady_layers.clear();
  run.steady_latency_cycles = 0;
  const Report report = make_report(run, prices());
  EXPECT_EQ(report.steady.latency_cycles, 300);
  EXPECT_DOUBLE_EQ(report.steady.energy_pj, report.totals.energy_pj);
}

TEST(Report, DisagreementIsLayerByLayerWhateverTheNames) {
  cost::RunActivity run = small_run();
  run.layers[1].name = run.layers[0].name;
  Report report = make_report(run, prices());
  EXPECT_FALSE(disagreement_percent(report.layers[0]).has_value());
  cost::RunActivity analytic = run;
  analytic.layers[0].latency_cycles = 100;
  analytic.layers[1].latency_cycles = 2 * run.layers[1].latency_cycles;
  add_analytic_cycles(report, analytic);
  EXPECT_DOUBLE_EQ(*disagreement_percent(report.layers[0]), 50);
  EXPECT_DOUBLE_EQ(*disagreement_percent(report.layers[1]), -50);
}

}  // namespace
}  // namespace bitscale::report

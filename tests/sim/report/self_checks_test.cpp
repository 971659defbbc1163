#include "sim/report/self_checks.h"

#include <gtest/gtest.h>

#include <limits>

namespace bitscale::report {
namespace {

using cost::Action;

/// A lawful run of one layer on 4×4 fixed PEs: 160 MACs in 10 ideal cycles.
cost::RunActivity lawful_run() {
  cost::RunActivity run;
  run.accelerator.mac_array.rows = 4;
  run.accelerator.mac_array.cols = 4;
  run.accelerator.dram.burst_bytes = 64;
  run.clock_mhz = 500;
  cost::LayerActivity layer;
  layer.name = "conv1";
  layer.macs = 160;
  layer.padding_macs = 10;
  layer.compute_cycles = 20;
  layer.dram_stall_cycles = 4;
  layer.other_stall_cycles = 1;
  layer.stall_cycles = 5;
  layer.latency_cycles = 25;
  layer.ideal_cycles = 10;
  layer.count(Action::Mac) = 160;
  layer.count(Action::IdlePeCycle) = 240;
  layer.count(Action::DramReadBit) = 1024;
  layer.count(Action::DramWriteBit) = 512;
  layer.count(Action::DmaBit) = 1400;
  layer.count(Action::WeightWriteBit) = 600;
  layer.count(Action::ActWriteBit) = 300;
  layer.count(Action::OutputReadBit) = 400;
  layer.count(Action::OutputWriteBit) = 400;
  run.layers = {layer};
  run.steady_layers = {layer};
  run.steady_latency_cycles = 25;
  return run;
}

Report lawful_report() {
  Report report;
  LayerReport layer;
  layer.name = "conv1";
  layer.macs = 160;
  layer.compute_cycles = 20;
  layer.stall_cycles = 5;
  layer.latency_cycles = 25;
  layer.dram_bytes = 192;
  layer.energy_pj = 0.3;
  layer.utilization = 0.4;
  layer.mapping_utilization = 0.5;
  layer.energy = {{"mac_array", 0.1, 0.1, 0.1}, {"dram", 0.2, 0.2, 0.2}};
  report.layers = {layer};
  report.energy = layer.energy;
  report.area = {3, {{"mac_array", 3, 3, 3}}};
  report.totals.macs = 160;
  report.totals.latency_cycles = 25;
  report.totals.compute_cycles = 20;
  report.totals.stall_cycles = 5;
  report.totals.dram_bytes = 192;
  report.totals.energy_pj = 0.3;
  report.totals.dynamic_energy_pj = 0.1;
  report.totals.dram_energy_pj = 0.2;
  report.totals.utilization = 0.4;
  report.steady.latency_cycles = 25;
  report.steady.dram_bytes = 192;
  return report;
}

/// Ids of the failed checks, one word each.
std::string failures(const cost::RunActivity& run, const Report& report,
                     const Workload* workload = nullptr) {
  std::string ids;
  for (const CheckResult& check : failed_checks(self_checks(run, report, workload))) {
    ids += (ids.empty() ? "" : " ") + check.id;
    EXPECT_FALSE(check.detail.empty()) << check.id;
  }
  return ids;
}

TEST(SelfChecks, PassOnALawfulRun) {
  EXPECT_EQ(failures(lawful_run(), lawful_report()), "");
  EXPECT_EQ(self_checks(lawful_run(), lawful_report()).size(), 12u);
}

TEST(SelfChecks, SeeAMissingMac) {
  cost::RunActivity run = lawful_run();
  run.layers[0].count(Action::Mac) = 159;
  EXPECT_EQ(failures(run, lawful_report()), "macs idle");
  const auto failed = failed_checks(self_checks(run, lawful_report()));
  EXPECT_EQ(failed[0].detail, "conv1: 159 ≠ 160");
}

TEST(SelfChecks, SeeCyclesThatDoNotAddUp) {
  cost::RunActivity run = lawful_run();
  run.layers[0].other_stall_cycles = 0;
  EXPECT_EQ(failures(run, lawful_report()), "cycles");
}

TEST(SelfChecks, SeeANegativeStall) {
  cost::RunActivity run = lawful_run();
  run.layers[0].dram_stall_cycles = -1;
  run.layers[0].other_stall_cycles = 6;
  EXPECT_EQ(failures(run, lawful_report()), "sign");
}

TEST(SelfChecks, SeeTotalsAndPartsThatAreNoSums) {
  Report report = lawful_report();
  report.totals.dram_bytes = 193;
  EXPECT_EQ(failures(lawful_run(), report), "totals");
  report = lawful_report();
  report.area.total_um2 = 3.1;
  EXPECT_EQ(failures(lawful_run(), report), "parts");
  report = lawful_report();
  report.totals.idle_energy_pj = 0.001;
  EXPECT_EQ(failures(lawful_run(), report), "parts");
}

TEST(SelfChecks, AllowFullUtilizationAndNoMore) {
  Report report = lawful_report();
  report.layers[0].mapping_utilization = 1;
  EXPECT_EQ(failures(lawful_run(), report), "");
  report.layers[0].mapping_utilization = 1.001;
  EXPECT_EQ(failures(lawful_run(), report), "utilization");
  report = lawful_report();
  report.steady.utilization = 1.001;
  EXPECT_EQ(failures(lawful_run(), report), "utilization");
}

TEST(SelfChecks, SeeAPeakThatIsNotTheDesigns) {
  cost::RunActivity run = lawful_run();
  run.layers[0].ideal_cycles = 5;
  EXPECT_EQ(failures(run, lawful_report()), "peak");
}

TEST(SelfChecks, SeeIdleCyclesThatAreNotTheRest) {
  for (const int change : {-1, 1}) {
    cost::RunActivity run = lawful_run();
    run.layers[0].count(Action::IdlePeCycle) += change;
    EXPECT_EQ(failures(run, lawful_report()), "idle");
    run = lawful_run();
    run.steady_layers[0].count(Action::IdlePeCycle) += change;
    EXPECT_EQ(failures(run, lawful_report()), "idle");
  }
}

TEST(SelfChecks, SeeBitsThatVanishBetweenNeighbours) {
  cost::RunActivity run = lawful_run();
  run.layers[0].count(Action::DmaBit) = 1536;  // all of the DRAM's bursts
  run.layers[0].count(Action::WeightWriteBit) = 724;
  EXPECT_EQ(failures(run, lawful_report()), "");
  run.layers[0].count(Action::WeightWriteBit) = 723;
  EXPECT_EQ(failures(run, lawful_report()), "dma_buffers");
  run.layers[0].count(Action::WeightWriteBit) = 725;
  run.layers[0].count(Action::DmaBit) = 1537;
  EXPECT_EQ(failures(run, lawful_report()), "dram_dma");
  run = lawful_run();
  run.layers[0].count(Action::DramReadBit) = 1025;
  EXPECT_EQ(failures(run, lawful_report()), "dram_dma");
  run = lawful_run();
  run.layers[0].count(Action::OutputReadBit) -= 1;
  EXPECT_EQ(failures(run, lawful_report()), "buffers_array");
  run = lawful_run();
  run.layers[0].count(Action::StationaryLoadBit) = 1;
  EXPECT_EQ(failures(run, lawful_report()), "buffers_array");
}

TEST(SelfChecks, ABroadcastMayReachEveryCoreAndNoMore) {
  cost::RunActivity run = lawful_run();
  run.accelerator.cores = 2;
  for (auto* layers : {&run.layers, &run.steady_layers}) {
    layers->front().ideal_cycles = 5;
    layers->front().count(Action::IdlePeCycle) = 32 * 25 - 160;
    layers->front().count(Action::WeightWriteBit) = 4000;
    layers->front().count(Action::DmaBit) = 2 * 1536;
  }
  EXPECT_EQ(failures(run, lawful_report()), "");
  run.steady_layers[0].count(Action::DmaBit) += 1;
  EXPECT_EQ(failures(run, lawful_report()), "dram_dma");
}

TEST(SelfChecks, SeeASteadyStateThatIsNotTheSameRun) {
  cost::RunActivity run = lawful_run();
  run.steady_latency_cycles = 26;
  EXPECT_EQ(failures(run, lawful_report()), "totals");
  run = lawful_run();
  run.steady_layers.clear();
  run.steady_layers.resize(2, run.layers[0]);
  EXPECT_EQ(failures(run, lawful_report()), "totals");
  Report report = lawful_report();
  report.steady.dram_bytes = 191;
  EXPECT_EQ(failures(lawful_run(), report), "totals");
}

TEST(SelfChecks, SeeANumberThatIsNone) {
  Report report = lawful_report();
  report.totals.tops = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(failures(lawful_run(), report), "finite");
}

TEST(SelfChecks, NameTheFirstOffendersAndCountTheRest) {
  cost::RunActivity run = lawful_run();
  run.layers[0].ideal_cycles = 5;
  run.layers.resize(6, run.layers[0]);
  const auto failed = failed_checks(self_checks(run, lawful_report()));
  const auto peak = std::find_if(failed.begin(), failed.end(),
                                 [](const CheckResult& check) { return check.id == "peak"; });
  ASSERT_NE(peak, failed.end());
  EXPECT_EQ(peak->detail, "conv1: 5 ≠ 10; conv1: 5 ≠ 10; conv1: 5 ≠ 10; and 3 more");
}

}  // namespace
}  // namespace bitscale::report

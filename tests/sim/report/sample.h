// A made-up report with every optional part filled: the formatters' tests walk it.
#ifndef BITSCALE_TESTS_SIM_REPORT_SAMPLE_H_
#define BITSCALE_TESTS_SIM_REPORT_SAMPLE_H_

#include "sim/report/report.h"

namespace bitscale::report {

inline LayerReport sample_layer(const std::string& name, std::int64_t macs, std::int64_t compute,
                                std::int64_t dram_stall) {
  LayerReport layer;
  layer.name = name;
  layer.kind = "conv";
  if (macs > 0) layer.unit = kUnitMacArray;
  layer.weight_bits = 4;
  layer.act_bits = 8;
  layer.output_bits = 8;
  layer.acc_bits = 24;
  layer.psum_bits = 32;
  layer.macs = macs;
  layer.tiles = 3;
  layer.compute_cycles = compute;
  layer.dram_stall_cycles = dram_stall;
  layer.stall_cycles = dram_stall;
  layer.latency_cycles = compute + dram_stall;
  layer.ideal_cycles = static_cast<double>(macs) / 1024;
  layer.utilization = layer.ideal_cycles / static_cast<double>(layer.latency_cycles);
  layer.mapping_utilization = layer.ideal_cycles / static_cast<double>(compute);
  layer.dram_bytes = 640 * dram_stall;
  const double pj = static_cast<double>(macs);
  layer.energy = {{"mac_array", 0.5 * pj, 0.25 * pj, 0.75 * pj},
                  {"weight_buffer", 0.25 * pj, 0.25 * pj, 0.25 * pj},
                  {"dram", 2 * pj, 2 * pj, 2 * pj},
                  {"idle", 0.125 * pj, 0.125 * pj, 0.125 * pj},
                  {"leakage", 0.0625 * pj, 0.0625 * pj, 0.0625 * pj}};
  layer.energy_pj = 2.9375 * pj;
  return layer;
}

inline void fill_totals(Report& report) {
  Totals& totals = report.totals;
  for (const LayerReport& layer : report.layers) {
    totals.macs += layer.macs;
    totals.latency_cycles += layer.latency_cycles;
    totals.compute_cycles += layer.compute_cycles;
    totals.stall_cycles += layer.stall_cycles;
    totals.dram_stall_cycles += layer.dram_stall_cycles;
    totals.dram_bytes += layer.dram_bytes;
    totals.energy_pj += layer.energy_pj;
    totals.utilization += layer.ideal_cycles;
    report.energy.resize(layer.energy.size());
    for (std::size_t i = 0; i < layer.energy.size(); ++i) {
      report.energy[i].name = layer.energy[i].name;
      report.energy[i].value += layer.energy[i].value;
      report.energy[i].low += layer.energy[i].low;
      report.energy[i].high += layer.energy[i].high;
    }
  }
  const auto macs = static_cast<double>(totals.macs);
  totals.utilization /= static_cast<double>(totals.latency_cycles);
  totals.dynamic_energy_pj = 0.75 * macs;
  totals.dram_energy_pj = 2 * macs;
  totals.idle_energy_pj = 0.125 * macs;
  totals.leakage_energy_pj = 0.0625 * macs;
  totals.latency_ms = static_cast<double>(totals.latency_cycles) / 500e3;
  totals.inferences_per_second = 1e3 / totals.latency_ms;
  totals.tops = 2 * macs / (totals.latency_ms * 1e9);
  totals.tops_per_watt = 2 * macs / totals.energy_pj;
}

inline std::vector<PimCost> sample_pim_costs() {
  return {{"per_mac_table", "a paper", true, 2e6, 3e6, std::nullopt, {{"fc", 2e6, 3e6}}, {}},
          {"components",
           "assumed",
           false,
           4e6,
           5e6,
           std::nullopt,
           {{"fc", 4e6, 5e6}},
           {{"cells", 4e6}, {"decoder", 0}, {"writes", 1e6}}},
          {"analytical", "", false, 0, 0, "no price for 17 bits", {}, {}}};
}

/// Names hold what HTML, CSV and JSON must escape.
inline Report sample_report() {
  Report report;
  report.design = {"demo \"chip\"",
                   "tiny<net>",
                   "45 nm",
                   "w4a8",
                   "systemc",
                   500,
                   1,
                   32,
                   32,
                   "weight_stationary",
                   "fixed",
                   "wrap",
                   8,
                   8,
                   32,
                   262144,
                   false,
                   12.8,
                   "layer",
                   {},
                   {},
                   {},
                   {}};
  report.layers = {sample_layer("conv1, 7×7", 102400, 120, 40),
                   sample_layer("</script><b>&", 409600, 500, 0),
                   sample_layer("fc", 20480, 60, 200)};
  report.layers[0].act_density = 0.5;
  report.layers[0].analytic_latency_cycles = 128;
  fill_totals(report);
  report.steady = {300, 0.0006, 1e6, 4096, 0.5, 1.5, 2.5};
  report.area = {3e6, {{"mac_array", 1e6, 0.9e6, 1.2e6}, {"weight_buffer", 2e6, 2e6, 2e6}}};
  report.provenance = {"bitscale 0.1.0",
                       {{"arch", "configs/arch/demo.json"}},
                       {"bitscale", "run", "--network", "tiny"},
                       {{"mac energy w4 a8", "measured", "synthesis of rtl/mac_unit.sv"},
                        {"/dram/latency_ns", "assumed", "assumed"}}};
  report.notes = {"Operand statistics were not measured: fixed toggle activity."};
  report.checks = {{"macs", "MACs executed = shape product", true, ""},
                   {"stall", "no negative stall", false, "conv1: −3 cycles"}};
  AccumulatorUse use;
  use.layer = "conv1, 7×7";
  use.acc_bits = 16;
  use.policy = "wrap";
  use.data_type_bound_bits = 21;
  use.outputs = 1000;
  use.overflowed_outputs = 25;
  report.accumulators = {use};
  report.waterfall = GainWaterfall{"w16a16", "w4a4", {{"peak", 4, ""}, {"residency", 1.125, "L2"}}};
  report.pim_costs = sample_pim_costs();
  report.accuracy = Accuracy{400, 0.75, 0.76, "made-up set", "test"};
  report.timeline = {{"array", "conv1 tile 0", 0, 120}, {"dma", "load weights", 0, 40}};
  return report;
}

}  // namespace bitscale::report

#endif  // BITSCALE_TESTS_SIM_REPORT_SAMPLE_H_

#include "tests/browser/sample_pages.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace bitscale::report {
namespace {

constexpr std::array<const char*, 10> kParts = {
    "mac_array", "weight_buffer", "act_buffer", "output_buffer", "post_processing",
    "dma",       "interconnect",  "dram",       "idle",          "leakage"};
constexpr std::array<double, 10> kPjPerMac = {0.31, 0.12, 0.14, 0.08, 0.01,
                                              0.02, 0,    0.55, 0.04, 0.03};

LayerReport make_layer(int index, int layers, double speed) {
  LayerReport layer;
  const bool pool = index == 1;
  layer.name =
      pool ? "pool1" : "stage" + std::to_string(1 + index / 12) + ".conv" + std::to_string(index);
  layer.kind = pool ? "pool" : index == layers - 1 ? "gemm" : "conv";
  if (!pool) layer.unit = index % 2 == 0 ? kUnitPim : kUnitMacArray;
  const bool edge = index == 0 || index == layers - 1;
  layer.weight_bits = layer.act_bits = edge || speed < 2 ? 8 : index % 5 == 0 ? 6 : 4;
  layer.output_bits = 8;
  layer.acc_bits = edge ? 32 : 20;
  layer.psum_bits = 32;
  layer.macs = pool ? 0 : 40'000'000 + 3'000'000 * ((index * 37) % 29);
  layer.tiles = pool ? 1 : 16 + index % 9;
  layer.ideal_cycles = static_cast<double>(layer.macs) / 1024 / speed;
  layer.compute_cycles =
      pool ? 25000
           : static_cast<std::int64_t>(layer.ideal_cycles * (1.08 + 0.05 * (index % 6))) + 1;
  layer.dram_stall_cycles = (index * 7919) % 30000;
  layer.other_stall_cycles = 300 + 20 * (index % 11);
  layer.stall_cycles = layer.dram_stall_cycles + layer.other_stall_cycles;
  layer.latency_cycles = layer.compute_cycles + layer.stall_cycles;
  layer.utilization = layer.ideal_cycles / static_cast<double>(layer.latency_cycles);
  layer.mapping_utilization = layer.ideal_cycles / static_cast<double>(layer.compute_cycles);
  layer.dram_bytes = index % 7 == 3 ? 0 : 64 * (2000 + (index * 613) % 9000);
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    const double pj = kPjPerMac[i] / speed *
                      (pool ? 1e5
                            : static_cast<double>(layer.macs) *
                                  (0.6 + 0.1 * ((index + static_cast<int>(i)) % 8)));
    const double spread = i == 0 ? 0.08 : 0;
    layer.energy.push_back({kParts[i], pj, pj * (1 - spread), pj * (1 + spread)});
    layer.energy_pj += pj;
  }
  if (!pool) layer.analytic_latency_cycles = layer.latency_cycles - 40 * (index % 30);
  return layer;
}

void fill_sums(Report& report) {
  Totals& totals = report.totals;
  double ideal = 0;
  for (const char* part : kParts) report.energy.push_back({part, 0, 0, 0});
  for (const LayerReport& layer : report.layers) {
    totals.macs += layer.macs;
    totals.latency_cycles += layer.latency_cycles;
    totals.compute_cycles += layer.compute_cycles;
    totals.stall_cycles += layer.stall_cycles;
    totals.dram_stall_cycles += layer.dram_stall_cycles;
    totals.other_stall_cycles += layer.other_stall_cycles;
    totals.dram_bytes += layer.dram_bytes;
    totals.energy_pj += layer.energy_pj;
    ideal += layer.ideal_cycles;
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      report.energy[i].value += layer.energy[i].value;
      report.energy[i].low += layer.energy[i].low;
      report.energy[i].high += layer.energy[i].high;
    }
  }
  totals.dram_energy_pj = report.energy[7].value;
  totals.idle_energy_pj = report.energy[8].value;
  totals.leakage_energy_pj = report.energy[9].value;
  totals.dynamic_energy_pj =
      totals.energy_pj - totals.dram_energy_pj - totals.idle_energy_pj - totals.leakage_energy_pj;
  totals.utilization = ideal / static_cast<double>(totals.latency_cycles);
  totals.latency_ms = static_cast<double>(totals.latency_cycles) / 500e3;
  totals.tops = 2 * static_cast<double>(totals.macs) / (totals.latency_ms * 1e9);
  totals.tops_per_watt = 2 * static_cast<double>(totals.macs) / totals.energy_pj;
  totals.inferences_per_second = 1.1e3 / totals.latency_ms;
  report.steady = {totals.latency_cycles * 10 / 11, totals.latency_ms / 1.1,
                   totals.energy_pj * 0.9,          totals.dram_bytes / 2,
                   totals.utilization * 1.1,        totals.tops * 1.1,
                   totals.tops_per_watt / 0.9};
}

void fill_timeline(Report& report) {
  std::int64_t now = 0;
  for (const LayerReport& layer : report.layers) {
    const std::int64_t load = layer.compute_cycles / layer.tiles;
    for (std::int64_t tile = 0; tile < layer.tiles; ++tile) {
      const std::string name = layer.name + " tile " + std::to_string(tile);
      const std::int64_t start = now + tile * load;
      report.timeline.push_back({"DMA", name, start, start + load / 2});
      report.timeline.push_back({"array", name, start, start + load});
    }
    now += layer.compute_cycles;
    if (layer.stall_cycles > 0)
      report.timeline.push_back({"stall", layer.name, now, now + layer.stall_cycles});
    now += layer.stall_cycles;
    report.timeline.push_back({"post-processing", layer.name, now - 500, now});
  }
}

void fill_accumulators(Report& report) {
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    const LayerReport& layer = report.layers[i];
    if (layer.macs == 0) continue;
    AccumulatorUse use;
    use.layer = layer.name;
    use.acc_bits = layer.acc_bits;
    use.policy = "saturate_each_step";
    use.data_type_bound_bits = layer.weight_bits + layer.act_bits + 9;
    use.l1_bound_bits = layer.weight_bits + layer.act_bits + 6;
    use.outputs = 100352;
    use.overflowed_outputs = i % 4 == 1 ? static_cast<std::int64_t>(900 * i) : 0;
    report.accumulators.push_back(use);
  }
}

}  // namespace

Report sample_run(const std::string& name, int layers, double speed) {
  Report report;
  report.design = {"demo 32×32",
                   name,
                   "45 nm (synthesis)",
                   speed < 2 ? "w8a8" : "w4a4 <mixed>",
                   "systemc",
                   500,
                   1,
                   32,
                   32,
                   "weight_stationary",
                   "decomposable",
                   "wrap",
                   8,
                   8,
                   32,
                   1 << 20,
                   false,
                   12.8,
                   "layer",
                   128,
                   128,
                   128,
                   40};
  for (int i = 0; i < layers; ++i) report.layers.push_back(make_layer(i, layers, speed));
  fill_sums(report);
  for (std::size_t i = 0; i < 7; ++i) {
    const double um2 = std::array<double, 7>{1.9e6, 8e5, 8e5, 4e5, 6e4, 3e4, 0}[i];
    report.area.by_component.push_back({kParts[i], um2, um2 * 0.95, um2 * 1.05});
    report.area.total_um2 += um2;
  }
  report.provenance = {
      "bitscale 0.1.0",
      {{"architecture", "/a/" + std::string(90, 'd') + "/demo.json"}, {"network", name + ".json"}},
      {"bitscale", "run", "--network", name, "--set", "/mac_array/rows=32"},
      {{"MAC energy, 4 × 4 bits", "measured", "synthesis of rtl/mac_unit.sv"},
       {"SRAM 512 KiB", "interpolated", "CACTI 7"},
       {"/dram/latency_ns", "assumed", "assumed"}}};
  report.notes = {"Area is synthesized and unplaced.",
                  "Operand statistics were not measured: fixed toggle activity."};
  report.checks = {{"macs", "MACs executed = shape product × batch", true, ""},
                   {"totals", "totals = sums over the layers", true, ""}};
  report.waterfall = GainWaterfall{"w16a16",
                                   "w4a4",
                                   {{"peak", 4, "four MACs per PE and cycle"},
                                    {"utilization", 0.94, "shallower folds drain more often"},
                                    {"tile reuse", 1.07, "larger tiles fit"},
                                    {"residency", 1.15, "activations stay on chip"},
                                    {"DRAM", 0.98, "latency of shorter transfers"}}};
  fill_timeline(report);
  fill_accumulators(report);
  return report;
}

SweepReport sample_sweep(int points) {
  SweepReport sweep;
  sweep.title = "Rows × bits, <sample>";
  sweep.description = "A made-up sweep of an array's rows and weight bits.";
  sweep.base_command = {"bitscale", "run", "--network", "resnet50"};
  sweep.columns = {
      {"rows", "rows", "", ColumnRole::Axis, true, "/mac_array/rows"},
      {"weight_bits", "weight bits", "bits", ColumnRole::Axis, true, "/precision/weight_bits"},
      {"pe", "PE", "", ColumnRole::Axis, true, ""},
      {"latency_ms", "latency", "ms", ColumnRole::Objective, true, ""},
      {"energy_uj", "energy", "µJ", ColumnRole::Objective, true, ""},
      {"area_mm2", "area", "mm²", ColumnRole::Result, true, ""}};
  for (int i = 0; i < points; ++i) {
    const double rows = 8 + 4 * (i % 61), bits = 2 + (i / 61) % 15;
    const bool serial = i % 3 == 0;
    const double noise = 1 + 0.2 * std::sin(12.9898 * i);
    const double latency = 900 / rows * (serial ? bits / 4 : 1) * noise;
    const double energy = (bits * bits * 1.3 + 0.4 * rows) * (2.1 - noise);
    SweepPoint point{i,
                     {rows, bits, std::string(serial ? "bit_serial" : "fixed"), latency, energy,
                      0.002 * rows * rows * std::sqrt(bits)},
                     false,
                     0,
                     i % 10 == 0 ? "systemc" : "analytic",
                     "",
                     ""};
    if (i % 97 == 96) {
      point.values[3] = point.values[4] = point.values[5] = std::monostate{};
      point.error = "the weight tile does not fit the buffer";
    }
    sweep.points.push_back(point);
  }
  const auto value = [](const SweepPoint& point, std::size_t i) {
    const auto* number = std::get_if<double>(&point.values[i]);
    return number == nullptr ? HUGE_VAL : *number;
  };
  std::vector<SweepPoint*> order;
  for (SweepPoint& point : sweep.points) order.push_back(&point);
  std::sort(order.begin(), order.end(),
            [&](const auto* a, const auto* b) { return value(*a, 3) < value(*b, 3); });
  double best = HUGE_VAL;
  for (SweepPoint* point : order) {
    if (value(*point, 4) >= best) continue;
    best = value(*point, 4);
    point->pareto = true;
  }
  sweep.base_config = R"({"schema_version": 1, "mac_array": {"rows": 1}, "network": "resnet50"})";
  sweep.notes = {"All points analytic but every tenth."};
  sweep.provenance = {"bitscale 0.1.0+" + std::string(90, '5'),
                      {{"sweep", "/a/" + std::string(90, 'd') + "/sample.json"}},
                      {"bitscale", "sweep", "sample.json"},
                      {}};
  return sweep;
}

SweepReport sample_kinds() {
  SweepReport sweep;
  sweep.title = "One objective";
  sweep.base_command = {"bitscale", "run"};
  sweep.base_config = R"({"schema_version": 1})";
  sweep.columns = {{"network", "network", "", ColumnRole::Axis, true, "/network"},
                   {"given", "given", "", ColumnRole::Axis, true, "/arch/description"},
                   {"latency_ms", "latency_ms", "ms", ColumnRole::Objective, true, ""},
                   {"area_um2", "area_um2", "µm²", ColumnRole::Result, true, ""}};
  const std::vector<SweepValue> kinds = {std::string("1"),    1.0,
                                         std::string("true"), JsonLiteral{"true"},
                                         std::string("it's"), JsonLiteral{R"({"a": 1})"},
                                         std::string(""),     std::string("plain text")};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto place = static_cast<double>(i);
    SweepPoint point;
    point.id = static_cast<std::int64_t>(i);
    point.values = {std::string("resnet50"), kinds[i], 8 - place, 5.0 + 2 * place};
    point.engine = "systemc";
    point.pareto = i + 1 == kinds.size();
    sweep.points.push_back(point);
  }
  return sweep;
}

}  // namespace bitscale::report

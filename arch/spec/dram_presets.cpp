#include "arch/spec/dram_presets.h"

#include <array>

#include "arch/base/error.h"

namespace bitscale::spec {
namespace {

struct Row {
  DramPreset preset;
  double bandwidth_gbps;           // one channel (HBM2: one stack): rate × width / 8
  double efficiency;               // long streams
  double latency_ns;               // row conflict: tRP + tRCD + CL, without controller
  std::int64_t burst_bytes;        // burst length × width / 8
  double energy_pj_per_bit;        // device and PHY
  double energy_low, energy_high;  // the bracket of the published figures, pJ/bit
  const char* source;
};

constexpr std::array<Row, 3> kRows = {{
    {DramPreset::Ddr4, 25.6, 0.85, 42, 64, 15, 6, 20,
     "DDR4-3200, 64 bits: rate and timing from DRAMsim3 configurations; efficiency 0.85 and "
     "15 pJ/bit (bracket 6-20) assumed within published ranges"},
    {DramPreset::Lpddr4, 25.6, 0.85, 56, 64, 8, 5, 14,
     "LPDDR4-3200, 64 bits: rate and timing from DRAMSys memspecs; 8 pJ/bit (bracket 5-14) as in "
     "Accelergy's CACTI plug-in; efficiency 0.85 assumed"},
    {DramPreset::Hbm2, 256, 0.85, 42, 32, 3.9, 3.5, 7,
     "HBM2 2.0 Gb/s, 8 channels of 128 bits: rate and timing from Ramulator 2; 3.9 pJ/bit "
     "(bracket 3.5-7) from O'Connor et al., MICRO 2017, second hand; efficiency 0.85 assumed"},
}};

}  // namespace

DramSpec dram_preset(DramPreset preset) {
  DramSpec dram;
  dram.preset = kDramPresetNames.name(preset);
  if (preset == DramPreset::Infinite) {
    dram.infinite = true;
    const DramSpec ddr4 = dram_preset(DramPreset::Ddr4);
    dram.energy_pj_per_bit = ddr4.energy_pj_per_bit;
    dram.energy_low_pj_per_bit = ddr4.energy_low_pj_per_bit;
    dram.energy_high_pj_per_bit = ddr4.energy_high_pj_per_bit;
    return dram;
  }
  for (const Row& row : kRows) {
    if (row.preset != preset) continue;
    dram.bandwidth_gbps = row.bandwidth_gbps;
    dram.efficiency = row.efficiency;
    dram.latency_ns = row.latency_ns;
    dram.burst_bytes = row.burst_bytes;
    dram.energy_pj_per_bit = row.energy_pj_per_bit;
    dram.energy_low_pj_per_bit = row.energy_low;
    dram.energy_high_pj_per_bit = row.energy_high;
    return dram;
  }
  throw base::InternalError("DRAM preset without a row");
}

std::string_view dram_preset_source(DramPreset preset) {
  for (const Row& row : kRows) {
    if (row.preset == preset) return row.source;
  }
  return "no time at all; energy per bit as ddr4";
}

}  // namespace bitscale::spec

// SCALE-Sim's architecture file (.cfg) as one of our design points.
#ifndef BITSCALE_WORKLOADS_IMPORT_SCALESIM_CFG_H_
#define BITSCALE_WORKLOADS_IMPORT_SCALESIM_CFG_H_

#include <filesystem>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "arch/spec/accelerator.h"

namespace bitscale::import {

/// How the description of an imported design begins.
inline constexpr const char* kFromScaleSim = "imported from SCALE-Sim";

/// Reads an ini file, case-insensitive, `key : value` or `key = value`, # and ; begin comments.
///   [general] run_name                       → name
///   [architecture_presets] ArrayHeight, ArrayWidth, Dataflow (os | ws | is) → the array, with
///     SCALE-Sim's cycle model; IfmapSramSzkB, FilterSramSzkB, OfmapSramSzkB (1 kB = 1024 bytes)
///     → act, weight and output buffer; Bandwidth → DRAM, in words of one byte per cycle
///   [run_presets] InterfaceBandwidth: CALC (default) → infinite DRAM, USER → Bandwidth holds
/// SCALE-Sim has no clock, word width or buffer bandwidth: the design's `sources` mark what is
/// assumed. Switches for what is not modelled (sparsity, custom layouts, DRAM traces) must be off.
/// What is ignored otherwise is told in `notes`.
spec::AcceleratorSpec read_scalesim_cfg(const std::filesystem::path& path, base::Problems& problems,
                                        std::vector<std::string>& notes);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_SCALESIM_CFG_H_

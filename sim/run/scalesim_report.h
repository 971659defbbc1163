// SCALE-Sim's reports of a run, with its headers: a row per layer with MACs, a row per channel
// group for grouped layers (it treats a depthwise convolution as one single-channel layer per
// channel).
//
// COMPUTE_REPORT.csv
//   Total Cycles                  compute + stalls − 1: it reports the index of the last cycle
//   Total Cycles (incl. prefetch) the layer's whole latency − 1
//   Stall Cycles                  waiting for the DRAM
//   Overall Util %                MACs / (PEs × Total Cycles)
//   Mapping Efficiency %          PEs that a fold uses, average over the folds
//   Compute Util %                outputs stay: MACs / (PEs × compute cycles)
//                                 weights or inputs stay: MACs / (PEs × (compute cycles + folds ×
//                                 (rows − 1))). SCALE-Sim v2 counts a fold as 3R + C + S − 3 cycles
//                                 in this column and as 2R + C + S − 2 in Total Cycles; seen in
//                                 every weight-stationary run of its own there is to compare, and
//                                 taken over for input stationary, of which there is none.
// BANDWIDTH_REPORT.csv, words per cycle over Total Cycles. Words are operands at the layer's widths
// (OFMAP SRAM: partial sums written), exact for dense packing; word_aligned counts a word's unused
// bits as operands. SCALE-Sim divides DRAM words by the cycles the interface is busy; these are
// averages over the layer.
#ifndef BITSCALE_SIM_RUN_SCALESIM_REPORT_H_
#define BITSCALE_SIM_RUN_SCALESIM_REPORT_H_

#include <filesystem>
#include <string>

#include "arch/cost/activity.h"
#include "sim/mapping/task.h"

namespace bitscale::run {

/// `run` is a run of the tasks of `graph`, in their order.
std::string scalesim_compute_report(const cost::RunActivity& run, const mapping::TaskGraph& graph);
std::string scalesim_bandwidth_report(const cost::RunActivity& run,
                                      const mapping::TaskGraph& graph);

/// Writes both files into `dir`.
void write_scalesim_reports(const std::filesystem::path& dir, const cost::RunActivity& run,
                            const mapping::TaskGraph& graph);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_SCALESIM_REPORT_H_

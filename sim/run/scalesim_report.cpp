#include "sim/run/scalesim_report.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/timing/fold.h"
#include "sim/mapping/work.h"

namespace bitscale::run {
namespace {

using cost::Action;

void add_row(std::string& text, std::int64_t id, std::initializer_list<double> values) {
  text += std::to_string(id);
  for (const double value : values) text += ", " + base::format_number(value);
  text += ",\n";
}

// One of the parts SCALE-Sim makes of a layer, in its terms. Cycles are whole and those of all
// parts are the layer's, so that they differ by one where those do not divide.
struct Part {
  double compute = 0, total = 0, stall = 0, latency = 0, macs = 0, pes = 0;

  Part(const cost::RunActivity& run, const cost::LayerActivity& layer, std::int64_t parts,
       std::int64_t index) {
    const auto share = [&](std::int64_t whole) {
      const std::int64_t each = whole / parts, rest = whole % parts;
      return static_cast<double>(each + (index < rest ? 1 : 0));
    };
    compute = share(layer.compute_cycles);
    stall = share(layer.dram_stall_cycles);
    total = std::max(1.0, compute + stall - 1);
    latency = std::max(total, share(layer.latency_cycles) - 1);
    macs = share(layer.macs);
    pes = static_cast<double>(run.accelerator.total_pes());
  }
};

// Calls `row(layer, task, part)` for every row of a report.
template <class Row>
void for_each_row(const cost::RunActivity& run, const mapping::TaskGraph& graph, Row row) {
  BITSCALE_INVARIANT(run.layers.size() == graph.tasks.size(), "one layer of a run per task");
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    const mapping::Task& task = graph.tasks[i];
    if (!task.has_macs) continue;
    const std::int64_t parts = task.whole.groups;
    for (std::int64_t j = 0; j < parts; ++j) {
      row(run.layers[i], task, Part(run, run.layers[i], parts, j));
    }
  }
}

// The folds of one core's share of a part.
timing::FoldGrid folds_of(const cost::RunActivity& run, const mapping::Task& task) {
  const mapping::TaskContext context(task, run.accelerator);
  const mapping::Extents& core = task.core;
  return timing::fold_grid(
      run.accelerator.mac_array,
      {1, core.images * core.rows * core.cols, core.channels, task.taps(), core.reduction},
      context.macs_per_cycle);
}

double mapping_efficiency(const spec::MacArraySpec& array, const timing::FoldGrid& grid) {
  return static_cast<double>(grid.rows_extent * grid.cols_extent) /
         static_cast<double>(grid.row_folds * grid.col_folds * array.rows * array.cols);
}

// The cycles that "Compute Util %" divides by.
double util_cycles(const spec::MacArraySpec& array, const timing::FoldGrid& grid,
                   const Part& part) {
  if (array.dataflow == spec::Dataflow::OutputStationary) return part.compute;
  return part.compute + static_cast<double>(grid.row_folds * grid.col_folds * (array.rows - 1));
}

}  // namespace

std::string scalesim_compute_report(const cost::RunActivity& run, const mapping::TaskGraph& graph) {
  std::string text =
      "LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles, Overall Util %, "
      "Mapping Efficiency %, Compute Util %,\n";
  std::int64_t id = 0;
  const spec::MacArraySpec& array = run.accelerator.mac_array;
  for_each_row(
      run, graph, [&](const cost::LayerActivity&, const mapping::Task& task, const Part& part) {
        const timing::FoldGrid grid = folds_of(run, task);
        add_row(text, id++,
                {part.latency, part.total, part.stall, 100 * part.macs / (part.pes * part.total),
                 100 * mapping_efficiency(array, grid),
                 100 * part.macs / (part.pes * util_cycles(array, grid, part))});
      });
  return text;
}

std::string scalesim_bandwidth_report(const cost::RunActivity& run,
                                      const mapping::TaskGraph& graph) {
  std::string text =
      "LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, Avg OFMAP SRAM BW, Avg IFMAP DRAM BW, "
      "Avg FILTER DRAM BW, Avg OFMAP DRAM BW,\n";
  std::int64_t id = 0;
  for_each_row(run, graph,
               [&](const cost::LayerActivity& layer, const mapping::Task& task, const Part& part) {
                 const auto parts = static_cast<double>(task.whole.groups);
                 const auto words = [&](std::int64_t bits, int width) {
                   return static_cast<double>(bits) / width / parts / part.total;
                 };
                 // A broadcast is written in every core but moves from the DRAM once.
                 const std::int64_t copies = task.weights_shared() ? task.active_cores() : 1;
                 const std::int64_t weights = layer.count(Action::WeightWriteBit) / copies;
                 // Finished outputs pass the output buffer too, on their way to the DRAM.
                 const bool stored = layer.count(Action::DramWriteBit) > 0;
                 const std::int64_t sums = layer.count(Action::OutputWriteBit) -
                                           (stored ? task.whole.outputs() * task.output_bits : 0);
                 add_row(text, id++,
                         {words(layer.count(Action::ActReadBit), task.precision.act_bits),
                          words(layer.count(Action::WeightReadBit), task.precision.weight_bits),
                          words(sums, task.precision.psum_bits),
                          words(layer.count(Action::DramReadBit) - weights, task.input_bits),
                          words(weights, task.weight_bits),
                          words(layer.count(Action::DramWriteBit), task.output_bits)});
               });
  return text;
}

void write_scalesim_reports(const std::filesystem::path& dir, const cost::RunActivity& run,
                            const mapping::TaskGraph& graph) {
  base::write_file_atomically(dir / "COMPUTE_REPORT.csv", scalesim_compute_report(run, graph));
  base::write_file_atomically(dir / "BANDWIDTH_REPORT.csv", scalesim_bandwidth_report(run, graph));
}

}  // namespace bitscale::run

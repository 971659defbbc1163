#include "sim/verify/pim_tiles.h"

#include <algorithm>
#include <string>

#include "arch/base/error.h"
#include "arch/numeric/bit_slicing.h"
#include "sim/mapping/pim_work.h"
#include "sim/mapping/walk.h"
#include "sim/run/isolated.h"
#include "sim/verify/pim_layers.h"
#include "sim/verify/tile_product.h"

namespace bitscale::verify {
namespace {

/// Planes of all the tile's vectors, on the array that takes the most.
std::int64_t busiest_planes(const mapping::Task& task, const mapping::TileSlice& tile,
                            const cosim::Gemm& gemm, std::int64_t wordlines) {
  const numeric::IntegerFormat acts{task.precision.act_bits, task.precision.act_signed};
  const std::int64_t depth = task.taps() * tile.reduction;
  std::int64_t most = 0;
  for (std::int64_t g = 0; g < tile.groups; ++g) {
    for (std::int64_t k0 = 0; k0 < depth; k0 += wordlines) {
      const std::int64_t lines = std::min(wordlines, depth - k0);
      std::int64_t planes = 0;
      for (std::int64_t p = 0; p < gemm.m; ++p) {
        const auto first = gemm.acts.begin() + p * gemm.k + g * depth + k0;
        std::int64_t any = 0;
        std::for_each(first, first + lines, [&](std::int32_t code) { any |= code; });
        planes += numeric::planes_with_ones(any, acts);
      }
      most = std::max(most, planes);
    }
  }
  return most;
}

mapping::Task tile_task(mapping::Task task, const mapping::TileSlice& tile, std::int64_t planes,
                        std::size_t number) {
  task.name += " tile " + std::to_string(number);
  task.core =
      task.whole = {tile.images, tile.groups, tile.channels, tile.reduction, tile.rows, tile.cols};
  task.macs = task.taps() * tile.reduction * tile.outputs();
  task.padding_macs = 0;
  task.pim_planes.most = task.pim_planes.mean =
      static_cast<double>(planes) / static_cast<double>(tile.pixels());
  return task;
}

/// The tiles of several layers, and which layer each is of.
struct TileTasks {
  mapping::TaskGraph graph;
  std::vector<std::size_t> layer;
  std::vector<std::int64_t> written_before;  ///< cycles the walk does not spend on weights

  void add(mapping::Task task, std::size_t of, std::int64_t not_written) {
    mapping::Tensor output;
    output.elements = output.core_elements = task.core.outputs();
    output.bits = task.output_bits;
    output.last_use = static_cast<int>(graph.tasks.size());
    graph.tensors.push_back(output);
    graph.tasks.push_back(std::move(task));
    layer.push_back(of);
    written_before.push_back(not_written);
  }
};

}  // namespace

std::vector<std::int64_t> simulated_tile_by_tile(
    const mapping::TaskGraph& graph, const spec::AcceleratorSpec& design,
    const mapping::NetworkMapping& mapping,
    const std::vector<std::unique_ptr<LayerOperands>>& operands) {
  TileTasks tiles;
  tiles.graph.network = graph.network;
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    const mapping::Task& task = graph.tasks[i];
    const mapping::Tiling& tiling = mapping.tasks[i].tiling;
    BITSCALE_INVARIANT(task.full_cores == 1 && !task.has_last, "one core");
    const mapping::TaskContext context(task, design);
    for (mapping::TileWalk walk(task, tiling); !walk.done(); walk.next()) {
      const mapping::TileSlice tile = walk.core();
      const cosim::Gemm gemm = tile_operands(*operands[i], spec::RowMapping::Im2col, task, tile,
                                             origin(task, tiling, walk.index()));
      const std::int64_t planes = busiest_planes(task, tile, gemm, design.pim->wordlines);
      tiles.add(tile_task(task, tile, planes, tiles.layer.size()), i,
                walk.new_weights() ? 0 : mapping::pim_write_work(context, tile).cycles);
    }
  }
  const cost::RunActivity run = run::simulate_isolated(tiles.graph, design, uncut(tiles.graph));
  std::vector<std::int64_t> cycles(graph.tasks.size(), 0);
  for (std::size_t t = 0; t < tiles.layer.size(); ++t) {
    cycles[tiles.layer[t]] += run.layers[t].compute_cycles - tiles.written_before[t];
  }
  return cycles;
}

}  // namespace bitscale::verify

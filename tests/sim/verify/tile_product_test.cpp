// Tiles as matrix products, without RTL: their folds take the time the mapping says, and their
// expected sums add up to the executor's outputs.
#include "sim/verify/tile_product.h"

#include <gtest/gtest.h>

#include "rtl/cosim/array_check.h"
#include "sim/mapping/walk.h"
#include "sim/mapping/work.h"
#include "sim/verify/array_layers.h"

namespace bitscale::verify {
namespace {

using spec::Dataflow;

cosim::ArraySpec array_of(Dataflow dataflow, bool shadow) {
  cosim::ArraySpec array;
  array.name = "array";
  array.rows = 5;
  array.cols = 3;
  array.dataflow = dataflow;
  array.shadow = shadow;
  array.mac.weights.bits = 4;
  array.mac.acts = {4, false};
  array.mac.acc_bits = 24;
  return array;
}

template <class Use>
void for_designs(Use use) {
  for (const Dataflow dataflow :
       {Dataflow::WeightStationary, Dataflow::OutputStationary, Dataflow::InputStationary}) {
    for (const bool shadow : {false, true}) {
      for (const spec::RowMapping rows : {spec::RowMapping::Im2col, spec::RowMapping::Channels}) {
        use(array_of(dataflow, shadow), rows);
      }
    }
  }
}

TEST(TileProduct, FoldsTakeWhatTheMappingSays) {
  const model::Network network = small_layers();
  for_designs([&](const cosim::ArraySpec& array, spec::RowMapping rows) {
    const spec::AcceleratorSpec design = design_around(array, rows, 1 << 20);
    const mapping::TaskGraph graph = tasks_on(network, array, design);
    for (int variant = 0; variant < 3; ++variant) {
      const mapping::NetworkMapping mapping = halved(graph, variant);
      for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
        const mapping::TaskContext context(graph.tasks[i], design);
        ASSERT_EQ(mapping::tiling_problem(graph.tasks[i], mapping.tasks[i].tiling), "");
        for (mapping::TileWalk walk(graph.tasks[i], mapping.tasks[i].tiling); !walk.done();
             walk.next()) {
          const auto folds = tile_folds(array, rows, graph.tasks[i], walk.core());
          EXPECT_EQ(cosim::folds_cycles(array, folds),
                    mapping::tile_work(context, walk.core(), true, false).cycles)
              << graph.tasks[i].name << " " << spec::kDataflowNames.name(array.dataflow);
        }
      }
    }
  });
}

TEST(TileProduct, TilesAddUpToTheExecutorsOutputs) {
  const model::Network network = small_layers();
  for_designs([&](const cosim::ArraySpec& array, spec::RowMapping rows) {
    const spec::AcceleratorSpec design = design_around(array, rows, 1 << 20);
    const mapping::TaskGraph graph = tasks_on(network, array, design);
    const mapping::NetworkMapping mapping = halved(graph, 1);
    for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
      const mapping::Task& task = graph.tasks[i];
      const LayerOperands operands(network.layers[i], array.mac, 3);
      std::vector<std::int64_t> outputs(
          static_cast<std::size_t>(operands.layer().output_elements()));
      for (mapping::TileWalk walk(task, mapping.tasks[i].tiling); !walk.done(); walk.next()) {
        const mapping::TileSlice tile = walk.core();
        const TileOrigin at = origin(task, mapping.tasks[i].tiling, walk.index());
        const auto folds = tile_folds(array, rows, task, tile);
        const cosim::Gemm gemm = tile_operands(operands, rows, task, tile, at);
        const auto sums = cosim::expected_sums(array, gemm, folds);
        const std::size_t group_folds = folds.size() / static_cast<std::size_t>(tile.groups);
        for (std::size_t f = 0; f < folds.size(); ++f) {
          const std::int64_t channels = cosim::channels_of(array, folds[f]);
          for (std::size_t s = 0; s < sums[f].size(); ++s) {
            const auto index = static_cast<std::int64_t>(s);
            outputs[output_index(operands.layer(), tile, at,
                                 static_cast<std::int64_t>(f / group_folds),
                                 folds[f].n0 + index % channels, folds[f].m0 + index / channels)] +=
                sums[f][s].value;
          }
        }
      }
      EXPECT_EQ(outputs, operands.sums({48, 48, numeric::OverflowPolicy::Wrap, 0}))
          << task.name << " " << spec::kDataflowNames.name(array.dataflow);
    }
  });
}

}  // namespace
}  // namespace bitscale::verify

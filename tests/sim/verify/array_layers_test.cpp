#include "sim/verify/array_layers.h"

#include <gtest/gtest.h>

#include "rtl/cosim/mac_model.h"
#include "sim/run/isolated.h"
#include "tests/support/broken_models.h"

namespace bitscale::verify {
namespace {

cosim::ArraySpec small_array() {
  for (const cosim::NamedSet& set : cosim::named_sets_of("mac_array")) {
    if (set.name == "array_ws_5x3") return cosim::array_spec(set);
  }
  return {};
}

struct SmallDesign {
  cosim::ArraySpec array = small_array();
  spec::AcceleratorSpec design = design_around(array, spec::RowMapping::Im2col, 512);
  model::Network network = small_layers();
  mapping::TaskGraph graph = tasks_on(network, array, design);
  mapping::NetworkMapping mapping =
      mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);

  LayerCheck check(cosim::ArrayModel& model, std::size_t task) const {
    const LayerOperands operands(network.layers[task], array.mac, 7);
    return check_layer(model, array, design, graph.tasks[task], mapping.tasks[task].tiling,
                       operands, 7);
  }
};

TEST(ArrayLayers, TheComponentsTakeTheCyclesOfTheRtl) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  const SmallDesign small;
  const auto model = cosim::make_array(small.array.name);
  const cost::RunActivity simulated =
      run::simulate_isolated(small.graph, small.design, small.mapping);
  std::int64_t tiles = 0;
  for (std::size_t i = 0; i < small.graph.tasks.size(); ++i) {
    const LayerCheck check = small.check(*model, i);
    EXPECT_EQ(check.mismatches, 0) << check.failure->text;
    EXPECT_EQ(check.rtl_cycles, simulated.layers[i].compute_cycles) << small.graph.tasks[i].name;
    EXPECT_EQ(check.macs, small.network.layers[i].macs());
    EXPECT_EQ(check.tiles, simulated.layers[i].tiles);
    EXPECT_GT(check.outputs, 0);
    tiles += check.tiles;
  }
  // The small buffers did cut layers.
  EXPECT_GT(tiles, static_cast<std::int64_t>(2 * small.graph.tasks.size()));
}

TEST(ArrayLayers, ABrokenArrayIsSeenInSumsAndOutputs) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  const SmallDesign small;
  const auto model = cosim::make_broken_array();
  const LayerCheck check = small.check(*model, 0);
  EXPECT_GT(check.mismatches, 0);
  ASSERT_TRUE(check.failure);
  EXPECT_NE(check.failure->text.find("conv3x3"), std::string::npos) << check.failure->text;
  EXPECT_EQ(check.rtl_cycles, check.expected_cycles);
}

TEST(ArrayLayers, AWrongTimeIsDrawnWithItsSeed) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  const SmallDesign small;
  const auto model = cosim::make_array(small.array.name);
  const LayerOperands operands(small.network.layers[1], small.array.mac, 7);
  const cosim::Failure failure =
      first_tile_failure(*model, small.array, small.design, small.graph.tasks[1],
                         small.mapping.tasks[1].tiling, operands, 7, "takes too long");
  for (const char* part : {"strided, tile 0", "seed 7", "takes too long"}) {
    EXPECT_NE(failure.text.find(part), std::string::npos) << failure.text;
  }
  EXPECT_NE(failure.vcd.find("$enddefinitions"), std::string::npos);
}

TEST(ArrayLayers, ASumInsideALayerIsDrawnWithItsOperands) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  const SmallDesign small;
  const auto model = cosim::make_array(small.array.name);
  cosim::ArrayCase test{"case", cosim::random_gemm(small.array, 2, 3, 2, 9), {}, 0, 9};
  test.folds = cosim::folds_of(small.array, 2, 3, 2);
  const cosim::Failure failure =
      cosim::array_failure(*model, small.array, test, 0, 1, {17, false}, "an output differs");
  for (const char* part : {"an output differs", "fold 0", "weight codes", "act codes", "seed 9"}) {
    EXPECT_NE(failure.text.find(part), std::string::npos) << failure.text;
  }
  EXPECT_GT(failure.cycle, 0);
  EXPECT_NE(failure.vcd.find("expected_result"), std::string::npos);
}

TEST(ArrayLayers, SampledTilesAreTheFirstTheLastAndOneBetween) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  const SmallDesign small;
  const auto model = cosim::make_array(small.array.name);
  const mapping::NetworkMapping cut = halved(small.graph, 0);
  const LayerCheck check = check_sampled_tiles(
      *model, small.array, small.design, small.graph.tasks[0], cut.tasks[0].tiling, 1 << 20, 5);
  EXPECT_EQ(check.tiles, 3);
  EXPECT_EQ(check.mismatches, 0) << check.failure->text;
  EXPECT_EQ(check_sampled_tiles(*model, small.array, small.design, small.graph.tasks[0],
                                cut.tasks[0].tiling, 10, 5)
                .tiles,
            0);
}

}  // namespace
}  // namespace bitscale::verify

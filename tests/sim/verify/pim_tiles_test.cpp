#include "sim/verify/pim_tiles.h"

#include <gtest/gtest.h>

#include "rtl/cosim/mac_model.h"
#include "sim/run/isolated.h"
#include "sim/verify/array_layers.h"
#include "sim/verify/pim_layers.h"

namespace bitscale::verify {
namespace {

cosim::PimSpec pim_named(const std::string& name) {
  for (const cosim::NamedSet& set : cosim::named_sets_of("pim_array")) {
    if (set.name == name) return cosim::pim_spec(set);
  }
  return {};
}

/// The small layers with random operands of 4 bits.
struct Filled {
  explicit Filled(const std::string& name) : pim(pim_named(name)) {
    cosim::MacSpec mac = pim.mac;
    mac.acts = acts;
    for (const model::Layer& layer : network.layers) {
      operands.push_back(std::make_unique<LayerOperands>(layer, mac, 3));
    }
  }

  cosim::PimSpec pim;
  numeric::IntegerFormat acts{4, false};
  spec::AcceleratorSpec design = pim_design(pim, 1 << 12, 1 << 20);
  model::Network network = small_layers();
  mapping::TaskGraph graph = pim_tasks(network, pim, acts, design);
  std::vector<std::unique_ptr<LayerOperands>> operands;
};

TEST(PimTiles, CutLayersThatSkipPlanesTakeTheCyclesOfTheirTiles) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  const Filled small("pim_9x6_w5_mux3_skip");
  const auto model = cosim::make_pim(small.pim.name);
  std::int64_t tiles = 0;
  for (int variant = 0; variant < 3; ++variant) {
    const mapping::NetworkMapping cut = halved(small.graph, variant);
    const std::vector<std::int64_t> cycles =
        simulated_tile_by_tile(small.graph, small.design, cut, small.operands);
    for (std::size_t i = 0; i < small.graph.tasks.size(); ++i) {
      const PimLayerCheck check =
          check_pim_layer(*model, small.pim, small.graph.tasks[i], cut.tasks[i].tiling,
                          *small.operands[i], cycles[i], 3);
      EXPECT_EQ(check.mismatches, 0) << check.failure->text;
      EXPECT_EQ(check.layer_cycles, cycles[i]);
      tiles += check.tiles;
    }
  }
  EXPECT_GT(tiles, 3 * static_cast<std::int64_t>(small.graph.tasks.size()));
}

TEST(PimTiles, WithoutSkippingTilesAddUpToTheLayer) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  // The planes of operands whose every vector has all bits are those of a design that skips none.
  Filled small("pim_9x6_w5_mux3_skip");
  cosim::MacSpec mac = small.pim.mac;
  mac.acts = small.acts;
  for (std::size_t i = 0; i < small.network.layers.size(); ++i) {
    model::Layer& layer = small.network.layers[i];
    layer.pad_top = layer.pad_bottom = layer.pad_left = layer.pad_right = 0;
    layer.in_height += 8;
    layer.in_width += 8;
    LayerCodes ones;
    ones.acts.assign(static_cast<std::size_t>(layer.input_elements()), 15);
    ones.weights.assign(static_cast<std::size_t>(layer.weight_elements()), 1);
    small.operands[i] = std::make_unique<LayerOperands>(layer, mac, std::move(ones));
  }
  for (int variant = 0; variant < 3; ++variant) {
    const mapping::NetworkMapping cut = halved(small.graph, variant);
    const auto whole = run::simulate_isolated(small.graph, small.design, cut);
    const auto tiles = simulated_tile_by_tile(small.graph, small.design, cut, small.operands);
    for (std::size_t i = 0; i < tiles.size(); ++i) {
      EXPECT_EQ(tiles[i], whole.layers[i].compute_cycles) << small.graph.tasks[i].name;
    }
  }
}

}  // namespace
}  // namespace bitscale::verify

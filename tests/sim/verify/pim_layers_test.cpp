#include "sim/verify/pim_layers.h"

#include <gtest/gtest.h>

#include "rtl/cosim/mac_model.h"
#include "sim/run/isolated.h"
#include "sim/verify/array_layers.h"
#include "tests/support/broken_models.h"

namespace bitscale::verify {
namespace {

cosim::PimSpec pim_named(const std::string& name) {
  for (const cosim::NamedSet& set : cosim::named_sets_of("pim_array")) {
    if (set.name == name) return cosim::pim_spec(set);
  }
  return {};
}

struct SmallPim {
  explicit SmallPim(const std::string& name) : pim(pim_named(name)) {}

  PimLayerCheck check(cosim::PimModel& model, std::size_t task,
                      const mapping::NetworkMapping& mapping, std::int64_t cycles) const {
    cosim::MacSpec mac = pim.mac;
    mac.acts = acts;
    const LayerOperands operands(network.layers[task], mac, 7);
    return check_pim_layer(model, pim, graph.tasks[task], mapping.tasks[task].tiling, operands,
                           cycles, 7);
  }

  cosim::PimSpec pim;
  numeric::IntegerFormat acts{3, false};
  spec::AcceleratorSpec design = pim_design(pim, 1 << 12, 1 << 20);
  model::Network network = small_layers();
  mapping::TaskGraph graph = pim_tasks(network, pim, acts, design);
};

TEST(PimLayers, TheComponentsTakeTheCyclesOfTheRtl) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  const SmallPim small("pim_9x6_w5_slice4_mux3");
  const auto model = cosim::make_pim(small.pim.name);
  for (const mapping::NetworkMapping& mapping : {uncut(small.graph), halved(small.graph, 1)}) {
    const auto simulated = run::simulate_isolated(small.graph, small.design, mapping);
    for (std::size_t i = 0; i < small.graph.tasks.size(); ++i) {
      const std::int64_t cycles = simulated.layers[i].compute_cycles;
      const PimLayerCheck check = small.check(*model, i, mapping, cycles);
      EXPECT_EQ(check.mismatches, 0) << check.failure->text;
      EXPECT_EQ(check.layer_cycles, cycles);
      EXPECT_EQ(check.tiles, simulated.layers[i].tiles);
      EXPECT_GE(check.arrays, check.tiles);
      EXPECT_GT(check.outputs, 0);
    }
  }
}

TEST(PimLayers, ASkippedPlaneIsSkippedInBoth) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  SmallPim small("pim_9x6_w5_mux3_skip");
  const auto model = cosim::make_pim(small.pim.name);
  cosim::MacSpec mac = small.pim.mac;
  mac.acts = small.acts;
  const LayerOperands operands(small.network.layers[0], mac, 7);
  small.graph.tasks[0].pim_planes = operands.pim_planes(*small.design.pim);
  const mapping::NetworkMapping mapping = uncut(small.graph);
  const auto simulated = run::simulate_isolated(small.graph, small.design, mapping);
  const PimLayerCheck check = small.check(*model, 0, mapping, simulated.layers[0].compute_cycles);
  EXPECT_EQ(check.mismatches, 0) << check.failure->text;
}

TEST(PimLayers, AWrongTimeIsDrawnWithItsSeed) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  const SmallPim small("pim_9x6_w5_slice4_mux3");
  const auto model = cosim::make_pim(small.pim.name);
  const PimLayerCheck check = small.check(*model, 1, uncut(small.graph), 12345);
  EXPECT_EQ(check.mismatches, 1);
  ASSERT_TRUE(check.failure);
  for (const char* part : {"strided", "seed 7", "the components take 12345 cycles"}) {
    EXPECT_NE(check.failure->text.find(part), std::string::npos) << check.failure->text;
  }
  EXPECT_NE(check.failure->vcd.find("$enddefinitions"), std::string::npos);
}

TEST(PimLayers, SampledTilesTakeTheCyclesOfTheMapping) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  const SmallPim small("pim_9x6_w5_mux3_skip");
  const auto model = cosim::make_pim(small.pim.name);
  const mapping::NetworkMapping cut = halved(small.graph, 0);
  const auto sample = [&](std::int64_t most_macs) {
    return check_sampled_pim_tiles(*model, small.pim, small.design, small.graph.tasks[0],
                                   cut.tasks[0].tiling, most_macs, 5);
  };
  const PimLayerCheck check = sample(1 << 20);
  EXPECT_EQ(check.tiles, 3);
  EXPECT_EQ(check.mismatches, 0) << check.failure->text;
  EXPECT_EQ(sample(10).tiles, 0);
}

}  // namespace
}  // namespace bitscale::verify

#include "arch/cost/activity.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace bitscale::cost {
namespace {

RunActivity sample_run() {
  RunActivity run;
  run.accelerator.name = "small";
  run.accelerator.pim.emplace().cost.per_mac = {{16, 1.0}};
  run.accelerator.buffers.weight.capacity_bytes = 4096;
  run.accelerator.buffers.act.capacity_bytes = 4096;
  run.accelerator.buffers.output.capacity_bytes = 4096;
  run.accelerator.dram.bandwidth_gbps = 12.8;
  run.network = "net";
  run.engine = "analytic";
  run.batch = 3;
  run.clock_mhz = 1000.0 / 3;
  run.steady_latency_cycles = 77;
  LayerActivity layer;
  layer.name = "conv \"1\"";
  layer.kind = "conv";
  layer.precision.weight_bits = 3;
  layer.precision.weight_encoding = numeric::WeightEncoding::Odd;
  layer.macs = std::numeric_limits<std::int64_t>::max();
  layer.latency_cycles = 40;
  layer.ideal_cycles = 0.1;
  layer.act_density = 1.0 / 3;
  for (std::size_t i = 0; i < kActionCount; ++i) layer.counts[i] = static_cast<std::int64_t>(i * i);
  run.layers = {layer, layer};
  run.layers[1].act_density = -1;
  run.steady_layers = {layer};
  return run;
}

std::string written(const RunActivity& run) {
  base::JsonWriter json;
  write_counts(json, run);
  return json.take();
}

RunActivity read(const std::string& text) {
  const base::JsonValue document = base::parse_json(text, "counts.json");
  base::Problems problems;
  base::JsonReader reader(document, problems);
  RunActivity run = read_counts(reader);
  problems.throw_if_any();
  return run;
}

TEST(Activity, CountsSurviveTheRoundTripExactly) {
  const RunActivity run = sample_run();
  const std::string text = written(run);
  const RunActivity again = read(text);
  EXPECT_EQ(written(again), text);
  EXPECT_EQ(again.layers[0].counts, run.layers[0].counts);
  EXPECT_EQ(again.layers[0].macs, run.layers[0].macs);
  EXPECT_EQ(again.layers[0].ideal_cycles, run.layers[0].ideal_cycles);
  EXPECT_EQ(again.layers[0].act_density, run.layers[0].act_density);
  EXPECT_EQ(again.layers[1].act_density, -1);
  EXPECT_EQ(again.clock_mhz, run.clock_mhz);
  EXPECT_EQ(again.latency_cycles(), 80);
}

TEST(Activity, UnknownAndNegativeCountsAreRefused) {
  std::string text = written(sample_run());
  const std::string key = "\"dma_bits\": 100";
  text.replace(text.find(key), key.size(), "\"dma_bit\": 100");
  try {
    read(text);
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("dma_bits"), std::string::npos) << error.what();
  }
  text = written(sample_run());
  text.replace(text.find(key), key.size(), "\"dma_bits\": -1");
  EXPECT_THROW(read(text), base::UserError);
}

TEST(Activity, LayersWiderThanThePeAreRefused) {
  RunActivity run = sample_run();
  run.layers[0].count(Action::Mac) = 5;
  run.layers[0].precision.act_bits = 8;
  EXPECT_NO_THROW(read(written(run)));
  run.layers[0].precision.act_bits = 9;
  EXPECT_THROW(read(written(run)), base::UserError);
  run.layers[0].count(Action::Mac) = 0;  // a layer without MACs does not enter the PEs
  EXPECT_NO_THROW(read(written(run)));
}

TEST(Activity, LayersOnPimArraysNeedThemAtTheirWidths) {
  RunActivity run = sample_run();
  run.accelerator.pim->act_bits = 4;
  run.layers[0].count(Action::Mac) = run.layers[1].count(Action::Mac) = 0;
  run.steady_layers.clear();
  run.layers[0].precision.act_bits = run.layers[1].precision.act_bits = 4;
  EXPECT_NO_THROW(read(written(run)));
  run.layers[1].precision.act_bits = 5;
  EXPECT_THROW(read(written(run)), base::UserError);
  run.layers[1].precision.act_bits = 4;
  run.accelerator.pim.reset();
  EXPECT_THROW(read(written(run)), base::UserError);
}

TEST(Activity, EveryActionHasItsOwnNameAndAComponent) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kActionCount; ++i) names.insert(name(static_cast<Action>(i)));
  EXPECT_EQ(names.size(), kActionCount);
  EXPECT_EQ(name(Action::WeightReadBit), "weight_read_bits");
  EXPECT_EQ(name(Action::DramWriteBit), "dram_write_bits");
  EXPECT_EQ(component_of(Action::Mac), Component::MacArray);
  EXPECT_EQ(component_of(Action::OutputReadBit), Component::OutputBuffer);
  EXPECT_EQ(component_of(Action::DramReadBit), Component::Dram);
  EXPECT_EQ(name(Component::Dram), "dram");
}

}  // namespace
}  // namespace bitscale::cost

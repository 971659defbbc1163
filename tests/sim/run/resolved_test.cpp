#include "sim/run/resolved.h"

#include <gtest/gtest.h>

#include "arch/cost/cost_model.h"
#include "sim/mapping/mapping_json.h"
#include "sim/run/plan.h"
#include "tests/support/reference.h"

namespace bitscale::run {
namespace {

RunConfig config_of(const char* precision, std::vector<std::string> sets = {}) {
  RunRequest request;
  request.network = "resnet20_cifar10";
  request.precision = precision;
  request.sets = std::move(sets);
  return load_config(request, Catalog(testing::source_path("")));
}

TEST(Resolved, ReadsBackWhatItWrote) {
  const RunConfig config = config_of("w4a4_first_last_8", {"/batch=3", "/objective=energy"});
  const std::string text = resolved_json(config);
  const RunConfig again = read_resolved(base::parse_json(text, "resolved.json"));
  EXPECT_EQ(resolved_json(again), text);
  EXPECT_EQ(again.batch, 3);
  EXPECT_EQ(again.objective, mapping::Objective::Energy);
  ASSERT_EQ(again.precisions.size(), config.precisions.size());
  EXPECT_EQ(again.precisions.front().weight_bits, 8);
  EXPECT_EQ(again.precisions[1].weight_bits, 4);
}

// The default design cites the rates of its configurable PE, which other kinds do not have.
TEST(Resolved, ReadsBackWithTheKindOfThePeChanged) {
  for (const char* kind : {"fixed", "decomposable", "bit_serial", "configurable"}) {
    const std::string set = std::string("/arch/mac_array/pe/kind=") + kind;
    const std::string text = resolved_json(config_of("w8a8", {set}));
    EXPECT_EQ(resolved_json(read_resolved(base::parse_json(text, "resolved.json"))), text) << kind;
    EXPECT_EQ(text.find("/mac_array/pe/macs_per_cycle_at") != std::string::npos,
              kind == std::string("configurable"));
  }
}

// The mapping a run was given decides its numbers, so it is part of what is resolved.
TEST(Resolved, HoldsTheGivenMappingAndNoOther) {
  RunConfig config = config_of("w8a8");
  EXPECT_EQ(resolved_json(config).find("\n  \"mapping\""), std::string::npos);
  const cost::CostModel prices(config.accelerator, config.technology);
  const mapping::TaskGraph graph = plan_tasks(config, prices);
  mapping::NetworkMapping small = plan_mapping(config, graph, prices);
  small.tasks.front().tiling.channels = 1;
  base::JsonWriter json;
  mapping::write_mapping(json, graph, small);
  config.mapping = base::parse_json(json.take(), "mapping.json");
  const std::string text = resolved_json(config);
  const RunConfig again = read_resolved(base::parse_json(text, "resolved.json"));
  EXPECT_EQ(resolved_json(again), text);
  ASSERT_TRUE(again.mapping);
  EXPECT_EQ(plan_mapping(again, graph, prices).tasks.front().tiling.channels, 1);
  config.mapping = base::JsonValue::make_string("mapping.json");
  EXPECT_THROW(read_resolved(base::parse_json(resolved_json(config), "r.json")), base::UserError);
}

TEST(Resolved, NeedsEveryMember) {
  const std::string text = resolved_json(config_of("w8a8"));
  for (const char* key :
       {"\"batch\"", "\"objective\"", "\"layer_precision\"", "\"inputs\"", "\"set\"", "\"tech\""}) {
    std::string changed = text;
    changed.replace(changed.rfind(std::string("\n  ") + key) + 3, 2, "\"X");
    EXPECT_THROW(read_resolved(base::parse_json(changed, "resolved.json")), base::UserError) << key;
  }
}

TEST(Resolved, WidthsMustFollowFromThePlan) {
  base::JsonValue document = base::parse_json(resolved_json(config_of("w8a8")), "r.json");
  base::JsonValue layers = *document.find("layer_precision");
  layers.items[2].set("acc_bits", base::JsonValue::make_integer(31));
  layers.items[4].set("name", base::JsonValue::make_string("other"));
  document.set("layer_precision", layers);
  try {
    read_resolved(document);
    FAIL();
  } catch (const base::UserError& error) {
    ASSERT_EQ(error.problems().size(), 2u) << error.what();
    EXPECT_EQ(error.problems()[0].where, "r.json:/layer_precision/2/acc_bits");
    EXPECT_EQ(error.problems()[1].where, "r.json:/layer_precision/4/name");
  }
  layers.items.pop_back();
  document.set("layer_precision", layers);
  EXPECT_THROW(read_resolved(document), base::UserError);
}

}  // namespace
}  // namespace bitscale::run

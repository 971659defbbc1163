#include "sim/mapping/mapping_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/mapping/mapping_check.h"
#include "tests/support/problems.h"
#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

using ::testing::HasSubstr;

spec::AcceleratorSpec design_with(std::int64_t capacity_bytes) {
  spec::AcceleratorSpec design;
  design.buffers.shared = true;
  design.buffers.weight = {capacity_bytes, 1024, 4, 1};
  design.dram.bandwidth_gbps = 16;
  design.residency = spec::Residency::Network;
  return design;
}

struct Mapped {
  spec::AcceleratorSpec design = design_with(1 << 20);
  TaskGraph graph;
  NetworkMapping mapping;

  Mapped() {
    const model::Network network = testing::committed_network("resnet20_cifar10");
    graph = make_tasks(network, testing::uniform_bits(network, 8, 8), design, 1);
    mapping = map_network(graph, design, Objective::Latency, nullptr);
  }
  std::string written() const {
    base::JsonWriter json;
    write_mapping(json, graph, mapping);
    return json.take();
  }
  NetworkMapping read(const std::string& text) const {
    base::Problems problems;
    const auto document = base::parse_json(text, "mapping.json");
    base::JsonReader reader(document, problems);
    NetworkMapping result = read_mapping(reader, graph, design);
    problems.throw_if_any();
    return result;
  }
  std::string problem(const std::string& from, const std::string& to) const {
    std::string text = written();
    const std::size_t at = text.find(from);
    if (at == std::string::npos) return "not in the document: " + from;
    text.replace(at, from.size(), to);
    return testing::user_error_of([&] { read(text); });
  }
};

TEST(MappingJson, ReadsBackWhatTheSearchFound) {
  const Mapped mapped;
  const NetworkMapping back = mapped.read(mapped.written());
  ASSERT_EQ(back.tasks.size(), mapped.mapping.tasks.size());
  bool any_resident = false;
  for (std::size_t i = 0; i < back.tasks.size(); ++i) {
    const TaskMapping& a = mapped.mapping.tasks[i];
    const TaskMapping& b = back.tasks[i];
    EXPECT_EQ(a.tiling.channels, b.tiling.channels);
    EXPECT_EQ(a.tiling.rows, b.tiling.rows);
    EXPECT_EQ(a.tiling.order, b.tiling.order);
    EXPECT_EQ(a.placement.input, b.placement.input);
    EXPECT_EQ(a.placement.output, b.placement.output);
    EXPECT_EQ(a.placement.skips, b.placement.skips);
    EXPECT_EQ(a.placement.weights, b.placement.weights);
    any_resident |= b.placement.output;
  }
  EXPECT_TRUE(any_resident);
}

TEST(MappingJson, NamesWhatIsWrong) {
  const Mapped mapped;
  EXPECT_THAT(mapped.problem("\"conv1\"", "\"conv9\""),
              ::testing::AllOf(HasSubstr("mapping.json:/tasks/0/name"),
                               HasSubstr("no task 'conv9'"), HasSubstr("task 'conv1' is missing")));
  EXPECT_THAT(mapped.problem("\"channels\": 16", "\"channels\": 17"),
              HasSubstr("/tasks/0/tile/channels: task 'conv1': expected 1 to 16, given 17"));
  EXPECT_THAT(mapped.problem("\"channels\": 16", "\"channels\": 0"), HasSubstr("channels"));
  EXPECT_THAT(mapped.problem("\"pixels\"", "\"channels\""), HasSubstr("each loop once"));
  EXPECT_THAT(mapped.problem("\"order\"", "\"ordre\""), HasSubstr("order"));
  EXPECT_THAT(mapped.problem("\"schema_version\": 1", "\"schema_version\": 2"),
              HasSubstr("schema_version"));
}

TEST(MappingJson, RefusesATaskMappedTwice) {
  const Mapped mapped;
  EXPECT_THAT(mapped.problem("\"name\": \"layer1.0.conv1\"", "\"name\": \"conv1\""),
              HasSubstr("mapped twice"));
}

TEST(MappingCheck, SaysWhatDoesNotFit) {
  Mapped mapped;
  mapped.design = design_with(2048);
  EXPECT_THAT(testing::user_error_of([&] { mapped.read(mapped.written()); }),
              HasSubstr("does not fit"));
}

// Residents larger than a buffer leave nothing, not a negative number of bytes.
TEST(MappingCheck, SaysByHowMuchResidentsAreTooLarge) {
  Mapped mapped;
  mapped.design = design_with(2048);
  const std::string shared = testing::user_error_of([&] { mapped.read(mapped.written()); });
  EXPECT_THAT(shared,
              ::testing::ContainsRegex(
                  "there are 0 \\(they alone are [1-9][0-9]* bytes too large\\) bytes in all"));
  EXPECT_THAT(shared, ::testing::Not(HasSubstr(" -")));
  mapped.design.buffers.shared = false;
  mapped.design.buffers.weight = mapped.design.buffers.output = {1 << 20, 1024, 4, 1};
  mapped.design.buffers.act = {1024, 1024, 4, 1};
  mapped.mapping.tasks[0].placement.output = true;
  EXPECT_THAT(mapping_problem(mapped.graph, mapped.design, mapped.mapping, 0),
              ::testing::ContainsRegex(
                  "there are [0-9]+, 0 \\(they alone are 15360 bytes too large\\) and 1048576"));
}

TEST(MappingCheck, HoldsPlacementsToTheDesign) {
  Mapped mapped;
  mapped.design.residency = spec::Residency::Layer;
  mapped.mapping.tasks[0].placement.weights = WeightPlacement::Pinned;
  EXPECT_THAT(mapping_problem(mapped.graph, mapped.design, mapped.mapping, 0),
              HasSubstr("residency is network"));
  mapped.mapping.tasks[0].placement.weights = WeightPlacement::Streamed;
  mapped.design.residency = spec::Residency::None;
  mapped.mapping.tasks[0].placement.output = true;
  EXPECT_THAT(mapping_problem(mapped.graph, mapped.design, mapped.mapping, 0),
              HasSubstr("residency is none"));
  const std::size_t last = mapped.graph.tasks.size() - 1;
  mapped.design.residency = spec::Residency::Layer;
  mapped.mapping.tasks[last].placement.output = true;
  EXPECT_THAT(mapping_problem(mapped.graph, mapped.design, mapped.mapping, last),
              HasSubstr("no later layer reads it"));
}

TEST(LoopNests, PrintEachLoopWithItsTiles) {
  Mapped mapped;
  mapped.graph.tasks.resize(1);
  mapped.mapping.tasks.resize(1);
  TaskMapping& task = mapped.mapping.tasks[0];
  task.tiling = {1, 16, 3, 1, 8, 32, {Loop::Pixels, Loop::Channels, Loop::Reduction}};
  task.placement = {};
  EXPECT_EQ(loop_nests(mapped.graph, mapped.mapping),
            "conv1 (conv)\n"
            "  for pixels in 4 tiles of 8 of 32 rows, 32 of 32 cols\n"
            "    for channels in 1 tiles of 16 of 16 channels\n"
            "      for reduction in 1 tiles of 3 of 3 input channels, all 9 taps\n"
            "        input from DRAM, weights streamed, output to DRAM\n");
}

TEST(ReadMapping, IsOfTheNetworkItNames) {
  const Mapped mapped;
  std::string text = mapped.written();
  const std::string name = "\"resnet20_cifar10\"";
  text.replace(text.find(name), name.size(), "\"other\"");
  EXPECT_THAT(testing::user_error_of([&] { mapped.read(text); }),
              HasSubstr("/network: a mapping of the network 'other', not of 'resnet20_cifar10'"));
}

// Neither a tile that could not be read nor a list that is none is a second problem.
TEST(ReadMapping, AWrongValueIsToldOnce) {
  const Mapped mapped;
  std::string text = mapped.written();
  const std::string channels = "\"channels\": ";
  text.insert(text.find(channels) + channels.size(), "-");
  const auto problems_in = [&](const std::string& document) {
    base::Problems problems;
    const base::JsonValue value = base::parse_json(document, "m.json");
    base::JsonReader reader(value, problems);
    read_mapping(reader, mapped.graph, mapped.design);
    return problems.size();
  };
  EXPECT_EQ(problems_in(mapped.written()), 0u);
  EXPECT_EQ(problems_in(text), 1u);
  EXPECT_EQ(problems_in(R"({"schema_version": 1, "tasks": 3})"), 1u);
}

}  // namespace
}  // namespace bitscale::mapping

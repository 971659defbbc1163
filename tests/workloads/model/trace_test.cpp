#include "workloads/model/trace.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "tests/support/reference.h"
#include "workloads/model/checksum.h"
#include "workloads/model/npy.h"

namespace bitscale::model {
namespace {

std::filesystem::path digits() { return testing::source_path("workloads/traces/digits_mlp_w4a4"); }

/// A copy of the committed trace that a test may damage.
class TraceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder = std::filesystem::path(::testing::TempDir()) / (std::string("trace_") + info->name());
    std::filesystem::remove_all(folder);
    std::filesystem::copy(digits(), folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string content(const char* file) const {
    return base::read_text_file(folder / file, 1u << 24);
  }
  void replace(const char* file, const std::string& text) const {
    base::write_file_atomically(folder / file, text);
  }
  /// Replaces a part of trace.json and its checksum.
  void edit(const std::string& from, const std::string& to) const {
    std::string text = content("trace.json");
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    replace("trace.json", text);
    replace("trace.sha256", sha256(text) + "  trace.json\n");
  }
  std::string problem() const {
    try {
      read_trace(folder);
    } catch (const base::UserError& error) {
      return error.what();
    }
    return "";
  }
  void expect_problem(const char* part) const {
    EXPECT_NE(problem().find(part), std::string::npos) << problem();
  }

  std::filesystem::path folder;
};

/// Index of the largest of a row of integers.
std::int64_t best(const std::vector<std::int64_t>& row) {
  return std::max_element(row.begin(), row.end()) - row.begin();
}

/// Runs dense layers only, by their definition: what the executors are compared with.
std::vector<std::int64_t> run_dense(const QuantizedGraph& graph, std::vector<std::int64_t> acts) {
  for (const QuantizedNode& node : graph.nodes) {
    std::vector<std::int64_t> next;
    const auto length = static_cast<std::int64_t>(acts.size());
    for (std::int64_t channel = 0; channel < graph.layer(node).out_channels; ++channel) {
      std::int64_t sum = node.bias[static_cast<std::size_t>(channel)];
      for (std::int64_t k = 0; k < length; ++k) {
        sum += node.weights.codes.integer(channel * length + k) * acts[static_cast<std::size_t>(k)];
      }
      const bool last = node.rule.kind == RequantizationKind::None;
      next.push_back(last ? sum : node.rule.code(static_cast<double>(sum), channel));
    }
    acts = next;
  }
  return acts;
}

TEST_F(TraceTest, TheDigitsNetworkIsRightFor492Of500Samples) {
  const Trace trace = read_trace(folder);
  ASSERT_TRUE(trace.samples && trace.samples->labels);
  const Tensor& inputs = trace.samples->inputs;
  ASSERT_EQ(inputs.dims(), (Dims{500, 64}));
  int right = 0;
  for (std::int64_t sample = 0; sample < 500; ++sample) {
    std::vector<std::int64_t> pixels;
    for (std::int64_t k = 0; k < 64; ++k) pixels.push_back(inputs.integer(sample * 64 + k));
    right += best(run_dense(trace.graph, pixels)) == trace.samples->labels->integer(sample) ? 1 : 0;
  }
  EXPECT_EQ(right, 492);  // 0.984
}

TEST_F(TraceTest, LinksItsNodesToTheirGeometry) {
  const Trace trace = read_trace(folder / "trace.json");
  EXPECT_EQ(trace.graph.network.macs(), 64 * 48 + 48 * 32 + 32 * 10);
  EXPECT_EQ(trace.graph.layer(trace.graph.nodes[1]).inputs, std::vector<int>{0});
  EXPECT_EQ(sum_range(trace.graph, trace.graph.nodes[2]).signed_bits() > 8, true);
}

TEST_F(TraceTest, WrittenAgainItReadsTheSame) {
  const Trace first = read_trace(folder);
  const std::filesystem::path copy = folder / "copy";
  write_trace(copy, first);
  const Trace second = read_trace(copy);
  write_trace(folder / "copy2", second);
  EXPECT_EQ(base::read_text_file(copy / "trace.json", 1u << 24),
            base::read_text_file(folder / "copy2" / "trace.json", 1u << 24));
  ASSERT_EQ(first.graph.nodes.size(), second.graph.nodes.size());
  for (std::size_t i = 0; i < first.graph.nodes.size(); ++i) {
    EXPECT_TRUE(first.graph.nodes[i].weights.codes == second.graph.nodes[i].weights.codes);
    EXPECT_EQ(first.graph.nodes[i].bias, second.graph.nodes[i].bias);
    EXPECT_EQ(first.graph.nodes[i].rule.thresholds.values,
              second.graph.nodes[i].rule.thresholds.values);
  }
  EXPECT_TRUE(first.samples->inputs == second.samples->inputs);
}

// A folder holds one trace: what only its former one named goes, what none named stays.
TEST_F(TraceTest, AnotherTraceInItsPlaceLeavesNoTensorsBehind) {
  Trace trace = read_trace(folder);
  const std::filesystem::path place = folder / "place";
  write_trace(place, trace);
  ASSERT_TRUE(std::filesystem::exists(place / "samples.inputs.npy"));
  base::write_file_atomically(place / "mine.npy", "mine");
  base::write_file_atomically(folder / "outside.npy", "outside");
  trace.samples.reset();
  write_trace(place, trace);
  EXPECT_FALSE(std::filesystem::exists(place / "samples.inputs.npy"));
  EXPECT_TRUE(std::filesystem::exists(place / "mine.npy"));
  EXPECT_EQ(read_trace(place).graph.nodes.size(), trace.graph.nodes.size());
  // A document that names other people's files, or is none, takes nothing away.
  for (const char* former : {R"({"file": "../outside.npy", "x": [{"file": "mine.txt"}]})", "{"}) {
    base::write_file_atomically(place / "trace.json", former);
    base::write_file_atomically(place / "mine.txt", "mine");
    write_trace(place, trace);
    EXPECT_TRUE(std::filesystem::exists(folder / "outside.npy"));
    EXPECT_TRUE(std::filesystem::exists(place / "mine.txt"));
  }
}

TEST_F(TraceTest, EveryFlippedByteOfEveryFileIsRefused) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::string whole = content(name.c_str());
    for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 16) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      replace(name.c_str(), damaged);
      EXPECT_NE(problem(), "") << name << " byte " << at;
    }
    replace(name.c_str(), whole.substr(0, whole.size() / 2));
    EXPECT_NE(problem(), "") << name;
    replace(name.c_str(), whole);
  }
  EXPECT_EQ(problem(), "");
}

TEST_F(TraceTest, AChangedTensorIsNamed) {
  write_npy(folder / "fc1.bias.npy", Tensor({32}, std::vector<std::int64_t>(32, 0)));
  expect_problem("fc1.bias.npy: was changed: its SHA-256 is");
}

TEST_F(TraceTest, AMissingFileIsNamed) {
  std::filesystem::remove(folder / "fc1.codes.npy");
  expect_problem("fc1.codes.npy: no such file");
  std::filesystem::remove(folder / "trace.json");
  expect_problem("trace.json: no such file");
}

TEST_F(TraceTest, ATensorOfAnotherShapeIsNamed) {
  const Tensor wrong({10, 16}, std::vector<std::int8_t>(160, 1));
  const std::string before = sha256(content("fc2.codes.npy"));
  write_npy(folder / "fc2.codes.npy", wrong);
  edit(before, sha256(npy_content(wrong)));
  expect_problem("fc2.codes.npy: holds int8 [10, 16], trace.json says int8 [10, 32]");
}

TEST_F(TraceTest, AWeightOutsideItsDeclaredWidthIsRefused) {
  const std::string before = sha256(content("fc2.codes.npy"));
  Tensor codes = read_npy(folder / "fc2.codes.npy");
  codes.mutable_data<std::int8_t>()[3] = 8;
  write_npy(folder / "fc2.codes.npy", codes);
  edit(before, sha256(npy_content(codes)));
  expect_problem("node 'fc2': weight 3 has code 8, outside its declared -8 … 7");
}

TEST_F(TraceTest, LabelsMustFitTheSamples) {
  const std::string before = sha256(content("samples.labels.npy"));
  const Tensor labels({499}, std::vector<std::int64_t>(499, 0));
  write_npy(folder / "samples.labels.npy", labels);
  edit(before, sha256(npy_content(labels)));
  edit(
      "\"labels\": {\n   \"file\": \"samples.labels.npy\",\n   \"dtype\": \"int64\",\n   "
      "\"dims\": [\n    500",
      "\"labels\": {\n   \"file\": \"samples.labels.npy\",\n   \"dtype\": \"int64\",\n   "
      "\"dims\": [\n    499");
  expect_problem("labels are int64 [499], 500 samples need integers [500]");
}

TEST_F(TraceTest, DocumentProblemsNameTheirPlace) {
  edit("\"licence\"", "\"license\"");
  expect_problem("unknown key");
}

TEST_F(TraceTest, AFileOutsideTheFolderIsRefused) {
  edit("\"fc0.bias.npy\"", "\"../fc0.bias.npy\"");
  expect_problem("/nodes/0/bias/file: must name a file of the trace's own folder");
}

TEST_F(TraceTest, ALinkOutOfTheFolderIsRefused) {
  const std::filesystem::path bias = folder / "fc0.bias.npy";
  const std::filesystem::path outside = folder.string() + "_bias.npy";
  std::filesystem::rename(bias, outside);
  std::filesystem::create_symlink(outside, bias);
  expect_problem("'fc0.bias.npy' is a link out of it");
  std::filesystem::remove(outside);
}

TEST_F(TraceTest, AnUnknownVersionIsRefused) {
  edit("\"schema_version\": 1", "\"schema_version\": 2");
  expect_problem("schema_version");
}

TEST_F(TraceTest, GeometryThatContradictsItsTensorsNamesItsPlace) {
  edit("\"out\": [\n    48,\n    1,\n    1", "\"out\": [\n    48,\n    2,\n    1");
  expect_problem(
      "trace.json:/layers/0/out: given [48, 2], expected [48, 1] of weights [48, 64] in 1 groups "
      "and tensor 'fc0_out' [1, 48] (channels, pixels)");
}

TEST_F(TraceTest, GeometryThatContradictsItsNeighbourNamesItsPlace) {
  edit("\"producers\": [\n    1\n", "\"producers\": [\n    0\n");
  expect_problem(
      "trace.json:/layers/2/producers: given 0, expected 1, which makes what node 'fc2' reads");
}

TEST_F(TraceTest, ALayerOfAnotherKindThanItsNodeIsRefused) {
  edit("\"kind\": \"gemm\"", "\"kind\": \"pool\"");
  expect_problem(
      "trace.json:/layers/0/kind: given pool, expected conv or gemm for node 'fc0' (mac)");
}

TEST_F(TraceTest, ALayerBelongsToOneNode) {
  edit("\"layer\": 1", "\"layer\": 0");
  expect_problem("trace.json:/layers/0: is the geometry of 2 nodes");
  expect_problem("trace.json:/layers/1: is the geometry of 0 nodes");
}

TEST_F(TraceTest, LayersAndNodesHaveNamesOfTheirOwn) {
  edit("\"layers\": [\n  {\n   \"name\": \"fc0\"", "\"layers\": [\n  {\n   \"name\": \"\"");
  expect_problem("trace.json:/layers/0/name: a layer needs a name");
  edit("\"layers\": [\n  {\n   \"name\": \"\"", "\"layers\": [\n  {\n   \"name\": \"fc1\"");
  expect_problem("trace.json:/layers/1/name: a layer named 'fc1' exists already");
  edit("\"nodes\": [\n  {\n   \"name\": \"fc0\"", "\"nodes\": [\n  {\n   \"name\": \"fc2\"");
  expect_problem("trace.json:/nodes/2/name: a node named 'fc2' exists already");
}

TEST_F(TraceTest, WhatANodeWithoutARuleMakesNamesItsPlace) {
  edit("\"kind\": \"sums\"", "\"kind\": \"float\"");
  expect_problem("trace.json:/nodes/2: node 'fc2': has no rule, so it makes sums, not float");
}

TEST_F(TraceTest, APipeInPlaceOfAFileIsRefusedWithoutWaiting) {
  for (const char* name : {"fc1.codes.npy", "trace.json"}) {
    std::filesystem::remove(folder / name);
    ASSERT_EQ(::mkfifo((folder / name).c_str(), 0600), 0);
    expect_problem((std::string(name) + ": is not a regular file").c_str());
  }
}

}  // namespace
}  // namespace bitscale::model

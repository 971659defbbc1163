// Real ONNX files from import to answer, against the answers that came with them. Here and not in
// tests/workloads/import, because only this room may use the importer and the executors together.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/onnx_node_tests.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"
#include "workloads/exec/batch.h"
#include "workloads/exec/float_executor.h"
#include "workloads/exec/integer_executor.h"
#include "workloads/import/onnx.h"
#include "workloads/import/onnx_model.h"
#include "workloads/model/lowering.h"
#include "workloads/model/npy.h"
#include "workloads/model/trace.h"

namespace bitscale {
namespace {

using model::Tensor;

/// Index of the largest of each row.
std::vector<std::int64_t> classes(const Tensor& logits) {
  std::vector<std::int64_t> best;
  const std::int64_t width = logits.dims().back();
  const std::vector<double> values = logits.reals();
  for (auto row = values.begin(); row != values.end(); row += width) {
    best.push_back(std::max_element(row, row + width) - row);
  }
  return best;
}

/// Outputs of the integer executor, also after a way through the trace's files.
std::vector<Tensor> run_integers(const model::QuantizedGraph& graph, const Tensor& samples) {
  const exec::IntegerExecutor executor(graph, {});
  auto direct = exec::run_batch(executor, {samples}, {}).outputs;
  const testing::TempFolder folder;
  model::Trace trace;
  trace.graph = graph;
  model::write_trace(folder.path(), trace);
  const model::Trace read = model::read_trace(folder.path());
  const auto replayed =
      exec::run_batch(exec::IntegerExecutor(read.graph, {}), {samples}, {}).outputs;
  EXPECT_TRUE(replayed.at(0) == direct.at(0)) << graph.name;
  return direct;
}

/// Multiply-accumulates of the network that run on integers.
std::int64_t integer_macs(const model::QuantizedGraph& graph) {
  std::int64_t macs = graph.network.macs();
  for (const model::FloatMacs& entry : graph.float_macs) macs -= entry.macs;
  return macs;
}

class NodeTest : public ::testing::TestWithParam<const char*> {};

TEST_P(NodeTest, IsBitExact) {
  const auto folder = testing::reference_path("data/onnx_node_tests") / GetParam();
  BITSCALE_REQUIRE_REFERENCE(folder);
  const auto data = folder / "test_data_set_0";
  const import::OnnxModel file = import::read_onnx_model(folder / "model.onnx");
  std::map<std::string, Tensor> bindings;  // everything but the first input: weights, scales …
  for (std::size_t i = 1; i < file.inputs.size(); ++i) {
    bindings[file.inputs[i].name] =
        import::read_onnx_tensor(data / ("input_" + std::to_string(i) + ".pb"));
  }
  const model::Graph graph = import::import_onnx(folder / "model.onnx", bindings);
  const std::vector<Tensor> inputs = {import::read_onnx_tensor(data / "input_0.pb")};
  const auto outputs = exec::run_graph(graph, inputs);
  const model::QuantizedGraph lowered = model::lower(graph);
  const auto integer_outputs = exec::IntegerExecutor(lowered, {}).run(inputs);
  ASSERT_EQ(outputs.size(), file.outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Tensor expected =
        import::read_onnx_tensor(data / ("output_" + std::to_string(i) + ".pb"));
    EXPECT_TRUE(outputs[i] == expected) << i;
    EXPECT_TRUE(integer_outputs[i] == expected) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Onnx, NodeTest, ::testing::ValuesIn(testing::kOnnxNodeTests),
                         [](const auto& info) { return std::string(info.param); });

TEST(OnnxModels, MnistConvGivesItsGoldenOutput) {
  const auto folder = testing::reference_path("data/mnist_conv");
  BITSCALE_REQUIRE_REFERENCE(folder);
  const auto data = folder / "test_data_set_0";
  const model::Graph graph = import::import_onnx(folder / "model.onnx");
  const auto outputs = exec::run_graph(graph, {import::read_onnx_tensor(data / "input_0.pb")});
  const Tensor expected = import::read_onnx_tensor(data / "output_0.pb");
  ASSERT_EQ(outputs[0].dims(), expected.dims());
  for (std::int64_t i = 0; i < expected.elements(); ++i) {
    EXPECT_NEAR(outputs[0].real(i), expected.real(i), 1e-3) << i;
  }
}

TEST(OnnxModels, FinnExampleGivesItsClasses) {
  const auto folder = testing::reference_path("data/finn_tfc_w1a1");
  BITSCALE_REQUIRE_REFERENCE(folder);
  const model::Graph graph = import::import_onnx(folder / "model.onnx");
  const auto outputs = exec::run_samples(graph, model::read_npy(folder / "input.npy"), 2);
  const Tensor expected = model::read_npy(folder / "expected_output.npy");
  EXPECT_EQ(outputs[0].integers(), expected.integers());
  const model::QuantizedGraph lowered = model::lower(graph);
  EXPECT_EQ(integer_macs(lowered), 784 * 64 + 2 * 64 * 64 + 64 * 10);
  const auto integers = run_integers(lowered, model::read_npy(folder / "input.npy"));
  EXPECT_EQ(integers[0].integers(), expected.integers());
}

TEST(OnnxModels, TfcNetworksClassifyTheFinnImages) {
  const auto images = testing::reference_path("data/finn_tfc_w1a1/input.npy");
  BITSCALE_REQUIRE_REFERENCE(images);
  Tensor pixels = model::read_npy(images).cast(model::DType::Float32);
  float* data = pixels.mutable_data<float>();
  for (std::int64_t i = 0; i < pixels.elements(); ++i) data[i] /= 255.0F;
  for (const char* name : {"TFC_1W1A.onnx", "TFC_1W2A.onnx"}) {
    const auto file = testing::reference_path("data/qonnx_tfc") / name;
    BITSCALE_REQUIRE_REFERENCE(file);
    const model::Graph graph = import::import_onnx(file);
    const auto outputs = exec::run_samples(graph, pixels);
    EXPECT_EQ(classes(outputs[0]), (std::vector<std::int64_t>{7, 2, 1, 0})) << name;
    const model::QuantizedGraph lowered = model::lower(graph);
    EXPECT_EQ(integer_macs(lowered), 784 * 64 + 2 * 64 * 64 + 64 * 10) << name;
    const auto integers = run_integers(lowered, pixels);
    for (std::int64_t i = 0; i < outputs[0].elements(); ++i) {
      EXPECT_NEAR(integers[0].real(i), outputs[0].real(i), 1e-4) << name;
    }
  }
}

TEST(OnnxModels, EspcnDoublesTheImageOnItsOutputGrid) {
  const auto folder = testing::reference_path("data/qonnx_espcn");
  BITSCALE_REQUIRE_REFERENCE(folder);
  const model::Graph graph = import::import_onnx(folder / "quant_model.onnx");
  const Tensor image = import::read_onnx_tensor(folder / "input_0.pb").reshaped({1, 3, 128, 128});
  const auto outputs = exec::run_graph(graph, {image});
  ASSERT_EQ(outputs[0].dims(), (model::Dims{1, 3, 256, 256}));
  // A super-resolved image stays close to the image: the mean over each 2 × 2 block.
  double difference = 0;
  const float* large = outputs[0].data<float>();
  for (std::int64_t i = 0; i < image.elements(); ++i) {
    const std::int64_t row = i / 128, column = i % 128;
    const float* block = large + row * 2 * 256 + column * 2;
    const double mean = static_cast<double>(block[0] + block[1] + block[256] + block[257]) / 4;
    difference += std::fabs(mean - image.real(i)) / static_cast<double>(image.elements());
    const double codes = static_cast<double>(block[0]) * 255;
    ASSERT_NEAR(codes, std::round(codes), 1e-3);
  }
  EXPECT_LT(difference, 0.05);
  // With its 8-bit pixels quantized too, all MACs are integer and no output code differs.
  model::LoweringOptions options;
  options.input_quantizer = model::Quantizer();
  options.input_quantizer->format = {8, false};
  options.input_quantizer->scales = {1.0 / 255};
  const model::QuantizedGraph lowered = model::lower(graph, options);
  EXPECT_TRUE(lowered.float_macs.empty());
  EXPECT_TRUE(run_integers(lowered, image)[0] == outputs[0]);
  // Without, the first layer stays real and says so.
  const model::QuantizedGraph mixed = model::lower(graph);
  ASSERT_EQ(mixed.float_macs.size(), 1u);
  EXPECT_EQ(mixed.float_macs[0].node, "Conv_5");
}

}  // namespace
}  // namespace bitscale

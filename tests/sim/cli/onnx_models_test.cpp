// Real ONNX files from import to answer, against the answers that came with them. Here and not in
// tests/workloads/import, because only this room may use the importer and the executors together.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "workloads/exec/float_executor.h"
#include "workloads/import/onnx.h"
#include "workloads/import/onnx_model.h"
#include "workloads/model/npy.h"

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
  const auto outputs = exec::run_graph(graph, {import::read_onnx_tensor(data / "input_0.pb")});
  ASSERT_EQ(outputs.size(), file.outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto expected = data / ("output_" + std::to_string(i) + ".pb");
    EXPECT_TRUE(outputs[i] == import::read_onnx_tensor(expected)) << expected;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Onnx, NodeTest,
    ::testing::Values("test_basic_convinteger", "test_convinteger_with_padding",
                      "test_convinteger_without_padding", "test_dequantizelinear",
                      "test_dequantizelinear_axis", "test_dynamicquantizelinear",
                      "test_matmulinteger", "test_qlinearconv", "test_qlinearmatmul_2D",
                      "test_qlinearmatmul_3D", "test_quantizelinear", "test_quantizelinear_axis"),
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
    const auto outputs = exec::run_samples(import::import_onnx(file), pixels);
    EXPECT_EQ(classes(outputs[0]), (std::vector<std::int64_t>{7, 2, 1, 0})) << name;
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
}

}  // namespace
}  // namespace bitscale

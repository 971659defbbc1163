// ONNX's own node tests through the program: scales, zero points and weights that the model takes
// as inputs are bound to files, the outputs written are the expected ones to the bit.
#include <gtest/gtest.h>

#include "tests/sim/cli/cli_support.h"
#include "tests/support/onnx_node_tests.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"
#include "workloads/import/onnx_model.h"
#include "workloads/model/npy.h"

namespace bitscale::cli {
namespace {

class NodeRun : public ::testing::TestWithParam<const char*> {};

TEST_P(NodeRun, WritesTheExpectedOutput) {
  const auto folder = testing::reference_path("data/onnx_node_tests") / GetParam();
  BITSCALE_REQUIRE_REFERENCE(folder);
  const auto data = folder / "test_data_set_0";
  const testing::TempFolder out;
  std::vector<std::string> words = {"run",      (folder / "model.onnx").string(),
                                    "--inputs", (data / "input_0.pb").string(),
                                    "-o",       out.path().string(),
                                    "--quiet"};
  const import::OnnxModel model = import::read_onnx_model(folder / "model.onnx");
  for (std::size_t i = 1; i < model.inputs.size(); ++i) {
    words.emplace_back("--bind");
    words.push_back(model.inputs[i].name + '=' +
                    (data / ("input_" + std::to_string(i) + ".pb")).string());
  }
  const CliOutcome outcome = call_program(words);
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  const model::Tensor expected = import::read_onnx_tensor(data / "output_0.pb");
  const model::Tensor made = model::read_npy(out / "outputs.npy");
  EXPECT_EQ(made.dtype(), expected.dtype());
  EXPECT_EQ(made.reals(), expected.reals());
}

INSTANTIATE_TEST_SUITE_P(Cli, NodeRun, ::testing::ValuesIn(testing::kOnnxNodeTests),
                         [](const auto& info) { return std::string(info.param); });

TEST(NodeRun, AnInputThatMustBeConstantIsNamed) {
  const auto model = testing::reference_path("data/onnx_node_tests/test_quantizelinear/model.onnx");
  BITSCALE_REQUIRE_REFERENCE(model);
  const CliOutcome outcome = call_program({"run", model.string()});
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_NE(outcome.err.find("--bind y_scale=FILE"), std::string::npos) << outcome.err;
  for (const char* bind : {"y_scale", "=x.npy", "y_scale=", "no_such_input=" __FILE__}) {
    EXPECT_EQ(call_program({"run", model.string(), "--bind", bind}).status, kBadInput) << bind;
  }
}

TEST(Models, OfOtherToolsAreNamed) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"run", "net.tflite"},
        {"import", "onnx", "net.tflite", "-o", "nowhere"}}) {
    const CliOutcome outcome = call_program(words);
    EXPECT_EQ(outcome.status, kBadInput);
    EXPECT_NE(outcome.err.find(".tflite files are not read"), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace bitscale::cli

// bitscale quantize and import on models and files of unusual form: batches that the model fixes,
// inputs without a batch axis, tensors called what the writer calls its own, bytes for real inputs.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "sim/cli/command.h"
#include "tests/support/small_network.h"
#include "tests/support/temp_folder.h"
#include "workloads/exec/batch.h"
#include "workloads/export/qonnx_writer.h"
#include "workloads/import/onnx.h"
#include "workloads/model/fixed_batch.h"
#include "workloads/model/lowering.h"
#include "workloads/model/npy.h"
#include "workloads/model/trace.h"
#include "workloads/quantize/post_training.h"

namespace bitscale::cli {
namespace {

using model::Dims;
using model::Tensor;

struct Line {
  int status;
  std::string out, err;
};

Line run(std::vector<std::string> words) {
  words.insert(words.begin(), "bitscale");
  std::ostringstream out, err;
  const int status = run_line(words, out, err);
  return {status, out.str(), err.str()};
}

Tensor normal(const Dims& dims, unsigned seed) {
  Tensor tensor(model::DType::Float32, dims);
  std::mt19937 random(seed);
  std::normal_distribution<float> value;
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    tensor.mutable_data<float>()[i] = value(random);
  }
  return tensor;
}

/// x · w, Relu, · w2: 8 values to 4, of an input of shape {…, 8}.
model::Graph perceptron(const Dims& leading) {
  model::Graph graph;
  graph.name = "perceptron";
  const auto value = [&](const std::string& name, std::int64_t last) {
    model::Value made;
    made.name = name;
    made.dims = leading;
    made.dims.push_back(last);
    graph.values.push_back(made);
    return static_cast<int>(graph.values.size()) - 1;
  };
  const auto weights = [&](const std::string& name, const Dims& dims) {
    model::Value made;
    made.name = name;
    made.dims = dims;
    made.constant = normal(dims, static_cast<unsigned>(dims[1]));
    graph.values.push_back(made);
    return static_cast<int>(graph.values.size()) - 1;
  };
  const auto node = [&](model::Operator op, const std::string& name, std::vector<int> inputs,
                        int output) {
    model::Node made;
    made.op = op;
    made.name = name;
    made.inputs = std::move(inputs);
    made.outputs = {output};
    graph.nodes.push_back(made);
    return output;
  };
  const int x = value("x", 8), w1 = weights("w1", {8, 8}), w2 = weights("w2", {8, 4});
  const int a = node(model::Operator::MatMul, "m1", {x, w1}, value("a", 8));
  const int b = node(model::Operator::Relu, "r", {a}, value("b", 8));
  graph.inputs = {x};
  graph.outputs = {node(model::Operator::MatMul, "m2", {b, w2}, value("y", 4))};
  return graph;
}

class QuantizeFiles : public ::testing::Test {
 protected:
  std::string write(const char* name, const Tensor& tensor) const {
    model::write_npy(folder_ / name, tensor);
    return (folder_ / name).string();
  }
  std::string write(const char* name, const model::Graph& graph) const {
    exporting::write_qonnx(folder_ / name, graph);
    return (folder_ / name).string();
  }
  std::vector<Tensor> outputs_of_trace() const {
    const model::Trace trace = model::read_trace(trace_);
    const std::vector<Tensor> runs = {
        model::in_runs(trace.samples->inputs, model::samples_per_run(trace.graph))};
    return exec::run_batch(exec::IntegerExecutor(trace.graph, {}), runs, {}).outputs;
  }

  const testing::TempFolder folder_;
  const std::string trace_ = (folder_ / "trace").string();
};

// A batch that the model fixes is how many samples it takes at once, and changes no number.
TEST_F(QuantizeFiles, AFixedBatchTakesWholeOnes) {
  const std::string samples = write("x.npy", normal({8, 8}, 3));
  const std::string labels = write("y.npy", Tensor({8}, std::vector<std::int64_t>(8, 1)));
  std::vector<Tensor> outputs;
  for (const std::int64_t batch : {1, 4}) {
    const std::string file = write("m.onnx", perceptron({batch}));
    const Line line = run({"quantize", file, "-c", samples, "--refine", "--samples", samples,
                           "--labels", labels, "--max-samples", "5", "-o", trace_});
    ASSERT_EQ(line.status, kDone) << line.err;
    EXPECT_EQ(model::read_trace(trace_).samples->inputs.dims(), (Dims{batch == 1 ? 5 : 8, 8}));
    outputs.push_back(outputs_of_trace()[0]);
  }
  ASSERT_EQ(outputs[1].elements(), 32);
  for (std::int64_t i = 0; i < 20; ++i) EXPECT_EQ(outputs[0].real(i), outputs[1].real(i));
  const std::string five = write("five.npy", normal({5, 8}, 3));
  const std::string file = (folder_ / "m.onnx").string();
  const Line odd = run({"quantize", file, "-c", five, "-o", trace_});
  EXPECT_EQ(odd.status, kBadInput);
  EXPECT_NE(odd.err.find("five.npy: holds 5 samples; the network fixes its batch to 4"),
            std::string::npos)
      << odd.err;
  EXPECT_EQ(run({"quantize", file, "-c", samples, "--samples", five, "-o", trace_}).status,
            kBadInput);
}

TEST_F(QuantizeFiles, AnInputNeedsNoBatchAxis) {
  const std::string file = write("m.onnx", perceptron({}));
  const std::string many = write("many.npy", normal({6, 8}, 3));
  const std::string one = write("one.npy", normal({8}, 3));
  ASSERT_EQ(run({"quantize", file, "-c", many, "--samples", many, "-o", trace_}).status, kDone);
  EXPECT_EQ(outputs_of_trace()[0].elements(), 24);
  const Line line = run({"quantize", file, "-c", one, "--samples", one, "-o", trace_});
  ASSERT_EQ(line.status, kDone) << line.err;
  EXPECT_EQ(model::read_trace(trace_).samples->inputs.dims(), (Dims{1, 8}));
  const std::string wrong = write("wrong.npy", normal({6, 1, 8}, 3));
  const Line refused = run({"quantize", file, "-c", wrong, "-o", trace_});
  EXPECT_EQ(refused.status, kBadInput);
  EXPECT_NE(refused.err.find("needed: [samples] + [8]"), std::string::npos) << refused.err;
}

/// Weight codes of every MAC, in order.
std::vector<Tensor> weight_codes(const model::QuantizedGraph& graph) {
  std::vector<Tensor> codes;
  for (const model::QuantizedNode& node : graph.nodes) {
    if (node.op == model::QuantizedOp::Mac) codes.push_back(node.weights.codes);
  }
  return codes;
}

// QONNX files know tensors by name alone: a user's may be any of those the writer makes.
TEST_F(QuantizeFiles, WrittenTensorsKeepApartFromTheUsers) {
  testing::SmallNetwork network;
  const Tensor inputs = network.inputs(4);
  network.named("conv1.bias").name = "conv2.weight.quantized.scale";
  network.named("relu1.out").name = "input.quantized.scale";
  network.named("fc.bias").name = "input.quantized.bits";
  const auto result = quantize::quantize_graph(network.graph(), inputs, {}, "small");
  const model::Graph read = import::import_onnx(write("q.onnx", result.graph));
  EXPECT_EQ(weight_codes(quantize::lower_quantized(result)), weight_codes(model::lower(read)));
}

// Bytes are codes of a network that makes its real input bytes at once, and nothing of another.
TEST_F(QuantizeFiles, BytesAreTheCodesOfAQuantizedInput) {
  testing::SmallNetwork network;
  const Tensor reals = network.inputs(6);
  Tensor bytes(model::DType::UInt8, reals.dims());
  for (std::int64_t i = 0; i < reals.elements(); ++i) {
    bytes.mutable_data<std::uint8_t>()[i] =
        static_cast<std::uint8_t>(std::lround(reals.real(i) * 255));
  }
  const std::string file = write("u8.npy", bytes);
  const auto result = quantize::quantize_graph(network.graph(), reals, {}, "small");
  const std::string quantized = write("q.onnx", result.graph);
  std::vector<std::vector<Tensor>> outputs;
  for (const std::string& inputs : {file, write("x.npy", reals)}) {
    const Line line = run({"import", "onnx", quantized, "--inputs", inputs, "-o", trace_});
    ASSERT_EQ(line.status, kDone) << line.err;
    outputs.push_back(outputs_of_trace());
  }
  EXPECT_EQ(outputs[0], outputs[1]);
  const std::string real = write("real.onnx", network.graph());
  const Line line = run({"import", "onnx", real, "--inputs", file, "-o", trace_});
  EXPECT_EQ(line.status, kBadInput);
  EXPECT_NE(line.err.find("uint8"), std::string::npos) << line.err;
}

}  // namespace
}  // namespace bitscale::cli

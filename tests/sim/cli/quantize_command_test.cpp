// bitscale quantize from file to file: trace and QONNX of one network make the same integers.
#include <gtest/gtest.h>

#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "arch/base/json_value.h"
#include "sim/cli/command.h"
#include "tests/support/reference.h"
#include "tests/support/small_network.h"
#include "tests/support/temp_folder.h"
#include "workloads/exec/batch.h"
#include "workloads/exec/float_executor.h"
#include "workloads/export/qonnx_writer.h"
#include "workloads/import/npz_network.h"
#include "workloads/import/onnx.h"
#include "workloads/model/lowering.h"
#include "workloads/model/npy.h"
#include "workloads/model/trace.h"

namespace bitscale::cli {
namespace {

using model::Tensor;

struct Line {
  int status;
  std::string out, err;
};

Line run(std::vector<std::string> words) {
  words.insert(words.begin(), {"bitscale", "quantize"});
  std::ostringstream out, err;
  const int status = run_line(words, out, err);
  return {status, out.str(), err.str()};
}

/// The small network and its inputs as files.
class QuantizeCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::SmallNetwork network;
    graph_ = network.graph();
    inputs_ = network.inputs(20);
    exporting::write_qonnx(model_, graph_);
    model::write_npy(images_, inputs_);
    std::vector<std::int64_t> labels(20, 3);
    model::write_npy(labels_, Tensor({20}, labels));
  }

  const testing::TempFolder folder_;
  const std::string model_ = (folder_ / "small.onnx").string();
  const std::string images_ = (folder_ / "images.npy").string();
  const std::string labels_ = (folder_ / "labels.npy").string();
  const std::string trace_ = (folder_ / "trace").string();
  model::Graph graph_;
  Tensor inputs_;
};

TEST_F(QuantizeCommand, FloatNetworksSurviveTheFile) {
  const model::Graph read = import::import_onnx(model_);
  EXPECT_EQ(exec::run_samples(read, inputs_)[0], exec::run_samples(graph_, inputs_)[0]);
}

/// Weight codes of every MAC, in order.
std::vector<Tensor> weight_codes(const model::QuantizedGraph& graph) {
  std::vector<Tensor> codes;
  for (const model::QuantizedNode& node : graph.nodes) {
    if (node.op == model::QuantizedOp::Mac) codes.push_back(node.weights.codes);
  }
  return codes;
}

TEST_F(QuantizeCommand, TraceAndQonnxHoldTheSameIntegers) {
  for (const char* method : {"omse", "max_abs", "a2q", "a2q_plus"}) {
    const std::string qonnx = (folder_ / "small_q.onnx").string();
    const Line line = run({model_, "-m", method, "-c", images_, "-o", trace_, "--qonnx", qonnx});
    ASSERT_EQ(line.status, kDone) << line.err;
    const model::QuantizedGraph traced = model::read_trace(trace_).graph;
    const model::QuantizedGraph imported = model::lower(import::import_onnx(qonnx));
    EXPECT_EQ(weight_codes(traced), weight_codes(imported)) << method;
    // Every value of every sample, activations included.
    const exec::IntegerExecutor a(traced, {}), b(imported, {});
    for (std::int64_t i = 0; i < 20; ++i) {
      const Tensor sample = exec::sample_of(inputs_, i, {1, 1, 8, 8});
      const std::vector<Tensor> left = a.run_values({sample}), right = b.run_values({sample});
      ASSERT_EQ(left.size(), right.size());
      for (std::size_t v = 0; v < left.size(); ++v) EXPECT_EQ(left[v], right[v]) << method;
    }
  }
}

// Odd levels are k-bit codes in the trace and the same values in QONNX, which has no such encoding.
TEST_F(QuantizeCommand, OddLevelsMeanTheSameInBoth) {
  const std::string qonnx = (folder_ / "small_q.onnx").string();
  const Line line = run({model_, "-m", "sawb", "-c", images_, "-o", trace_, "--qonnx", qonnx});
  ASSERT_EQ(line.status, kDone) << line.err;
  const model::QuantizedGraph traced = model::read_trace(trace_).graph;
  const model::QuantizedGraph imported = model::lower(import::import_onnx(qonnx));
  EXPECT_EQ(exec::run_batch(exec::IntegerExecutor(traced, {}), {inputs_}, {}).outputs,
            exec::run_batch(exec::IntegerExecutor(imported, {}), {inputs_}, {}).outputs);
}

TEST_F(QuantizeCommand, DualLayersGoThroughBothFiles) {
  const std::string qonnx = (folder_ / "small_q.onnx").string();
  const Line line = run({model_, "-w", "2", "--dual-threshold", "0.01", "--refine", "-c", images_,
                         "-o", trace_, "--qonnx", qonnx});
  ASSERT_EQ(line.status, kDone) << line.err;
  EXPECT_NE(line.out.find("2 tensors"), std::string::npos);
  const model::QuantizedGraph traced = model::read_trace(trace_).graph;
  EXPECT_EQ(weight_codes(traced).size(), 4U);
  EXPECT_EQ(weight_codes(traced), weight_codes(model::lower(import::import_onnx(qonnx))));
}

// Written by NumPy, whose own arithmetic gave the three numbers.
TEST_F(QuantizeCommand, TakesNumpyArchives) {
  const std::string npz =
      testing::source_path("tests/workloads/import/data/numpy_savez.npz").string();
  std::vector<float> ramp(36);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i) / 36;
  const Tensor input({1, 1, 6, 6}, ramp);
  const Tensor output = exec::run_graph(import::import_npz(npz), {input})[0];
  const double expected[] = {1.2570149898529053, 0.6894038915634155, -0.3272134065628052};
  for (std::int64_t i = 0; i < 3; ++i) EXPECT_NEAR(output.real(i), expected[i], 1e-5);

  model::write_npy(images_, input);
  const Line line = run({npz, "-c", images_, "-o", trace_});
  ASSERT_EQ(line.status, kDone) << line.err;
  const model::QuantizedGraph traced = model::read_trace(trace_).graph;
  const exec::IntegerExecutor integers(traced, {});
  const Tensor quantized = exec::run_batch(integers, {input}, {}).outputs[0];
  for (std::int64_t i = 0; i < 3; ++i) EXPECT_NEAR(quantized.real(i), expected[i], 0.1);

  folder_.write("bad.npz", "PK");
  const Line bad = run({(folder_ / "bad.npz").string(), "-c", images_, "-o", trace_});
  EXPECT_EQ(bad.status, kBadInput);
  EXPECT_NE(bad.err.find("is no .npz file"), std::string::npos) << bad.err;
}

TEST_F(QuantizeCommand, StoresSamplesAndReportsAccuracy) {
  const Line line = run({model_, "-c", images_, "--samples", images_, "--labels", labels_,
                         "--max-samples", "12", "-o", trace_, "--json"});
  ASSERT_EQ(line.status, kDone) << line.err;
  const base::JsonValue report = base::parse_json(line.out, "out");
  EXPECT_EQ(report.find("evaluated_samples")->integer, 12);
  EXPECT_NE(report.find("quantized_top1"), nullptr);
  EXPECT_EQ(report.find("layers")->items.size(), 3U);
  EXPECT_EQ(model::read_trace(trace_).samples->inputs.dims(), (model::Dims{12, 1, 8, 8}));
}

TEST_F(QuantizeCommand, RefusesSamplesTheNetworkCannotTake) {
  const std::string other = (folder_ / "other.npy").string();
  const auto error = [&](const std::string& samples, const std::string& labels) {
    const Line line =
        run({model_, "-c", images_, "--samples", samples, "--labels", labels, "-o", trace_});
    EXPECT_EQ(line.status, kBadInput);
    return line.err;
  };
  model::write_npy(other, Tensor(model::DType::Float32, {20, 1, 8, 7}));
  EXPECT_NE(error(other, labels_).find("other.npy: holds samples of float32 [20, 1, 8, 7]"),
            std::string::npos)
      << error(other, labels_);
  Tensor broken = inputs_;
  broken.mutable_data<float>()[3 * 64 + 1] = std::numeric_limits<float>::quiet_NaN();
  model::write_npy(other, broken);
  EXPECT_NE(error(other, labels_).find("other.npy: sample 3 holds nan"), std::string::npos);
  const std::int64_t classes = graph_.value(graph_.outputs[0]).dims.back();
  for (const std::int64_t wrong : {std::int64_t{-1}, classes}) {
    std::vector<std::int64_t> labels(20, 0);
    labels[7] = wrong;
    model::write_npy(other, Tensor({20}, labels));
    EXPECT_NE(error(images_, other).find("other.npy: label 7 is " + std::to_string(wrong)),
              std::string::npos);
  }
}

TEST_F(QuantizeCommand, RefusesWhatDoesNotFit) {
  const auto refused = [&](std::vector<std::string> more, const std::string& needle) {
    std::vector<std::string> words = {model_, "-c", images_, "-o", trace_};
    words.insert(words.end(), more.begin(), more.end());
    const Line line = run(words);
    EXPECT_EQ(line.status, kBadInput) << needle;
    EXPECT_NE(line.err.find(needle), std::string::npos) << line.err;
  };
  refused({"-m", "omsse"}, "did you mean 'omse'");
  refused({"-w", "1"}, "--weight-bits");
  refused({"-w", "four"}, "'four'");
  refused({"-m", "dorefa", "-w", "9"}, "2 to 8 bits");
  refused({"--dual-threshold", "nan"}, "--dual-threshold");
  refused({"--dual-threshold", "0.1", "-m", "a2q"}, "needs --method omse");
  refused({"-m", "a2q", "--acc-bits", "8"}, "small.onnx: conv1, output channel 0");
  refused({"--labels", labels_}, "needs --samples");
  refused({"--max-samples", "5"}, "--max-samples: needs --samples");
  refused({"--acc-bits", "14"}, "--acc-bits: needs --method a2q");
  refused({"--tensors", "3"}, "--tensors: needs --dual-threshold");
  refused({"--dual-threshold", "0.1", "--tensors", "5"}, "--tensors");
  refused({"--dual-threshold", "0.1", "--act-tensors", "0"}, "--act-tensors");
  refused({"--act-tensors", "2"}, "--act-tensors: needs --dual-threshold");
  refused({"--dual-threshold", "0.1", "--act-tensors", "2", "--act-method", "max_abs"},
          "--act-method omse");
  refused({"--dual-search", "greedy"}, "--dual-search: needs --dual-threshold");
  refused({"--per-tensor", "-m", "a2q"}, "--per-tensor");
  refused({"--per-tensor", "--refine"}, "--refine");
  EXPECT_EQ(run({}).status, kBadInput);
  const std::string wrong = (folder_ / "wrong.npy").string();
  model::write_npy(wrong, Tensor(model::DType::Float32, {3, 1, 8, 7}));
  const Line line = run({model_, "-c", wrong, "-o", trace_});
  EXPECT_NE(line.err.find("wrong.npy: holds samples of shape [3, 1, 8, 7]"), std::string::npos)
      << line.err;
}

}  // namespace
}  // namespace bitscale::cli

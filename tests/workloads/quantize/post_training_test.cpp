#include "workloads/quantize/post_training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/problems.h"
#include "tests/support/small_network.h"
#include "workloads/exec/batch.h"
#include "workloads/exec/float_executor.h"

namespace bitscale::quantize {
namespace {

using testing::SmallNetwork;
using testing::user_error_of;

/// Mean squared difference of two networks' outputs.
double output_error(const model::Graph& a, const model::Graph& b, const model::Tensor& inputs) {
  const std::vector<double> x = exec::run_samples(a, inputs)[0].reals();
  const std::vector<double> y = exec::run_samples(b, inputs)[0].reals();
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum / static_cast<double>(x.size());
}

const std::vector<WeightMethod>& methods() {
  static const std::vector<WeightMethod> all = {WeightMethod::MaxAbs, WeightMethod::Omse,
                                                WeightMethod::Dorefa, WeightMethod::Sawb,
                                                WeightMethod::A2q,    WeightMethod::A2qPlus};
  return all;
}

PostTrainingOptions options_for(WeightMethod method) {
  PostTrainingOptions options;
  options.method = method;
  options.acc_bits = 18;
  return options;
}

// Fake quantization on real numbers and codes in accumulators are the same network: the integer
// executor's outputs equal the float executor's up to float32 rounding.
TEST(PostTraining, IntegersEqualFakeQuantization) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(8);
  for (const WeightMethod method : methods()) {
    const PostTrainingResult result =
        quantize_graph(network.graph(), inputs, options_for(method), "small");
    ASSERT_EQ(result.layers.size(), 3U);
    EXPECT_TRUE(result.skipped.empty());
    const model::QuantizedGraph lowered = lower_quantized(result);
    EXPECT_TRUE(lowered.float_macs.empty());
    const exec::IntegerExecutor executor(lowered, {});
    const auto integers = exec::run_batch(executor, {inputs}, {0, 1}).outputs[0].reals();
    const auto reals = exec::run_samples(result.graph, inputs)[0].reals();
    ASSERT_EQ(integers.size(), reals.size());
    for (std::size_t i = 0; i < reals.size(); ++i) {
      EXPECT_NEAR(integers[i], reals[i], 1e-4) << kWeightMethodNames.name(method) << ' ' << i;
    }
  }
}

TEST(PostTraining, EdgesKeepTheirWidthAndOddLevelsTheirEncoding) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(4);
  const PostTrainingResult result =
      quantize_graph(network.graph(), inputs, options_for(WeightMethod::Sawb), "small");
  EXPECT_EQ(result.layers[0].weight_bits, 8);
  EXPECT_EQ(result.layers[0].act_bits, 8);
  EXPECT_EQ(result.layers[1].weight_bits, 4);
  EXPECT_EQ(result.layers[1].act_bits, 4);
  EXPECT_EQ(result.layers[2].weight_bits, 8);
  for (const model::QuantizedNode& node : lower_quantized(result).nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    EXPECT_EQ(node.weights.encoding.kind, numeric::WeightEncoding::Odd) << node.name;
    EXPECT_EQ(node.weights.encoding.bits, node.name == "conv2" ? 4 : 8);
  }
}

TEST(PostTraining, MoreBitsComeNearerAndOmseBeatsMaxAbs) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(16);
  double before = std::numeric_limits<double>::infinity();
  for (const int bits : {2, 4, 6, 8}) {
    PostTrainingOptions options;
    options.weight_bits = options.act_bits = bits;
    const PostTrainingResult result = quantize_graph(network.graph(), inputs, options, "small");
    const double error = output_error(network.graph(), result.graph, inputs);
    EXPECT_LT(error, before) << bits;
    before = error;
    for (const LayerQuantization& layer : result.layers) {
      EXPECT_LE(layer.weight_mse, layer.weight_max_abs_mse * (1 + 1e-9)) << layer.name;
      EXPECT_LE(layer.act_mse, layer.act_max_abs_mse * (1 + 1e-9)) << layer.name;
    }
  }
}

// Inputs are bytes / 255: their 8-bit grid is exact, and the search must find it.
TEST(PostTraining, BytesAreTheirOwnCodes) {
  SmallNetwork network;
  const PostTrainingResult result =
      quantize_graph(network.graph(), network.inputs(16), {}, "small");
  EXPECT_NEAR(result.layers[0].act_scale, 1.0 / 255, 1e-9);
  EXPECT_NEAR(result.layers[0].act_mse, 0, 1e-12);
  EXPECT_FALSE(result.layers[0].act_signed);
}

TEST(PostTraining, NoSumLeavesTheAccumulator) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(4);
  for (const WeightMethod method : {WeightMethod::A2q, WeightMethod::A2qPlus}) {
    for (const int acc_bits : {12, 14, 16}) {
      PostTrainingOptions options = options_for(method);
      options.acc_bits = acc_bits;
      const model::QuantizedGraph lowered =
          lower_quantized(quantize_graph(network.graph(), inputs, options, "small"));
      for (const model::QuantizedNode& node : lowered.nodes) {
        if (node.op != model::QuantizedOp::Mac) continue;
        EXPECT_LE(model::sum_range(lowered, node).signed_bits(), acc_bits) << node.name;
      }
    }
  }
}

TEST(PostTraining, DualLayersRunTwiceAndLoseLess) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(8);
  PostTrainingOptions options;
  options.weight_bits = 2;
  const PostTrainingResult one = quantize_graph(network.graph(), inputs, options, "small");
  options.dual_threshold = 0.01;
  const PostTrainingResult two = quantize_graph(network.graph(), inputs, options, "small");
  EXPECT_EQ(two.layers[0].tensors, 1);  // 8 bits lose less than the threshold
  EXPECT_EQ(two.layers[1].tensors, 2);
  EXPECT_LT(two.layers[1].weight_mse, one.layers[1].weight_mse / 4);
  EXPECT_LT(output_error(network.graph(), two.graph, inputs),
            output_error(network.graph(), one.graph, inputs));
  int macs = 0;
  for (const model::QuantizedNode& node : lower_quantized(two).nodes) {
    macs += node.op == model::QuantizedOp::Mac ? 1 : 0;
  }
  EXPECT_EQ(macs, 4);
}

int mac_count(const PostTrainingResult& result) {
  int macs = 0;
  for (const model::QuantizedNode& node : lower_quantized(result).nodes) {
    macs += node.op == model::QuantizedOp::Mac ? 1 : 0;
  }
  return macs;
}

TEST(PostTraining, LayersTakeAsManyTensorsAsTheirErrorNeeds) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(8);
  for (const MultiSearch search : {MultiSearch::Greedy, MultiSearch::Nested}) {
    double before = std::numeric_limits<double>::infinity();
    for (const int tensors : {2, 3, 4}) {
      PostTrainingOptions options;
      options.weight_bits = 2;
      options.dual_threshold = 1e-4;  // 8 bits lose less
      options.most_tensors = tensors;
      options.dual_search = search;
      const PostTrainingResult result = quantize_graph(network.graph(), inputs, options, "small");
      EXPECT_EQ(result.layers[1].tensors, tensors);
      EXPECT_EQ(mac_count(result), 2 + tensors);
      EXPECT_LT(result.layers[1].weight_mse, before);
      const auto integers =
          exec::run_batch(exec::IntegerExecutor(lower_quantized(result), {}), {inputs}, {});
      const std::vector<double> reals = exec::run_samples(result.graph, inputs)[0].reals();
      for (std::size_t i = 0; i < reals.size(); ++i) {
        EXPECT_NEAR(integers.outputs[0].reals()[i], reals[i], 1e-4) << tensors;
      }
      before = result.layers[1].weight_mse;
    }
  }
  PostTrainingOptions enough;
  enough.weight_bits = 2;
  enough.most_tensors = 4;
  enough.dual_threshold = 0.05;  // two do
  EXPECT_EQ(quantize_graph(network.graph(), inputs, enough, "small").layers[1].tensors, 2);
}

// What a report says of refined weights is the error of the refined ones.
TEST(PostTraining, RefinementStatesTheErrorItLeaves) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(16);
  PostTrainingOptions options;
  options.weight_bits = 2;
  options.refine = true;
  const PostTrainingResult result = quantize_graph(network.graph(), inputs, options, "small");
  for (const LayerQuantization& layer : result.layers) {
    const auto weights_of = [&](const model::Graph& graph) {
      for (const model::Node& node : graph.nodes) {
        if (node.name == layer.name) return graph.value(node.inputs[1]).constant->reals();
      }
      return std::vector<double>();
    };
    const std::vector<double> real = weights_of(network.graph()), made = weights_of(result.graph);
    double sum = 0;
    for (std::size_t i = 0; i < real.size(); ++i) sum += std::pow(real[i] - made[i], 2);
    EXPECT_NEAR(layer.weight_mse, sum / static_cast<double>(real.size()), 1e-12) << layer.name;
  }
  options.refine = false;
  EXPECT_LT(quantize_graph(network.graph(), inputs, options, "small").layers[1].weight_mse,
            result.layers[1].weight_mse);
}

TEST(PostTraining, SaysWhichActivationsWereAlwaysZero) {
  SmallNetwork network;
  const model::Tensor zeros(model::DType::Float32, {3, 1, 8, 8});
  const PostTrainingResult result = quantize_graph(network.graph(), zeros, {}, "small");
  ASSERT_FALSE(result.notes.empty());
  EXPECT_NE(result.notes[0].find("are 0 in every calibration input"), std::string::npos);
  EXPECT_TRUE(quantize_graph(network.graph(), network.inputs(3), {}, "small").notes.empty());
}

TEST(PostTraining, RefinedScalesComeNearerOnTheirData) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(16);
  PostTrainingOptions options;
  options.weight_bits = 3;
  options.edge_bits = 3;
  options.per_channel = false;
  const PostTrainingResult plain = quantize_graph(network.graph(), inputs, options, "small");
  options.refine = true;
  const PostTrainingResult refined = quantize_graph(network.graph(), inputs, options, "small");
  EXPECT_LT(output_error(network.graph(), refined.graph, inputs),
            output_error(network.graph(), plain.graph, inputs));
}

TEST(PostTraining, RefusesBadCalibration) {
  SmallNetwork network;
  const auto message = [&](const model::Tensor& inputs) {
    return user_error_of([&] { quantize_graph(network.graph(), inputs, {}, "calibration.npy"); });
  };
  EXPECT_NE(message(model::Tensor(model::DType::Float32, {0, 1, 8, 8})).find("no samples"),
            std::string::npos);
  EXPECT_NE(message(model::Tensor(model::DType::Float32, {4, 1, 8, 9})).find("[4, 1, 8, 9]"),
            std::string::npos);
  EXPECT_NE(message(model::Tensor(model::DType::UInt8, {4, 1, 8, 8})).find("uint8"),
            std::string::npos);
  model::Tensor broken = network.inputs(2);
  broken.mutable_data<float>()[70] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_NE(message(broken).find("value 70 is not finite"), std::string::npos);
}

TEST(PostTraining, NamesTheLayerAndChannelThatCannotBe) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(2);
  PostTrainingOptions options = options_for(WeightMethod::A2q);
  options.acc_bits = 8;  // 8-bit inputs leave a budget below 1
  const std::string narrow =
      user_error_of([&] { quantize_graph(network.graph(), inputs, options, "small"); });
  EXPECT_NE(narrow.find("conv1, output channel 0"), std::string::npos) << narrow;
  model::Value& weights = network.named("conv2.weight");
  weights.constant->mutable_data<float>()[54 + 3] = std::numeric_limits<float>::quiet_NaN();
  const std::string nan =
      user_error_of([&] { quantize_graph(network.graph(), inputs, {}, "small"); });
  EXPECT_NE(nan.find("conv2, output channel 1"), std::string::npos) << nan;
  options = {};
  options.model_file = "net.onnx";
  const std::string named =
      user_error_of([&] { quantize_graph(network.graph(), inputs, options, "in.npy"); });
  EXPECT_NE(named.find("net.onnx: conv2"), std::string::npos) << named;
}

TEST(PostTraining, NamesABiasThatIsNoNumber) {
  SmallNetwork network;
  model::Value& bias = network.named("conv1.bias");
  bias.constant->mutable_data<float>()[1] = std::numeric_limits<float>::infinity();
  const model::Tensor inputs = network.inputs(2);
  const std::string found =
      user_error_of([&] { quantize_graph(network.graph(), inputs, {}, "small"); });
  EXPECT_NE(found.find("'conv1.bias' holds inf"), std::string::npos) << found;
}

TEST(PostTraining, AChannelOfZerosStaysZero) {
  SmallNetwork network;
  model::Value& weights = network.named("conv2.weight");
  for (int i = 0; i < 54; ++i) weights.constant->mutable_data<float>()[i] = 0;
  const model::Tensor inputs = network.inputs(2);
  for (const WeightMethod method : {WeightMethod::Omse, WeightMethod::A2qPlus}) {
    const model::QuantizedGraph lowered =
        lower_quantized(quantize_graph(network.graph(), inputs, options_for(method), "small"));
    for (const model::QuantizedNode& node : lowered.nodes) {
      if (node.name != "conv2") continue;
      for (int i = 0; i < 54; ++i) EXPECT_EQ(node.weights.codes.integer(i), 0);
    }
    const PostTrainingResult result =
        quantize_graph(network.graph(), inputs, options_for(method), "small");
    ASSERT_EQ(result.notes.size(), 1U);
    EXPECT_EQ(result.notes[0].find("conv2, output channel 0: all weights are 0"), 0U);
  }
  // Odd levels have no zero: the channel would become +1 everywhere.
  for (const WeightMethod method : {WeightMethod::Sawb, WeightMethod::Dorefa}) {
    const auto odd = [&] { quantize_graph(network.graph(), inputs, options_for(method), "small"); };
    EXPECT_NE(user_error_of(odd).find("conv2, output channel 0"), std::string::npos)
        << user_error_of(odd);
    weights.constant->mutable_data<float>()[53] = 0.1F;  // one weight is enough
    EXPECT_EQ(user_error_of(odd), "");
    weights.constant->mutable_data<float>()[53] = 0;
  }
}

// Weights next to 0 leave no float32 scale: the channel counts as one of zeros, and is named.
TEST(PostTraining, AChannelTooNearZeroForAScaleIsZero) {
  SmallNetwork network;
  model::Value& weights = network.named("conv2.weight");
  const model::Tensor inputs = network.inputs(2);
  const auto set = [&](float magnitude) {
    for (int i = 0; i < 54; ++i) weights.constant->mutable_data<float>()[i] = magnitude;
  };
  set(1e-41F);  // a float32, though no normal one
  for (const WeightMethod method :
       {WeightMethod::MaxAbs, WeightMethod::Omse, WeightMethod::A2q, WeightMethod::A2qPlus}) {
    PostTrainingOptions options = options_for(method);
    options.refine = true;
    const PostTrainingResult result = quantize_graph(network.graph(), inputs, options, "small");
    for (const model::QuantizedNode& node : lower_quantized(result).nodes) {
      if (node.name != "conv2") continue;
      for (int i = 0; i < 54; ++i) EXPECT_EQ(node.weights.codes.integer(i), 0);
    }
    ASSERT_EQ(result.notes.size(), 1U);
    EXPECT_EQ(result.notes[0].find("conv2, output channel 0: all weights are too near 0"), 0U);
  }
  for (const WeightMethod method : {WeightMethod::Sawb, WeightMethod::Dorefa}) {
    EXPECT_NE(user_error_of([&] {
                quantize_graph(network.graph(), inputs, options_for(method), "small");
              }).find("conv2, output channel 0"),
              std::string::npos);
  }
  set(1e-35F);  // far enough
  EXPECT_TRUE(quantize_graph(network.graph(), inputs, {}, "small").notes.empty());
}

TEST(PostTraining, ActivationsTooNearZeroForAScaleAreZero) {
  SmallNetwork network;
  model::Tensor inputs(model::DType::Float32, {3, 1, 8, 8});
  inputs.mutable_data<float>()[5] = 1e-42F;
  const PostTrainingResult result = quantize_graph(network.graph(), inputs, {}, "small");
  ASSERT_FALSE(result.notes.empty());
  EXPECT_NE(result.notes[0].find("'input' are too near 0"), std::string::npos) << result.notes[0];
  EXPECT_EQ(result.layers[0].act_scale, 1);
  lower_quantized(result);
}

// A budget that no channel reaches costs nothing; one that binds costs no more than it must.
TEST(PostTraining, AGenerousBudgetIsPlainQuantization) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(4);
  const auto layers = [&](WeightMethod method, int acc_bits) {
    PostTrainingOptions options = options_for(method);
    options.acc_bits = acc_bits;
    return quantize_graph(network.graph(), inputs, options, "small").layers;
  };
  const auto plain = layers(WeightMethod::Omse, 18);
  for (const WeightMethod method : {WeightMethod::A2q, WeightMethod::A2qPlus}) {
    const auto wide = layers(method, 30), narrow = layers(method, 12);
    for (std::size_t i = 0; i < plain.size(); ++i) {
      EXPECT_EQ(wide[i].weight_mse, plain[i].weight_mse) << wide[i].name;
      EXPECT_EQ(wide[i].max_l1, plain[i].max_l1);
      EXPECT_GE(narrow[i].weight_mse, plain[i].weight_mse);
    }
    EXPECT_GT(narrow[0].weight_mse, plain[0].weight_mse * 10);
  }
}

TEST(PostTraining, LeavesQuantizedMacsAlone) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(2);
  const PostTrainingResult once = quantize_graph(network.graph(), inputs, {}, "small");
  EXPECT_NE(user_error_of([&] {
              quantize_graph(once.graph, inputs, {}, "small");
            }).find("quantized already"),
            std::string::npos);
}

}  // namespace
}  // namespace bitscale::quantize

// Weights and activations as sums of several low-precision tensors, and widths from a plan.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "tests/support/problems.h"
#include "tests/support/small_network.h"
#include "workloads/exec/batch.h"
#include "workloads/exec/float_executor.h"
#include "workloads/quantize/activation_fit.h"
#include "workloads/quantize/post_training.h"

namespace bitscale::quantize {
namespace {

using testing::SmallNetwork;
using testing::user_error_of;

std::vector<double> normal_sample(std::size_t count) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  std::vector<double> sample(count);
  for (double& x : sample) x = normal(random);
  return sample;
}

/// Largest difference of the integers' outputs and the fake-quantized network's.
double executors_apart(const PostTrainingResult& result, const model::Tensor& inputs) {
  const model::QuantizedGraph lowered = lower_quantized(result);
  EXPECT_TRUE(lowered.float_macs.empty());
  const auto integers = exec::run_batch(exec::IntegerExecutor(lowered, {}), {inputs}, {});
  const std::vector<double> reals = exec::run_samples(result.graph, inputs)[0].reals();
  double most = 0;
  for (std::size_t i = 0; i < reals.size(); ++i) {
    most = std::max(most, std::fabs(integers.outputs[0].reals()[i] - reals[i]));
  }
  return most;
}

int mac_count(const PostTrainingResult& result) {
  const model::QuantizedGraph lowered = lower_quantized(result);
  return static_cast<int>(std::count_if(
      lowered.nodes.begin(), lowered.nodes.end(),
      [](const model::QuantizedNode& node) { return node.op == model::QuantizedOp::Mac; }));
}

double output_error(const model::Graph& a, const model::Graph& b, const model::Tensor& inputs) {
  const std::vector<double> x = exec::run_samples(a, inputs)[0].reals();
  const std::vector<double> y = exec::run_samples(b, inputs)[0].reals();
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum / static_cast<double>(x.size());
}

// A nested search of three tensors looks further than greedy on every level.
TEST(NestedSearch, LosesLessThanGreedyWithEveryTensor) {
  const std::vector<double> values = normal_sample(2000);
  double before = 1;
  for (const int tensors : {2, 3, 4}) {
    const double greedy = multi_fit(values, {2, true}, tensors, MultiSearch::Greedy, "v").mse;
    const double nested = multi_fit(values, {2, true}, tensors, MultiSearch::Nested, "v").mse;
    EXPECT_LT(nested, greedy) << tensors;
    EXPECT_LT(nested, before / 2) << tensors;
    before = nested;
  }
}

TEST(ActivationFit, TakesTensorsWhileTheErrorIsAboveTheThreshold) {
  std::vector<double> sample = normal_sample(30000);
  for (double& x : sample) x = std::max(x, 0.0);
  ActSettings settings;
  settings.bits = 3;
  const ActFit one = fit_activations(sample, settings, "a");
  ASSERT_EQ(one.quantizers.size(), 1U);
  EXPECT_FALSE(one.quantizers[0].format.is_signed);
  settings.most_tensors = 3;
  settings.threshold = one.mse / one.power;  // reached, not exceeded
  EXPECT_EQ(fit_activations(sample, settings, "a").quantizers.size(), 1U);
  settings.threshold = one.mse / one.power * 0.99;
  for (const MultiSearch search : {MultiSearch::Greedy, MultiSearch::Nested}) {
    settings.search = search;
    const ActFit two = fit_activations(sample, settings, "a");
    ASSERT_EQ(two.quantizers.size(), 2U);
    EXPECT_FALSE(two.quantizers[0].format.is_signed);
    EXPECT_TRUE(two.quantizers[1].format.is_signed);  // of what is left
    EXPECT_EQ(two.quantizers[1].format.bits, 3);
    EXPECT_LT(two.mse, one.mse / 8);
    double sum = 0;  // the error stated is that of all values
    for (const double x : sample) {
      const double rest = x - two.quantizers[0].fake_quantize(x, 0);
      sum += std::pow(rest - two.quantizers[1].fake_quantize(rest, 0), 2);
    }
    EXPECT_NEAR(sum / 30000, two.mse, two.mse * 1e-3);
  }
}

TEST(ActivationFit, ASecondTensorNeedsASign) {
  ActSettings settings;
  settings.bits = 1;
  settings.threshold = 1e-6;
  const std::vector<double> sample = {0.1, 0.5, 2};
  EXPECT_EQ(fit_activations(sample, settings, "a").quantizers.size(), 1U);
  settings.most_tensors = 2;
  EXPECT_NE(user_error_of([&] { fit_activations(sample, settings, "a"); }).find("2 bits"),
            std::string::npos);
}

TEST(SeveralTensors, ActivationsAndWeightsMeetInEveryPair) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(8);
  PostTrainingOptions options;
  options.weight_bits = options.act_bits = 2;
  options.dual_threshold = 1e-3;  // 8 bits lose less
  options.most_tensors = 1;
  const PostTrainingResult one = quantize_graph(network.graph(), inputs, options, "small");
  double before = output_error(network.graph(), one.graph, inputs);
  EXPECT_EQ(mac_count(one), 3);
  for (const auto& [tensors, act_tensors] : {std::pair{1, 2}, {2, 2}, {3, 3}}) {
    options.most_tensors = tensors;
    options.most_act_tensors = act_tensors;
    const PostTrainingResult result = quantize_graph(network.graph(), inputs, options, "small");
    EXPECT_EQ(result.layers[1].tensors, tensors);
    EXPECT_EQ(result.layers[1].act_tensors, act_tensors);
    EXPECT_EQ(mac_count(result), 2 + tensors * act_tensors);
    EXPECT_LT(executors_apart(result, inputs), 1e-4);
    const double error = output_error(network.graph(), result.graph, inputs);
    EXPECT_LT(error, before) << tensors << ' ' << act_tensors;
    before = error;
  }
}

/// Σ squared difference of what a layer gives in two graphs that share its output's index.
double layer_error(const model::Graph& a, const model::Graph& b, const std::string& layer,
                   const model::Tensor& inputs) {
  const auto node = std::find_if(a.nodes.begin(), a.nodes.end(),
                                 [&](const model::Node& entry) { return entry.name == layer; });
  const int output = node->outputs[0];
  const auto values = [&](const model::Graph& graph) {
    std::vector<double> all;
    for_each_tensor(graph, inputs, 100, [&](int value, const model::Tensor& tensor) {
      const std::vector<double> reals = tensor.reals();
      if (value == output) all.insert(all.end(), reals.begin(), reals.end());
    });
    return all;
  };
  const std::vector<double> x = values(a), y = values(b);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum;
}

// The layers before it at 16 bits, so that what refinement presumes of its input holds.
TEST(SeveralTensors, RefinementSeesAllParts) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(16);
  PostTrainingOptions options;
  options.weight_bits = options.act_bits = 2;
  options.edge_bits = 16;
  options.dual_threshold = 1e-3;
  options.most_act_tensors = 2;
  const PostTrainingResult plain = quantize_graph(network.graph(), inputs, options, "small");
  ASSERT_EQ(plain.layers[1].tensors * plain.layers[1].act_tensors, 4);
  options.refine = true;
  const PostTrainingResult refined = quantize_graph(network.graph(), inputs, options, "small");
  EXPECT_LT(layer_error(network.graph(), refined.graph, "conv2", inputs),
            layer_error(network.graph(), plain.graph, "conv2", inputs));
  // Weights in two tensors, each met by both of the activations: their error is counted once.
  EXPECT_NEAR(refined.layers[1].weight_mse, plain.layers[1].weight_mse,
              plain.layers[1].weight_power * 0.05);
  EXPECT_LT(executors_apart(refined, inputs), 1e-4);
}

model::PrecisionPlan plan(int conv2_weights, int conv2_acts) {
  model::PrecisionPlan made = model::uniform_precision(6, 5);
  model::PrecisionRule rule;
  rule.layers = "conv2";
  rule.weight_bits = conv2_weights;
  rule.act_bits = conv2_acts;
  made.overrides = {rule};
  return made;
}

TEST(PlannedPrecision, SetsTheWidthsOfEveryLayer) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(4);
  PostTrainingOptions options;
  options.precision = plan(3, 7);
  const PostTrainingResult result = quantize_graph(network.graph(), inputs, options, "small");
  const std::pair<int, int> expected[] = {{6, 5}, {3, 7}, {6, 5}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(result.layers[i].weight_bits, expected[i].first) << i;
    EXPECT_EQ(result.layers[i].act_bits, expected[i].second) << i;
  }
  for (const model::QuantizedNode& node : lower_quantized(result).nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    EXPECT_EQ(node.weights.encoding.bits, node.name == "conv2" ? 3 : 6);
  }
}

TEST(PlannedPrecision, GivesBudgetedLayersTheirOwnAccumulators) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(4);
  PostTrainingOptions options;
  options.method = WeightMethod::A2qPlus;
  options.acc_bits = 18;
  options.precision = plan(4, 4);
  options.precision->overrides[0].acc_bits = 11;
  const PostTrainingResult result = quantize_graph(network.graph(), inputs, options, "small");
  const model::QuantizedGraph lowered = lower_quantized(result);
  for (const model::QuantizedNode& node : lowered.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    const int bits = model::sum_range(lowered, node).signed_bits();
    EXPECT_LE(bits, node.name == "conv2" ? 11 : 18);
  }
}

}  // namespace
}  // namespace bitscale::quantize

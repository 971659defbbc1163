// The differentiable quantizers against the scalar ones of workloads/quantize.
#include "workloads/train/fake_quantizers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "workloads/quantize/accumulator_aware.h"
#include "workloads/quantize/pact.h"

namespace bitscale::train {
namespace {

using torch::Tensor;

std::vector<double> values_of(const Tensor& tensor) {
  const Tensor flat = tensor.detach().to(torch::kFloat64).contiguous().view({-1});
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

TEST(FakeQuantizers, PactEqualsItsCodesAndGradients) {
  const Tensor x = torch::linspace(-1.01, 3.013, 700).set_requires_grad(true);
  const Tensor alpha = torch::full({1}, 1.7).set_requires_grad(true);
  const Tensor y = pact(x, alpha, 3);
  const quantize::PactActivation scalar(static_cast<double>(1.7F), 3, "a");
  const std::vector<double> inputs = values_of(x), outputs = values_of(y);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_NEAR(outputs[i], scalar.value(inputs[i]), 1e-5) << inputs[i];
  }
  y.sum().backward();
  const std::vector<double> slopes = values_of(x.grad());
  double above = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_DOUBLE_EQ(slopes[i], scalar.input_gradient(inputs[i])) << inputs[i];
    above += scalar.alpha_gradient(inputs[i]);
  }
  EXPECT_NEAR(alpha.grad().item<double>(), above, 1e-3);
}

TEST(FakeQuantizers, OddWeightsEqualTheScalarOnes) {
  torch::manual_seed(3);
  const Tensor weights = torch::randn({4, 50});
  for (const int bits : {2, 4}) {
    const auto dorefa = quantize_weights(weights, WeightTraining::Dorefa, bits, 16, {4, false}, {});
    const auto sawb = quantize_weights(weights, WeightTraining::Sawb, bits, 16, {4, false}, {});
    const auto a = quantize::dorefa_weights(values_of(weights), bits, "w");
    const auto b = quantize::sawb_weights(values_of(weights), bits, "w");
    const std::vector<double> left = values_of(dorefa.values), right = values_of(sawb.values);
    for (std::size_t i = 0; i < 200; ++i) {
      EXPECT_NEAR(left[i], a.value(i), 1e-5);
      EXPECT_NEAR(right[i], b.value(i), 1e-5);
    }
  }
}

// Whatever the parameters drift to, the integers stay inside the budget.
TEST(FakeQuantizers, BudgetedWeightsNeverExceedTheirBudget) {
  torch::manual_seed(5);
  const numeric::IntegerFormat acts{4, false};
  for (const WeightTraining method : {WeightTraining::A2q, WeightTraining::A2qPlus}) {
    const auto bound = method == WeightTraining::A2q ? quantize::AccumulatorBound::A2q
                                                     : quantize::AccumulatorBound::A2qPlus;
    const quantize::WeightBudget budget = quantize::weight_budget(bound, 11, acts);
    for (int trial = 0; trial < 30; ++trial) {
      const Tensor weights = torch::randn({3, 80}) * 5;
      const NormParameters norms{torch::randn({3}) * 6, torch::randn({3})};
      const auto made = quantize_weights(weights, method, 4, 11, acts, norms);
      for (std::int64_t c = 0; c < 3; ++c) {
        std::vector<std::int64_t> codes;
        const double scale = made.scale[c].item<double>();
        for (const double w : values_of(made.values[c])) codes.push_back(std::llround(w / scale));
        EXPECT_TRUE(quantize::within_budget(codes, budget)) << trial;
      }
    }
  }
}

TEST(FakeQuantizers, NormsLearnOnlyWhereTheyAreTheLimit) {
  torch::manual_seed(6);
  const Tensor weights = torch::randn({2, 40});
  Tensor norm = torch::tensor({1.0F, 30.0F}).set_requires_grad(true);
  const NormParameters norms{norm, torch::zeros({2})};
  const auto made = quantize_weights(weights, WeightTraining::A2q, 4, 11, {4, false}, norms);
  EXPECT_GT(made.penalty.item<double>(), 0);
  (made.values * weights).sum().backward();
  EXPECT_NE(norm.grad()[0].item<double>(), 0);
  EXPECT_EQ(norm.grad()[1].item<double>(), 0);  // the accumulator is its limit
}

}  // namespace
}  // namespace bitscale::train

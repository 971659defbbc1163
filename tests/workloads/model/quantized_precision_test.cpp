#include "workloads/model/quantized_precision.h"

#include <gtest/gtest.h>

#include "tests/support/reference.h"
#include "workloads/model/trace.h"

namespace bitscale::model {
namespace {

TEST(QuantizedPrecision, FollowsTheCodesOfTheDigitsNetwork) {
  Trace trace = read_trace(testing::source_path("workloads/traces/digits_mlp_w4a4"));
  const auto precisions = layer_precisions(trace.graph);
  ASSERT_EQ(precisions.size(), 3u);
  EXPECT_EQ(precisions[0].act_bits, 5);  // pixels 0 … 16
  EXPECT_EQ(precisions[0].output_bits, 4);
  EXPECT_EQ(precisions[1].act_bits, 4);
  EXPECT_FALSE(precisions[1].act_signed);
  EXPECT_EQ(precisions[2].weight_bits, 4);
  EXPECT_TRUE(precisions[2].weight_signed);
  EXPECT_EQ(precisions[2].output_bits, 16);  // sums leave

  trace.graph.nodes[1].weights.encoding = {numeric::WeightEncoding::Bipolar, 1, false, 0};
  trace.graph.values[0].kind = ValueKind::Float;
  const auto changed = layer_precisions(trace.graph);
  EXPECT_EQ(changed[1].weight_bits, 1);
  EXPECT_FALSE(changed[1].weight_signed);
  EXPECT_EQ(changed[1].weight_encoding, numeric::WeightEncoding::Bipolar);
  EXPECT_EQ(changed[0].act_bits, 16);
}

}  // namespace
}  // namespace bitscale::model

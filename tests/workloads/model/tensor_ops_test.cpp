#include "workloads/model/tensor_ops.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace bitscale::model {
namespace {

using Codes = std::vector<std::int8_t>;

/// Moves codes; 9 fills. The output must have the dims that were asked for.
Tensor apply(const Node& node, const std::vector<Tensor>& inputs, const Dims& out) {
  Tensor moved = move_elements(node, inputs, 9);
  EXPECT_EQ(moved.dims(), out);
  return moved;
}

TEST(TensorOps, Transpose) {
  Node node;
  node.op = Operator::Transpose;
  node.attributes.list = {2, 0, 1};
  const Tensor input({1, 2, 3}, Codes{1, 2, 3, 4, 5, 6});
  EXPECT_EQ(apply(node, {input}, {3, 1, 2}), Tensor({3, 1, 2}, Codes{1, 4, 2, 5, 3, 6}));
}

TEST(TensorOps, ConcatAlongAnInnerAxis) {
  Node node;
  node.op = Operator::Concat;
  node.attributes.axis = 1;
  EXPECT_EQ(apply(node, {Tensor({2, 1}, Codes{1, 2}), Tensor({2, 2}, Codes{3, 4, 5, 6})}, {2, 3}),
            Tensor({2, 3}, Codes{1, 3, 4, 2, 5, 6}));
}

TEST(TensorOps, PadFillsWithTheGivenElement) {
  Node node;
  node.op = Operator::Pad;
  node.attributes.list = {0, 1, 1, 0};  // begins, ends
  EXPECT_EQ(apply(node, {Tensor({1, 2}, Codes{1, 2})}, {2, 3}),
            Tensor({2, 3}, Codes{9, 1, 2, 9, 9, 9}));
}

TEST(TensorOps, ResizeRepeatsNearestElements) {
  Node node;
  node.op = Operator::Resize;
  node.attributes.list = {1, 1, 2, 4};
  EXPECT_EQ(apply(node, {Tensor({1, 1, 1, 2}, Codes{1, 2})}, {1, 1, 2, 4}),
            Tensor({1, 1, 2, 4}, Codes{1, 1, 2, 2, 1, 1, 2, 2}));
}

TEST(TensorOps, DepthToSpaceInBothModes) {
  Node node;
  node.op = Operator::DepthToSpace;
  node.attributes.block = 2;
  const Tensor input({1, 8, 1, 1}, Codes{0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(apply(node, {input}, {1, 2, 2, 2}),
            Tensor({1, 2, 2, 2}, Codes{0, 2, 4, 6, 1, 3, 5, 7}));
  node.attributes.column_row_depth = true;
  EXPECT_EQ(apply(node, {input}, {1, 2, 2, 2}),
            Tensor({1, 2, 2, 2}, Codes{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(TensorOps, GatherWithListsAndScalars) {
  Node node;
  node.op = Operator::Gather;
  node.attributes.axis = 1;
  const Tensor input({2, 3}, Codes{1, 2, 3, 4, 5, 6});
  EXPECT_EQ(apply(node, {input, Tensor({2}, std::vector<std::int64_t>{2, 0})}, {2, 2}),
            Tensor({2, 2}, Codes{3, 1, 6, 4}));
  EXPECT_EQ(apply(node, {input, Tensor(Dims{}, std::vector<std::int64_t>{1})}, {2}),
            Tensor({2}, Codes{2, 5}));
}

TEST(TensorOps, SliceWithSteps) {
  Node node;
  node.op = Operator::Slice;
  node.attributes.list = {1, 4};
  node.attributes.steps = {2};
  EXPECT_EQ(apply(node, {Tensor({5}, Codes{1, 2, 3, 4, 5})}, {2}), Tensor({2}, Codes{2, 4}));
}

TEST(TensorOps, ReshapeKeepsTheElements) {
  Node node;
  node.op = Operator::Reshape;
  node.attributes.list = {4};
  EXPECT_EQ(apply(node, {Tensor({2, 2}, Codes{1, 2, 3, 4})}, {4}), Tensor({4}, Codes{1, 2, 3, 4}));
  EXPECT_FALSE(is_movement(Operator::Relu));
}

TEST(TensorOps, IntegersCombineExactlyOrNotAtAll) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const auto none = std::optional<std::int64_t>{};
  EXPECT_EQ(combine_integers(Operator::Add, kMax, 0), kMax);
  EXPECT_EQ(combine_integers(Operator::Add, kMax, 1), none);
  EXPECT_EQ(combine_integers(Operator::Sub, kMin, 0), kMin);
  EXPECT_EQ(combine_integers(Operator::Sub, kMin, 1), none);
  EXPECT_EQ(combine_integers(Operator::Mul, std::int64_t{1} << 31, std::int64_t{1} << 31),
            std::int64_t{1} << 62);
  EXPECT_EQ(combine_integers(Operator::Mul, std::int64_t{1} << 32, std::int64_t{1} << 31), none);
  EXPECT_EQ(combine_integers(Operator::Div, -7, 2), -3);
  EXPECT_EQ(combine_integers(Operator::Div, kMin, 1), kMin);
  EXPECT_EQ(combine_integers(Operator::Div, kMin + 1, -1), kMax);
  EXPECT_EQ(combine_integers(Operator::Div, kMin, -1), none);
  EXPECT_EQ(combine_integers(Operator::Div, 0, 0), none);
  EXPECT_EQ(combine_integers(Operator::Pow, 2, 62), std::int64_t{1} << 62);
  EXPECT_EQ(combine_integers(Operator::Pow, 2, 63), none);
  EXPECT_EQ(combine_integers(Operator::Pow, -2, 63), kMin);
  EXPECT_EQ(combine_integers(Operator::Pow, -1, kMax), -1);
  EXPECT_EQ(combine_integers(Operator::Pow, 0, 0), 1);
  EXPECT_EQ(combine_integers(Operator::Pow, 2, -1), none);
}

TEST(TensorOps, TheFirstPairWithoutAResultIsNamed) {
  const Tensor a({2, 1}, std::vector<std::int64_t>{4, 6}), b({2}, std::vector<std::int64_t>{2, 0});
  EXPECT_EQ(combine_problem(Operator::Mul, a, b), "");
  EXPECT_EQ(combine(Operator::Mul, a, b), Tensor({2, 2}, std::vector<std::int64_t>{8, 0, 12, 0}));
  EXPECT_EQ(combine_problem(Operator::Div, a, b), "Div of 4 and 0 is no 64-bit integer");
  const Tensor real({1}, std::vector<float>{0});
  EXPECT_EQ(combine_problem(Operator::Div, real, real), "");
}

}  // namespace
}  // namespace bitscale::model

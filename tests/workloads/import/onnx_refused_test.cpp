#include "workloads/import/onnx_refused.h"

#include <gtest/gtest.h>

namespace bitscale::import {
namespace {

using model::Dims;
using model::Tensor;
using model::Value;

Value tensor(const Dims& dims) { return {"x", model::DType::Float32, dims, {}, {}}; }

Value weights(const Dims& dims) {
  Value value = tensor(dims);
  value.constant = Tensor(model::DType::Float32, dims);
  return value;
}

TEST(RefusedMacs, ConvolutionsUseTheirWeightsAtEveryPosition) {
  const Value x = tensor({1, 4, 10}), w = weights({8, 4, 3}), b = weights({8});
  EXPECT_EQ(refused_macs({"Conv", {&x, &w, &b}, {1, 8, 8}}), 8 * 4 * 3 * 8);
  EXPECT_EQ(refused_macs({"Conv", {&x, &w, nullptr}, {}}), 8 * 4 * 3);  // output unknown: once
  const Value image = tensor({1, 4, 5, 6}), up = weights({4, 2, 2, 2});
  EXPECT_EQ(refused_macs({"ConvTranspose", {&image, &up}, {1, 2, 10, 12}}), 4 * 2 * 2 * 2 * 5 * 6);
}

TEST(RefusedMacs, MatrixProductsUseThemOncePerRow) {
  const Value x = tensor({1, 7, 4}), w = weights({4, 3}), second = tensor({1, 4, 9});
  EXPECT_EQ(refused_macs({"MatMul", {&x, &w}, {}}), 7 * 4 * 3);
  EXPECT_EQ(refused_macs({"MatMul", {&x, &second}, {}}), 7 * 4 * 9);
  EXPECT_EQ(refused_macs({"MatMulNBits", {&x, &w}, {}}), 7 * 4 * 3);
}

TEST(RefusedMacs, RecurrentOperatorsUseAllTheirMatricesEveryStep) {
  const Value x = tensor({5, 1, 3}), w = weights({1, 8, 3}), r = weights({1, 8, 2});
  EXPECT_EQ(refused_macs({"LSTM", {&x, &w, &r}, {}}), 5 * (24 + 16));
}

TEST(RefusedMacs, OthersSumNothing) {
  const Value x = tensor({1, 64, 8, 8}), table = weights({64, 64});
  EXPECT_EQ(refused_macs({"Erf", {&x}, {1, 64, 8, 8}}), 0);
  EXPECT_EQ(refused_macs({"PRelu", {&x, &table}, {}}), 0);
  EXPECT_EQ(refused_macs({"Conv", {}, {}}), 0);
}

TEST(RefusedMacs, HugeShapesStayInRange) {
  const Value x = tensor({1, 1, std::int64_t{1} << 40, std::int64_t{1} << 40});
  const Value w = weights({16, 16, 3, 3});
  EXPECT_EQ(refused_macs({"ConvTranspose", {&x, &w}, {}}), 1000000000000000000);
}

TEST(ShareText, SaysPartsWholesAndNothing) {
  EXPECT_EQ(share_text(0, 100), "no MACs");
  EXPECT_EQ(share_text(0, 0), "no MACs");
  EXPECT_EQ(share_text(125, 1000), "about 12.5 % of the network's MACs");
  EXPECT_EQ(share_text(1, 1000000), "less than 0.1 % of the network's MACs");
  EXPECT_EQ(share_text(7, 7), "all of the network's MACs that are known");
}

}  // namespace
}  // namespace bitscale::import

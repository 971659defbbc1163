#include "workloads/quantize/code_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace bitscale::quantize {
namespace {

TEST(CodeStatistics, EntropyOfKnownDistributions) {
  CodeStatistics even;
  even.add({0, 1, 2, 3});
  EXPECT_DOUBLE_EQ(even.entropy_bits(), 2);
  EXPECT_DOUBLE_EQ(even.compression(8), 4);
  EXPECT_DOUBLE_EQ(even.sparsity(), 0.25);
  CodeStatistics halves;
  halves.add({0, 0, 0, 0, 1, 1, -1, -1});
  EXPECT_DOUBLE_EQ(halves.entropy_bits(), 1.5);
}

TEST(CodeStatistics, ConstantCodesCompressWithoutEnd) {
  CodeStatistics same;
  same.add({0, 0, 0});
  EXPECT_EQ(same.entropy_bits(), 0);
  EXPECT_TRUE(std::isinf(same.compression(8)));
  EXPECT_EQ(same.sparsity(), 1);
}

TEST(CodeStatistics, MergingEqualsAddingAll) {
  CodeStatistics a, b, all;
  a.add({0, 5, 5});
  b.add({0, 0, -3});
  all.add({0, 5, 5, 0, 0, -3});
  a.merge(b);
  EXPECT_EQ(a.count(), 6);
  EXPECT_DOUBLE_EQ(a.entropy_bits(), all.entropy_bits());
  EXPECT_DOUBLE_EQ(a.sparsity(), 0.5);
}

// The published rate, 46.5 at 98.2 % sparsity of 8-bit weights, is 0.172 bits per weight: about the
// entropy of the zeros with the rest spread over few codes.
TEST(CodeStatistics, SparseCodesCompressAsPublishedFiguresSuggest) {
  std::vector<std::int64_t> codes(100000, 0);
  for (std::size_t i = 0; i < 1800; ++i) codes[i] = i % 4 < 2 ? 1 : -1;
  CodeStatistics sparse;
  sparse.add(codes);
  EXPECT_NEAR(sparse.sparsity(), 0.982, 1e-12);
  EXPECT_NEAR(sparse.compression(8), 53.3, 1.5);
}

TEST(CodeStatistics, CountsChannelsThatAreAllZero) {
  model::Tensor codes(model::DType::Int8, {3, 2});
  EXPECT_EQ(channels_of_zeros(codes), 3);
  codes.mutable_data<std::int8_t>()[3] = -1;  // the second channel's last
  EXPECT_EQ(channels_of_zeros(codes), 2);
}

}  // namespace
}  // namespace bitscale::quantize

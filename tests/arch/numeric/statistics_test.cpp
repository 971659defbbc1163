#include "arch/numeric/statistics.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace bitscale::numeric {
namespace {

TEST(StreamStatistics, CountsByHand) {
  const std::vector<std::int8_t> codes = {0, 3, -1, -1, 4};  // 4 bits: 0000 0011 1111 1111 0100
  const StreamStatistics stats = stream_statistics(codes.data(), 5, 1, 4);
  EXPECT_DOUBLE_EQ(stats.density(), 0.8);
  EXPECT_EQ(stats.one_bits, 0 + 2 + 4 + 4 + 1);
  EXPECT_DOUBLE_EQ(stats.bit_density(), 11.0 / 20);
  EXPECT_EQ(stats.toggled_bits, 2 + 2 + 0 + 3);
  EXPECT_DOUBLE_EQ(stats.toggle_rate(), 7.0 / 16);
}

TEST(StreamStatistics, EmptyAndSingleStreamsHaveNoRates) {
  const std::uint8_t one = 255;
  EXPECT_EQ(stream_statistics(&one, 0, 1, 8).toggle_rate(), 0.0);
  const StreamStatistics single = stream_statistics(&one, 1, 1, 8);
  EXPECT_EQ(single.transition_bits, 0);
  EXPECT_EQ(single.toggle_rate(), 0.0);
  EXPECT_EQ(single.bit_density(), 1.0);
}

template <class T>
void expect_same_counts(int bits, std::int64_t low, std::int64_t high) {
  std::mt19937 random(7);
  std::uniform_int_distribution<std::int64_t> code(low, high);
  std::vector<T> codes(997);
  for (T& one : codes) one = static_cast<T>(code(random));
  for (const std::size_t stride : {1U, 3U}) {
    const std::size_t count = codes.size() / stride;
    const auto fast = stream_statistics(codes.data(), count, stride, bits, 1, BitCount::Auto);
    const auto plain = stream_statistics(codes.data(), count, stride, bits, 1, BitCount::Portable);
    EXPECT_EQ(fast.nonzero, plain.nonzero);
    EXPECT_EQ(fast.one_bits, plain.one_bits);
    EXPECT_EQ(fast.toggled_bits, plain.toggled_bits);
    EXPECT_EQ(fast.total_bits, plain.total_bits);
    EXPECT_EQ(fast.transition_bits, plain.transition_bits);
    EXPECT_GT(plain.toggled_bits, 0);
  }
}

TEST(StreamStatistics, BothWaysOfCountingBitsAgree) {
  expect_same_counts<std::int8_t>(8, -128, 127);
  expect_same_counts<std::int8_t>(3, -4, 3);
  expect_same_counts<std::uint8_t>(1, 0, 1);
  expect_same_counts<std::int16_t>(16, -32768, 32767);
  expect_same_counts<std::uint16_t>(16, 0, 65535);
}

TEST(StreamStatistics, AZeroPointIsTheZero) {
  const std::vector<std::uint8_t> codes = {128, 0, 128, 1};
  EXPECT_EQ(stream_statistics(codes.data(), 4, 1, 8, 128).nonzero, 2);
}

TEST(StreamStatistics, StrideFollowsOneRegisterOfAMatrix) {
  const std::vector<std::int16_t> matrix = {1, 9, 0, 9, 1, 9};
  const StreamStatistics column = stream_statistics(matrix.data(), 3, 2, 1);
  EXPECT_EQ(column.toggled_bits, 2);
  EXPECT_EQ(column.nonzero, 2);
}

TEST(StreamStatistics, MergeInventsNoTransition) {
  const std::vector<std::uint8_t> codes = {0, 15, 0, 15};
  StreamStatistics halves = stream_statistics(codes.data(), 2, 1, 4);
  halves.merge(stream_statistics(codes.data() + 2, 2, 1, 4));
  EXPECT_EQ(halves.codes, 4);
  EXPECT_EQ(halves.toggled_bits, 8);
  EXPECT_EQ(halves.transition_bits, 8);
  EXPECT_EQ(stream_statistics(codes.data(), 4, 1, 4).toggled_bits, 12);
}

TEST(StreamStatistics, UniformRandomCodesToggleHalfTheirBits) {
  std::mt19937 random(5);
  std::vector<std::int16_t> codes(20000);
  for (auto& code : codes) code = static_cast<std::int16_t>(random());
  const StreamStatistics stats = stream_statistics(codes.data(), codes.size(), 1, 16);
  EXPECT_NEAR(stats.toggle_rate(), 0.5, 0.01);
  EXPECT_NEAR(stats.bit_density(), 0.5, 0.01);
}

TEST(PairStatistics, EqualsCountingEveryMac) {
  std::mt19937 random(9);
  const std::size_t rows = 5, columns = 7, length = 11;
  std::vector<std::int8_t> weights(rows * length);
  std::vector<std::uint8_t> acts(columns * length);
  for (auto& w : weights) w = static_cast<std::int8_t>(random() % 3);
  for (auto& a : acts) a = static_cast<std::uint8_t>(random() % 3);
  std::int64_t zero_w = 0, zero_a = 0, either = 0;
  for (std::size_t m = 0; m < rows; ++m) {
    for (std::size_t n = 0; n < columns; ++n) {
      for (std::size_t k = 0; k < length; ++k) {
        const bool w = weights[m * length + k] == 0, a = acts[n * length + k] == 2;
        zero_w += w;
        zero_a += a;
        either += w || a;
      }
    }
  }
  const PairStatistics stats =
      pair_statistics(weights.data(), rows, acts.data(), columns, length, 2);
  EXPECT_EQ(stats.zero_weight, zero_w);
  EXPECT_EQ(stats.zero_act, zero_a);
  EXPECT_EQ(stats.zero_either, either);
  EXPECT_EQ(stats.pairs, 385);
  EXPECT_DOUBLE_EQ(stats.zero_operand_rate(), static_cast<double>(either) / 385);
}

}  // namespace
}  // namespace bitscale::numeric

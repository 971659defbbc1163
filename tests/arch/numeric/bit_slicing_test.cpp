#include "arch/numeric/bit_slicing.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "arch/base/error.h"

namespace bitscale::numeric {
namespace {

TEST(WeightSlicer, EveryWeightOfEveryWidthIsRebuilt) {
  for (int bits = 1; bits <= 10; ++bits) {
    for (bool is_signed : {true, false}) {
      for (int slice_bits = 1; slice_bits <= bits + 1; ++slice_bits) {
        for (SliceSign sign : {SliceSign::TopSliceSigned, SliceSign::Offset}) {
          const IntegerFormat format{bits, is_signed};
          const WeightSlicer slicer(format, slice_bits, sign);
          for (std::int64_t w = format.min(); w <= format.max(); ++w) {
            std::vector<std::int64_t> slices;
            for (int i = 0; i < slicer.count(); ++i) {
              slices.push_back(slicer.slice(w, i));
              ASSERT_GE(slices.back(), slicer.format(i).min());
              ASSERT_LE(slices.back(), slicer.format(i).max());
            }
            ASSERT_EQ(slicer.reconstruct(slices), w);
          }
        }
      }
    }
  }
}

TEST(WeightSlicer, CutsMinusOneAsDocumented) {
  const WeightSlicer top({5, true}, 2, SliceSign::TopSliceSigned);
  EXPECT_EQ(top.count(), 3);
  EXPECT_EQ(top.slice(-1, 0), 3);
  EXPECT_EQ(top.slice(-1, 1), 3);
  EXPECT_EQ(top.slice(-1, 2), -1);
  EXPECT_EQ(top.format(2).bits, 1);
  EXPECT_EQ(top.act_sum_factor(), 0);
  const WeightSlicer offset({5, true}, 2, SliceSign::Offset);  // −1 + 16 = 15 = 0|11|11
  EXPECT_EQ(offset.slice(-1, 2), 0);
  EXPECT_EQ(offset.act_sum_factor(), -16);
  // Unsigned weights have neither.
  const WeightSlicer plain({5, false}, 2, SliceSign::Offset);
  EXPECT_EQ(plain.act_sum_factor(), 0);
  EXPECT_FALSE(plain.format(2).is_signed);
}

TEST(WeightSlicer, RefusesWeightsOutsideTheFormat) {
  const WeightSlicer slicer({4, true}, 2, SliceSign::TopSliceSigned);
  EXPECT_NO_THROW(slicer.slice(7, 0));
  EXPECT_THROW(slicer.slice(8, 0), base::InternalError);
  EXPECT_THROW(slicer.slice(-9, 0), base::InternalError);
}

std::vector<std::int64_t> random_codes(const IntegerFormat& format, std::size_t count,
                                       std::mt19937_64& random) {
  std::vector<std::int64_t> codes(count);
  for (std::int64_t& code : codes) {
    const auto span = static_cast<std::uint64_t>(format.max() - format.min() + 1);
    code = format.min() + static_cast<std::int64_t>(random() % span);
  }
  return codes;
}

TEST(SlicedDot, ShiftAddEqualsTheDotProduct) {
  std::mt19937_64 random(21);
  for (int trial = 0; trial < 300; ++trial) {
    const IntegerFormat wf{1 + static_cast<int>(random() % 16), random() % 2 == 0};
    const IntegerFormat af{1 + static_cast<int>(random() % 16), random() % 2 == 0};
    const std::size_t length = random() % 40;
    const auto w = random_codes(wf, length, random), a = random_codes(af, length, random);
    std::int64_t expected = 0;
    for (std::size_t k = 0; k < length; ++k) expected += w[k] * a[k];
    for (SliceSign sign : {SliceSign::TopSliceSigned, SliceSign::Offset}) {
      const WeightSlicer slicer(wf, 1 + static_cast<int>(random() % 4), sign);
      EXPECT_EQ(sliced_dot(w, a, slicer, af, random() % 20).value, expected);
    }
  }
}

TEST(SlicedDot, BitlineSumsAreBoundedByRowsAndSliceRange) {
  const std::vector<std::int64_t> w(10, 7), a(10, 15);
  const WeightSlicer slicer({4, true}, 2, SliceSign::TopSliceSigned);
  const SlicedDot all = sliced_dot(w, a, slicer, {4, false}, 0);
  EXPECT_EQ(all.max_bitline_sum, 30);  // ten cells of 3
  EXPECT_EQ(all.bitline_sums, 2 * 4);
  const SlicedDot split = sliced_dot(w, a, slicer, {4, false}, 4);
  EXPECT_EQ(split.max_bitline_sum, 12);
  EXPECT_EQ(split.bitline_sums, 3 * 2 * 4);
  EXPECT_EQ(split.value, all.value);
}

TEST(BitSlicing, PlanesWithOnesCountBitsOfTheFormatAndAtLeastOne) {
  EXPECT_EQ(planes_with_ones(0, {8, false}), 1);
  EXPECT_EQ(planes_with_ones(0b1010'0001, {8, false}), 3);
  EXPECT_EQ(planes_with_ones(-1, {4, true}), 4);  // the sign goes on above the format
  EXPECT_EQ(planes_with_ones(-8, {4, true}), 1);
  EXPECT_EQ(planes_with_ones(-1, {16, true}), 16);
}

}  // namespace
}  // namespace bitscale::numeric

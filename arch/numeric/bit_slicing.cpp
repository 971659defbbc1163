#include "arch/numeric/bit_slicing.h"

#include <algorithm>
#include <string>

#include "arch/base/error.h"
#include "arch/numeric/accumulator.h"

namespace bitscale::numeric {

WeightSlicer::WeightSlicer(const IntegerFormat& weights, int slice_bits, SliceSign sign)
    : weights_(weights),
      slice_bits_(std::min(slice_bits, weights.bits)),
      top_signed_(weights.is_signed && sign == SliceSign::TopSliceSigned),
      offset_(weights.is_signed && sign == SliceSign::Offset ? -weights.min() : 0),
      count_(0) {
  BITSCALE_INVARIANT(slice_bits >= 1, "slice of " + std::to_string(slice_bits) + " bits");
  count_ = (weights.bits + slice_bits_ - 1) / slice_bits_;
}

IntegerFormat WeightSlicer::format(int index) const {
  const bool top = index == count_ - 1;
  const int bits = top ? weights_.bits - index * slice_bits_ : slice_bits_;
  return {bits, top && top_signed_};
}

std::int64_t WeightSlicer::slice(std::int64_t weight, int index) const {
  BITSCALE_INVARIANT(weight >= weights_.min() && weight <= weights_.max(),
                     "weight " + std::to_string(weight) + " outside its format");
  const IntegerFormat bits = format(index);
  const std::int64_t shifted = (weight + offset_) >> (index * slice_bits_);
  if (bits.is_signed) return wrap_to_bits(shifted, bits.bits);
  return shifted & bits.max();
}

std::int64_t WeightSlicer::reconstruct(const std::vector<std::int64_t>& slices) const {
  std::int64_t value = -offset_;
  for (int i = 0; i < count_; ++i) value += factor(i) * slices[static_cast<std::size_t>(i)];
  return value;
}

std::int64_t act_bit(std::int64_t act, int index) { return (act >> index) & 1; }

std::int64_t act_bit_factor(const IntegerFormat& acts, int index) {
  const std::int64_t factor = std::int64_t{1} << index;
  return acts.is_signed && index == acts.bits - 1 ? -factor : factor;
}

int planes_with_ones(std::int64_t any, const IntegerFormat& format) {
  const std::uint64_t bits =
      static_cast<std::uint64_t>(any) & ((std::uint64_t{1} << format.bits) - 1);
  return std::max(1, __builtin_popcountll(bits));
}

SlicedDot sliced_dot(const std::vector<std::int64_t>& weights,
                     const std::vector<std::int64_t>& acts, const WeightSlicer& slicer,
                     const IntegerFormat& act_format, std::size_t wordlines) {
  BITSCALE_INVARIANT(weights.size() == acts.size(), "operands of different length");
  const std::size_t rows = wordlines == 0 ? weights.size() : wordlines;
  SlicedDot dot;
  for (std::size_t begin = 0; begin < weights.size(); begin += rows) {
    const std::size_t end = std::min(begin + rows, weights.size());
    for (int s = 0; s < slicer.count(); ++s) {
      for (int b = 0; b < act_format.bits; ++b) {
        std::int64_t sum = 0;
        for (std::size_t k = begin; k < end; ++k) {
          sum += slicer.slice(weights[k], s) * act_bit(acts[k], b);
        }
        dot.value += slicer.factor(s) * act_bit_factor(act_format, b) * sum;
        dot.min_bitline_sum = std::min(dot.min_bitline_sum, sum);
        dot.max_bitline_sum = std::max(dot.max_bitline_sum, sum);
        ++dot.bitline_sums;
      }
    }
  }
  if (slicer.act_sum_factor() != 0) {
    for (std::int64_t act : acts) dot.act_sum += act;
    dot.value += slicer.act_sum_factor() * dot.act_sum;
  }
  return dot;
}

}  // namespace bitscale::numeric

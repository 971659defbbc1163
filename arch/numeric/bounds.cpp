#include "arch/numeric/bounds.h"

#include <algorithm>

#include "arch/base/error.h"
#include "arch/numeric/accumulator.h"

namespace bitscale::numeric {
namespace {

/// ceil(log2(x)), x ≥ 1.
int ceil_log2(std::int64_t x) {
  int bits = 0;
  while ((std::int64_t{1} << bits) < x) ++bits;
  return bits;
}

int sign_bit(const IntegerFormat& format) { return format.is_signed ? 1 : 0; }

}  // namespace

int data_type_bound_bits(std::int64_t length, const IntegerFormat& acts,
                         const IntegerFormat& weights) {
  BITSCALE_INVARIANT(length >= 0 && length < (std::int64_t{1} << 30), "reduction length");
  const int shift = acts.bits - sign_bit(acts) + weights.bits - sign_bit(weights);
  return ceil_log2((length << shift) + 1) + 1;
}

int l1_bound_bits(std::int64_t l1_norm, const IntegerFormat& acts) {
  return ceil_log2((l1_norm << (acts.bits - sign_bit(acts))) + 1) + 1;
}

std::int64_t a2q_l1_budget(int acc_bits, const IntegerFormat& acts) {
  return signed_max(acc_bits) >> (acts.bits - sign_bit(acts));
}

std::int64_t a2q_plus_l1_budget(int acc_bits, int act_bits) {
  return ((std::int64_t{1} << acc_bits) - 2) / ((std::int64_t{1} << act_bits) - 1);
}

int SumRange::signed_bits() const { return std::max(signed_bits_for(min), signed_bits_for(max)); }

int SumRange::unsigned_bits() const {
  BITSCALE_INVARIANT(min >= 0, "an unsigned accumulator cannot hold a negative sum");
  return ceil_log2(max + 1);
}

void SumRange::widen(const SumRange& other) {
  min = std::min(min, other.min);
  max = std::max(max, other.max);
}

std::vector<std::int64_t> extremal_input(const std::vector<std::int64_t>& weights,
                                         const IntegerFormat& acts, RangeEnd end) {
  std::vector<std::int64_t> input;
  input.reserve(weights.size());
  for (std::int64_t w : weights) {
    const bool take_max = (w >= 0) == (end == RangeEnd::Highest);
    input.push_back(take_max ? acts.max() : acts.min());
  }
  return input;
}

}  // namespace bitscale::numeric

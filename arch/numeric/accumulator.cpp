#include "arch/numeric/accumulator.h"

#include <algorithm>
#include <string>

#include "arch/base/error.h"

namespace bitscale::numeric {
namespace {

void check_acc_bits(int bits) {
  BITSCALE_INVARIANT(bits >= kMinAccBits && bits <= kMaxAccBits,
                     "accumulator of " + std::to_string(bits) + " bits");
}

}  // namespace

int signed_bits_for(std::int64_t value) {
  int bits = 1;
  while (bits < 63 && !fits_signed(value, bits)) ++bits;
  return bits;
}

AccumulatorStep accumulate(std::int64_t base, std::int64_t product, int bits,
                           OverflowPolicy policy) {
  const std::int64_t exact = base + product;
  AccumulatorStep step{exact, !fits_signed(exact, bits)};
  if (policy == OverflowPolicy::Wrap) step.value = wrap_to_bits(exact, bits);
  if (policy == OverflowPolicy::SaturateEachStep) step.value = saturate_to_bits(exact, bits);
  return step;
}

std::int64_t finish(std::int64_t value, int bits, OverflowPolicy policy) {
  return policy == OverflowPolicy::SaturateAtEnd ? saturate_to_bits(value, bits) : value;
}

int OverflowStats::observed_bits() const {
  return std::max(signed_bits_for(min_sum), signed_bits_for(max_sum));
}

void OverflowStats::merge(const OverflowStats& later) {
  if (first_reduction < 0 && later.first_reduction >= 0) {
    first_step = later.first_step;
    first_reduction = reductions + later.first_reduction;
  }
  steps += later.steps;
  overflows += later.overflows;
  reductions += later.reductions;
  min_sum = std::min(min_sum, later.min_sum);
  max_sum = std::max(max_sum, later.max_sum);
}

Accumulator::Accumulator(int bits, OverflowPolicy policy) : bits_(bits), policy_(policy) {
  check_acc_bits(bits);
  stats_.reductions = 1;
}

bool Accumulator::add(std::int64_t product) {
  const AccumulatorStep step = accumulate(register_, product, bits_, policy_);
  register_ = step.value;
  exact_ += product;
  if (step.overflow) {
    if (stats_.overflows == 0) {
      stats_.first_step = stats_.steps;
      stats_.first_reduction = 0;
    }
    ++stats_.overflows;
  }
  ++stats_.steps;
  stats_.min_sum = std::min(stats_.min_sum, exact_);
  stats_.max_sum = std::max(stats_.max_sum, exact_);
  return step.overflow;
}

bool Accumulator::lossy() const {
  return policy_ == OverflowPolicy::SaturateAtEnd ? value() != register_ : stats_.overflows > 0;
}

void ReductionOrder::check() const {
  check_acc_bits(acc_bits);
  check_acc_bits(psum_bits);
}

std::size_t ReductionOrder::chunk_end(std::size_t begin, std::size_t length) const {
  if (!chunk_ends.empty()) {
    return std::min(*std::upper_bound(chunk_ends.begin(), chunk_ends.end() - 1, begin), length);
  }
  return chunk_length == 0 ? length : std::min(begin + chunk_length, length);
}

std::size_t ReductionOrder::chunks(std::size_t length) const {
  if (!chunk_ends.empty()) return chunk_ends.size();
  return chunk_length == 0 || length == 0 ? 1 : (length + chunk_length - 1) / chunk_length;
}

void ReductionOrder::join_chunks() {
  chunk_length = 0;
  chunk_ends.clear();
  steps.clear();
  narrow_chunks = false;
}

namespace {

/// One chunk's products, summed step by step or at once; its stats number the steps from 0.
Accumulator reduce_chunk(const std::int64_t* products, std::size_t begin, std::size_t end,
                         const ReductionOrder& order, std::optional<std::int64_t> bias) {
  Accumulator acc(order.acc_bits, order.policy);
  if (order.narrow_chunks) {
    std::int64_t sum = bias.value_or(0);
    for (std::size_t k = begin; k < end; ++k) sum += products[order.product(k)];
    acc.add(sum);
    return acc;
  }
  if (bias.has_value()) acc.add(*bias);
  for (std::size_t k = begin; k < end; ++k) acc.add(products[order.product(k)]);
  return acc;
}

}  // namespace

ReductionResult reduce(const std::int64_t* products, std::size_t count, const ReductionOrder& order,
                       std::optional<std::int64_t> bias) {
  order.check();
  ReductionResult result;
  Accumulator psum(order.psum_bits, order.policy);
  std::size_t begin = 0;
  do {
    const std::size_t end = order.chunk_end(begin, count);
    const Accumulator acc =
        reduce_chunk(products, begin, end, order, begin == 0 ? bias : std::nullopt);
    OverflowStats stats = acc.stats();
    if (stats.first_step >= 0) stats.first_step += result.acc.steps;
    result.acc.merge(stats);
    result.lossy = result.lossy || acc.lossy();
    result.value = acc.value();
    psum.add(acc.value());
    begin = end;
  } while (begin < count);
  // All chunks are one reduction: the numbering of reductions is the caller's.
  result.acc.reductions = 1;
  if (result.acc.first_reduction > 0) result.acc.first_reduction = 0;
  if (!order.one_chunk(count)) {
    result.value = psum.value();
    result.psum = psum.stats();
    result.lossy = result.lossy || psum.lossy();
  }
  return result;
}

}  // namespace bitscale::numeric

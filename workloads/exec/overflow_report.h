// What a P-bit accumulator did to each layer and output channel, beside what theory asks for.
#ifndef BITSCALE_WORKLOADS_EXEC_OVERFLOW_REPORT_H_
#define BITSCALE_WORKLOADS_EXEC_OVERFLOW_REPORT_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "arch/numeric/bounds.h"
#include "workloads/exec/integer_executor.h"
#include "workloads/exec/mac_bounds.h"

namespace bitscale::exec {

/// One output channel: counts over all samples and pixels, and its bounds.
struct ChannelOverflow {
  numeric::ChannelAccount account;
  MacBounds bounds;
};

/// The three bounds of the worst channel.
struct LayerBounds {
  int data_type_bits = 0, l1_bits = 0, exact_bits = 0;
};

struct LayerOverflow {
  std::size_t node = 0;
  std::string name;
  numeric::ReductionOrder order;
  std::vector<ChannelOverflow> channels;

  // Over all channels.
  std::int64_t steps = 0, overflows = 0;        ///< on the array and across chunks together
  std::int64_t outputs = 0, lossy_outputs = 0;  ///< numeric::ReductionResult::lossy
  std::int64_t max_abs_sum = 0;  ///< exact partial sums, on the array and across chunks
  int observed_acc_bits = 0;     ///< that this data needed on the array
  int observed_psum_bits = 0;    ///< that this data needed across chunks; 0 when there is only one
  int observed_bits = 0;         ///< that this data needed (wider of the two levels)
  LayerBounds bounds;            ///< corrections included
  LayerBounds code_bounds;       ///< of the register on the array alone
  bool corrected = false;        ///< codes are not values: the two differ
  numeric::GuaranteedBits guaranteed;  ///< for this order of accumulation

  double overflow_rate() const;
  int l1_slack_bits() const { return bounds.l1_bits - bounds.exact_bits; }
  /// Bits of the accumulator on the array that this data never used; 0 when it needed more.
  int wasted_bits() const { return std::max(0, order.acc_bits - observed_acc_bits); }
  /// The same of the sums across chunks, which are wasted whole when nothing is summed there.
  int wasted_psum_bits() const { return std::max(0, order.psum_bits - observed_psum_bits); }
  bool sums_chunks() const { return observed_psum_bits > 0; }
};

/// One entry per Mac node with constant weights, in execution order. `record` must come from
/// `executor` with account_overflow.
std::vector<LayerOverflow> overflow_report(const IntegerExecutor& executor,
                                           const RunRecord& record);

/// acc_bits: "auto": for every node the fewest bits that can never overflow, whatever the input.
/// `orders`: as ExecutorOptions::orders, of which the widths and the policy are not used. Entries
/// of nodes without constant weights get the widest accumulator.
std::vector<numeric::ReductionOrder> guaranteed_orders(
    const IntegerExecutor& executor, numeric::OverflowPolicy policy,
    const std::vector<numeric::ReductionOrder>& orders);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_OVERFLOW_REPORT_H_

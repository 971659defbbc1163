// What --acc-bits, --overflow and --order ask of the accumulators.
#ifndef BITSCALE_SIM_CLI_ACCUMULATOR_SETTING_H_
#define BITSCALE_SIM_CLI_ACCUMULATOR_SETTING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/numeric/accumulator.h"
#include "sim/cli/command.h"
#include "sim/mapping/mapper.h"
#include "workloads/exec/overflow_report.h"

namespace bitscale::cli {

/// Design: the PE's own register. Fixed: every layer at `low` bits. Range: the same at each of
/// `low` … `high`, the report's own run at `high`. Automatic: per layer the fewest bits that no
/// input can overflow; the PE's register is the widest of them.
enum class AccumulatorKind { Design, Fixed, Range, Automatic };

/// Whole: one accumulator sums a whole reduction. Mapping: the array sums what one pass of the
/// mapping brings it, partial sums are added outside.
enum class SumOrder { Whole, Mapping };
inline const base::NameTable<SumOrder> kSumOrderNames = {{SumOrder::Whole, "whole"},
                                                         {SumOrder::Mapping, "mapping"}};

struct AccumulatorSetting {
  AccumulatorKind kind = AccumulatorKind::Design;
  int low = 0, high = 0;
  std::optional<numeric::OverflowPolicy> policy;  ///< else the design's
  SumOrder order = SumOrder::Mapping;
};

/// Adds --acc-bits, --overflow and --order.
void describe_accumulators(Options& options);

/// Throws UserError for everything it cannot read.
AccumulatorSetting accumulator_setting(const Options& options);

/// The order in which the mapping sums each node of the graph (nodes without a MAC layer: any).
std::vector<numeric::ReductionOrder> mapping_orders(const model::QuantizedGraph& graph,
                                                    const mapping::TaskGraph& tasks,
                                                    const mapping::NetworkMapping& mapping,
                                                    const spec::AcceleratorSpec& accelerator);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_ACCUMULATOR_SETTING_H_

// Iso-solver: the largest MAC array of a design whose demand stays within a budget.
//
// Demand of rows × cols PEs at full rate, all cores, everything else of the design unchanged:
//   area       CostModel::area
//   power      every PE busy + array edges reading and writing the buffers + leakage, at clock_mhz
//   peak       2 operations × MACs per cycle × clock (dense, at the given widths)
//   bandwidth  operands and results that cross the array's edges
// Edges per cycle, n MACs per PE and cycle: weight-stationary rows·n·act_bits in and cols·acc_bits
// out; input-stationary rows·n·weight_bits and cols·acc_bits; output-stationary rows·n·act_bits and
// cols·n·weight_bits (results leave once per reduction and are not counted, nor are preloads).
#ifndef BITSCALE_ARCH_COST_ISO_H_
#define BITSCALE_ARCH_COST_ISO_H_

#include <cstdint>
#include <optional>

#include "arch/cost/cost_model.h"

namespace bitscale::cost {

struct IsoDemand {
  double area_um2 = 0;
  double power_mw = 0;
  double peak_tops = 0;
  double bandwidth_gbps = 0;  ///< 10^9 bytes/s
};

/// Limits; those not given do not bind. At least one is given.
struct IsoBudget {
  std::optional<double> area_um2, power_mw, peak_tops, bandwidth_gbps;
};

/// Which shapes are allowed: rows / cols within [aspect / stretch, aspect · stretch], both
/// multiples of `step`; or one side fixed, and then any aspect.
struct IsoShape {
  double aspect = 1;
  double stretch = 2;
  std::int64_t step = 1;
  std::optional<std::int64_t> rows, cols;
};

struct IsoResult {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  IsoDemand demand;
};

/// The demand of a design as a function of its array's shape.
class ArrayDemand {
 public:
  /// Throws UserError when the PE does not support the widths.
  ArrayDemand(const spec::AcceleratorSpec& accelerator, const Technology& technology,
              int weight_bits, int act_bits);
  IsoDemand at(std::int64_t rows, std::int64_t cols) const;

 private:
  /// base + per_pe · (rows·cols − 1) + per_col · (cols − 1): how area and leakage grow.
  struct Growth {
    double base = 0;
    double per_pe = 0;
    double per_col = 0;
    double at(std::int64_t rows, std::int64_t cols) const;
  };

  Growth area_um2_;
  Growth leakage_mw_;
  double cores_;
  double clock_mhz_;
  double macs_per_pe_cycle_;
  double pe_pj_per_cycle_;
  double row_bits_;  // per row and cycle
  double col_bits_;  // per column and cycle
  double row_pj_per_bit_;
  double col_pj_per_bit_;
};

/// The shape with the most PEs; among equals the one nearest to the aspect. Throws UserError when
/// the budget or shape is no positive number, or when nothing fits.
IsoResult solve_iso(const ArrayDemand& demand, const IsoBudget& budget, const IsoShape& shape);

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_ISO_H_

// Cycles of a matrix product on PIM arrays, closed form, equal to rtl/pim_array.sv.
//
// A product of M vectors × K reduction × N columns per group lies on
//   ceil(K / wordlines) × ceil(N / weights_per_wordline)
// arrays per group. All arrays of a core work at once on the same vectors; each is written one
// wordline per cycle (all of them together) before it computes:
//   write    wordlines used
//   compute  planes · col_mux + 2           (wordline register in front, adder tree register
//   behind)
// planes = M · act_bits; where planes without a one are skipped, the sum over the vectors of
// max(1, activation bits that are 1 on any wordline).
// Spare arrays stay idle: weights are not replicated.
#ifndef BITSCALE_ARCH_TIMING_PIM_H_
#define BITSCALE_ARCH_TIMING_PIM_H_

#include <cstdint>

#include "arch/spec/pim_array.h"

namespace bitscale::timing {

/// One matrix product per group, all groups at once on arrays of their own.
struct PimWork {
  std::int64_t groups = 1;
  std::int64_t vectors = 1;    ///< M
  std::int64_t columns = 1;    ///< N, of one group
  std::int64_t reduction = 1;  ///< K
  int weight_bits = 8;
  int act_bits = 8;
};

/// How the product lies on the arrays.
struct PimGrid {
  std::int64_t row_tiles = 1;  ///< per group
  std::int64_t col_tiles = 1;
  std::int64_t arrays = 1;                      ///< of all groups
  std::int64_t wordlines = 1;                   ///< written in the fullest array
  std::int64_t used_cells = 0, lost_cells = 0;  ///< of the arrays in use

  /// Share of the used arrays' cells that hold weights.
  double utilization() const {
    return static_cast<double>(used_cells) / static_cast<double>(used_cells + lost_cells);
  }
};

PimGrid pim_grid(const spec::PimArraySpec& pim, const PimWork& work);

/// One array: `wordlines` written, before any vector.
std::int64_t pim_write_cycles(std::int64_t wordlines);
/// One array: vectors back to back that take `planes` planes together; 0 for none.
std::int64_t pim_plane_cycles(const spec::PimArraySpec& pim, std::int64_t planes);
/// The same for `vectors` of which no plane is skipped.
std::int64_t pim_compute_cycles(const spec::PimArraySpec& pim, std::int64_t vectors, int act_bits);

}  // namespace bitscale::timing

#endif  // BITSCALE_ARCH_TIMING_PIM_H_

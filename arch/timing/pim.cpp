#include "arch/timing/pim.h"

#include <algorithm>

#include "arch/base/error.h"

namespace bitscale::timing {
namespace {

constexpr std::int64_t kPipelineCycles = 2;  // wordline register, adder tree register

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

PimGrid pim_grid(const spec::PimArraySpec& pim, const PimWork& work) {
  BITSCALE_INVARIANT(spec::supports(pim, work.weight_bits, work.act_bits),
                     "operands wider than the PIM array");
  PimGrid grid;
  grid.row_tiles = ceil_div(work.reduction, pim.wordlines);
  grid.col_tiles = ceil_div(work.columns, spec::weights_per_wordline(pim, work.weight_bits));
  grid.arrays = work.groups * grid.row_tiles * grid.col_tiles;
  grid.wordlines = std::min(work.reduction, pim.wordlines);
  grid.used_cells =
      work.groups * work.reduction * work.columns * spec::cells_per_weight(pim, work.weight_bits);
  grid.lost_cells = grid.arrays * pim.cells() - grid.used_cells;
  return grid;
}

std::int64_t pim_write_cycles(std::int64_t wordlines) { return wordlines; }

std::int64_t pim_plane_cycles(const spec::PimArraySpec& pim, std::int64_t planes) {
  return planes == 0 ? 0 : planes * pim.col_mux + kPipelineCycles;
}

std::int64_t pim_compute_cycles(const spec::PimArraySpec& pim, std::int64_t vectors, int act_bits) {
  return pim_plane_cycles(pim, vectors * act_bits);
}

}  // namespace bitscale::timing

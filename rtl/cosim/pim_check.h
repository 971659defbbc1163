// Vectors through the RTL PIM array beside arch/numeric: sums and overflow flags bit for bit, and
// cycles against the closed form.
#ifndef BITSCALE_RTL_COSIM_PIM_CHECK_H_
#define BITSCALE_RTL_COSIM_PIM_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rtl/cosim/coverage.h"
#include "rtl/cosim/failure.h"
#include "rtl/cosim/pim_model.h"

namespace bitscale::cosim {

/// Weights to write, then vectors of one activation width to run back to back.
struct PimCase {
  std::string name;                   ///< of the layer, for messages
  std::vector<std::int32_t> weights;  ///< [wordline][column]
  std::vector<PimVector> vectors;
  std::uint64_t seed = 0;  ///< of the operands; only quoted
};

struct PimCheck {
  std::int64_t macs = 0;
  std::int64_t mismatches = 0;  ///< sums or flags that differ, and one more for each wrong time
  std::int64_t expected_cycles = 0;  ///< writing and computing
  std::int64_t rtl_cycles = 0;
  Coverage coverage;
  PimRun run;
  std::optional<Failure> failure;
};

PimCheck check_pim(PimModel& model, const PimSpec& pim, const PimCase& test);

/// A disagreement that shows only beside other arrays (a layer's output, its cycles): `text` under
/// the case's parameters and seed, with the operands of a column's sum for a vector and the window
/// around it. A vector that the case does not have: the window is the end of the run.
Failure pim_failure(PimModel& model, const PimSpec& pim, const PimCase& test, std::size_t vector,
                    std::size_t column, const ArraySum& expected, const std::string& text);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_PIM_CHECK_H_

// Runs the RTL units with a protocol of their own against arch/numeric: every accumulator bit and
// overflow flag, every cycle.
#ifndef BITSCALE_RTL_COSIM_UNIT_CHECK_H_
#define BITSCALE_RTL_COSIM_UNIT_CHECK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "rtl/cosim/coverage.h"
#include "rtl/cosim/failure.h"
#include "rtl/cosim/named_sets.h"
#include "rtl/cosim/unit_model.h"

namespace bitscale::cosim {

struct UnitUnderTest {
  std::size_t index = 0;  ///< of the model
  NamedSet set;
};

struct UnitResult {
  std::int64_t mismatches = 0;  ///< cycles in which some accumulator or flag differs
  Coverage coverage;
  std::optional<Failure> failure;  ///< the first; its window is the last 64 cycles before it
};

struct UnitCheckReport {
  std::int64_t cycles = 0;
  std::vector<UnitResult> results;  ///< one per unit
};

UnitCheckReport check_units(UnitModel& model, const std::vector<UnitUnderTest>& units,
                            const std::vector<UnitInputs>& inputs, std::uint64_t seed);

/// Corner operands at every mode, then random ones, `cycles` in all (never fewer than the corners
/// need). The first cycle of each part starts new sums; pauses (enable low) occur.
std::vector<UnitInputs> unit_inputs(std::int64_t cycles, std::uint64_t seed);

/// Appends one activation per lane in series, `act_bits` cycles, for the bit-serial units. The
/// other inputs are those of `inputs`.
void append_serial(const UnitInputs& inputs, const std::vector<std::int64_t>& acts, int act_bits,
                   std::vector<UnitInputs>& all);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_UNIT_CHECK_H_

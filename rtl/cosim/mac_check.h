// Runs RTL MACs against arch/numeric: every accumulator bit and overflow flag, every cycle.
#ifndef BITSCALE_RTL_COSIM_MAC_CHECK_H_
#define BITSCALE_RTL_COSIM_MAC_CHECK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "rtl/cosim/coverage.h"
#include "rtl/cosim/failure.h"
#include "rtl/cosim/mac_model.h"
#include "rtl/cosim/named_sets.h"

namespace bitscale::cosim {

/// One of a model's MACs and what it must follow.
struct MacUnderTest {
  std::size_t index = 0;  ///< of the model
  MacSpec spec;
};

/// What became of one MAC. Its failure's VCD window goes from the sum's start (at most 64 vectors
/// before) to two vectors after.
struct MacResult {
  std::int64_t mismatches = 0;
  Coverage coverage;
  std::optional<Failure> failure;  ///< the first
};

struct MacCheckReport {
  std::int64_t vectors = 0;        ///< cycles, the same for every MAC
  std::vector<MacResult> results;  ///< one per MAC
  std::int64_t mac_vectors() const { return vectors * static_cast<std::int64_t>(results.size()); }
  std::int64_t mismatches() const;
};

/// Runs the vectors in order. `seed` is only quoted.
MacCheckReport check_macs(MacModel& model, const std::vector<MacUnderTest>& macs,
                          const std::vector<MacOperands>& vectors, std::uint64_t seed);

/// All MACs of a model in order, each with its spec.
std::vector<MacUnderTest> all_macs(const std::vector<MacSpec>& specs);

/// Corners, both accumulator ends of every MAC that `vectors` steps reach (at least 140; at
/// most a million where several MACs share the vectors), sums preloaded next to the ends if
/// `preloads` (the model can_preload()), then random operands up to `vectors` in all. More than
/// `vectors` when what comes before needs them.
std::vector<MacOperands> mac_vectors(const std::vector<MacUnderTest>& macs, std::int64_t vectors,
                                     std::uint64_t seed, bool preloads = false);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_MAC_CHECK_H_

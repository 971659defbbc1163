// Runs RTL MACs against arch/numeric: every accumulator bit and overflow flag, every cycle.
#ifndef BITSCALE_RTL_COSIM_MAC_CHECK_H_
#define BITSCALE_RTL_COSIM_MAC_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/base/json_writer.h"
#include "rtl/cosim/mac_model.h"
#include "rtl/cosim/named_sets.h"

namespace bitscale::cosim {

/// How often operand corners and accumulator ends were met, over all sets.
struct MacCoverage {
  std::int64_t weight_min = 0, weight_max = 0, weight_minus_one = 0, weight_zero = 0;
  std::int64_t act_min = 0, act_max = 0, act_minus_one = 0, act_zero = 0;
  std::int64_t overflow_up = 0, overflow_down = 0;
  std::int64_t overflow_up_by_one = 0, overflow_down_by_one = 0;
};

/// The first disagreement: everything needed to repeat and look at it.
struct MacFailure {
  std::string parameters;
  std::uint64_t seed = 0;
  std::int64_t cycle = 0;  ///< vectors before this one
  MacOperands operands;
  std::int64_t expected_acc = 0, rtl_acc = 0;
  bool expected_overflow = false, rtl_overflow = false;
  std::string vcd;  ///< waveform from the sum's start to two vectors after the failure

  std::string describe() const;
};

struct MacCheckReport {
  std::int64_t vectors = 0;      ///< cycles
  std::int64_t mac_vectors = 0;  ///< cycles × sets
  std::int64_t mismatches = 0;   ///< of MAC vectors
  MacCoverage coverage;
  std::optional<MacFailure> failure;
};

/// Runs the vectors in order. `specs[i]` is what model.acc(i) must follow. `seed` is only quoted.
MacCheckReport check_macs(MacModel& model, const std::vector<MacSpec>& specs,
                          const std::vector<MacOperands>& vectors, std::uint64_t seed);

/// Corners, both accumulator ends of every set, then random operands up to `vectors` in all (never
/// fewer than the first two need).
std::vector<MacOperands> mac_vectors(const std::vector<MacSpec>& specs, std::int64_t vectors,
                                     std::uint64_t seed);

void write_json(base::JsonWriter& json, const MacCheckReport& report);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_MAC_CHECK_H_

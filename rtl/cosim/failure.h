// The first disagreement of a parameter set: everything needed to repeat and look at it.
#ifndef BITSCALE_RTL_COSIM_FAILURE_H_
#define BITSCALE_RTL_COSIM_FAILURE_H_

#include <cstdint>
#include <string>

namespace bitscale::cosim {

struct Failure {
  std::int64_t cycle = 0;  ///< of the run that failed; for MACs also the vectors before this one
  /// Parameters, seed, cycle, operands, the expected and the RTL's result.
  std::string text;
  std::string vcd;  ///< the window of the failing case (IEEE 1364 value change dump)
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_FAILURE_H_

// Kernel time counts accelerator cycles: one cycle is 1 ns of SystemC time whatever the clock, and
// DRAM times are fractions of it down to 1/1000 cycle. Nothing is lost to rounding a clock period.
#ifndef BITSCALE_SIM_COMPONENTS_CYCLE_TIME_H_
#define BITSCALE_SIM_COMPONENTS_CYCLE_TIME_H_

#include <systemc>

#include <cstdint>

namespace bitscale::components {

inline constexpr double kTicksPerCycle = 1000;  // kernel resolution: 1 ps

inline double now_cycles() {
  return static_cast<double>(sc_core::sc_time_stamp().value()) / kTicksPerCycle;
}

inline void wait_cycles(double cycles) {
  if (cycles > 0) sc_core::wait(cycles, sc_core::SC_NS);
}

inline void wait_until(double cycle) { wait_cycles(cycle - now_cycles()); }

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_CYCLE_TIME_H_

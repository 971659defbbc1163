// Scaling of published figures between CMOS nodes.
//
// Source: A. Stillmaker, B. Baas, "Scaling equations for the accurate prediction of CMOS device
// performance from 180 nm to 7 nm", Integration 58 (2017) 74–81, doi:10.1016/j.vlsi.2017.02.002:
// the area table and the energy (E = e2·V² + e1·V + e0) and delay (D = d3·V³ + … + d0) fits.
// A value scales by the ratio of the factors: value · F(to, V_to) / F(from, V_from). The delay fits
// hold only within each node's usual supply range; outside it they are not even monotone in V.
#ifndef BITSCALE_ARCH_COST_SCALING_H_
#define BITSCALE_ARCH_COST_SCALING_H_

#include <vector>

#include "arch/base/names.h"

namespace bitscale::cost {

/// Which fit a node has: high performance or low power. Nodes above 45 nm have one fit for both.
enum class Device { HighPerformance, LowPower };
inline const base::NameTable<Device> kDeviceNames = {{Device::HighPerformance, "hp"},
                                                     {Device::LowPower, "lp"}};

struct ProcessPoint {
  int node_nm = 45;
  double voltage = 1.0;
  Device device = Device::HighPerformance;
};

/// The nodes in nm the source covers, largest first.
const std::vector<int>& scalable_nodes();
bool can_scale(int node_nm);

/// The fitted factors at one process point. Throws InternalError for a node not in the source.
double energy_fit(const ProcessPoint& point);
double delay_fit(const ProcessPoint& point);

/// Multipliers from one process point to another; 1 for identical points.
double energy_scale(const ProcessPoint& from, const ProcessPoint& to);
double delay_scale(const ProcessPoint& from, const ProcessPoint& to);
/// Entry of the area table (two significant digits, from ITRS: SRAM shrinks less below 16 nm).
double area_scale(int from_nm, int to_nm);

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_SCALING_H_

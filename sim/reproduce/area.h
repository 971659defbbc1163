// bitscale reproduce area: target P4, what a narrow accumulator saves and what flexible MACs cost,
// from synthesis of this project's own RTL, beside independent figures.
#ifndef BITSCALE_SIM_REPRODUCE_AREA_H_
#define BITSCALE_SIM_REPRODUCE_AREA_H_

#include <optional>
#include <string>
#include <vector>

#include "sim/reproduce/area_study.h"
#include "sim/reproduce/target.h"

namespace bitscale::reproduce {

/// MACs of 8, 4 and 2 bits in the area of one of 16, for one rule of the accumulator's width.
struct AreaDensity {
  std::string who;          ///< the library, or who published it
  std::string accumulator;  ///< "2b + 8", "32 bits", "not given"
  std::optional<double> to_8, to_4, to_2;
};

/// Shares of a MAC's area at one width; each absent where nobody measured it.
struct AreaShare {
  std::string who;
  int bits = 0;
  std::optional<double> saved;      ///< by an accumulator of 2b + guard bits against 32
  std::optional<double> saturates;  ///< added by saturating each step
};

/// A flexible unit over fixed 8-bit MACs with accumulators of 24 bits.
struct AreaOverhead {
  std::string unit;
  double area_ratio = 0;
  double per_mac_cycle = 0;  ///< area ratio / (8-bit MACs a cycle)
  std::string beside;        ///< the independent figure
};

struct AreaResult {
  std::vector<AreaDensity> densities;  ///< ours by guard bits, then fixed
  std::vector<AreaDensity> independent;
  std::vector<AreaShare> shares, independent_shares;
  std::vector<AreaOverhead> overheads;
  std::vector<Target> targets;
};

/// Throws UserError when the synthesis lacks a design.
AreaResult reproduce_area(const AreaStudy& study);

std::string area_text(const AreaStudy& study, const AreaResult& result);
std::string area_json(const AreaStudy& study, const AreaResult& result);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_AREA_H_

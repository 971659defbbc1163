// What a price rests on, for the provenance part of reports.
#ifndef BITSCALE_ARCH_COST_PROVENANCE_H_
#define BITSCALE_ARCH_COST_PROVENANCE_H_

#include <string>
#include <vector>

#include "arch/cost/mac_surface.h"
#include "arch/cost/technology.h"

namespace bitscale::cost {

/// How sure a price is.
struct ProvenanceNote {
  std::string what;    ///< e.g. "mac_array area, w4 a4 acc24"
  std::string status;  ///< a name of kStatusNames, or "interpolated" or "extrapolated"
  std::string source;
};

ProvenanceNote note_of(std::string what, const Origin& origin);
/// The same, saying "interpolated" or "extrapolated" when the value is not a table's own.
ProvenanceNote note_of(std::string what, const Origin& origin, Basis basis);
/// The same for a value of a MAC table, with the fit's error when it is not the table's own.
ProvenanceNote note_of(std::string what, const MacSurface& surface, Basis basis);

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_PROVENANCE_H_

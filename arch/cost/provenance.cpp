#include "arch/cost/provenance.h"

#include <utility>

namespace bitscale::cost {

ProvenanceNote note_of(std::string what, const Origin& origin) {
  return {std::move(what), std::string(kStatusNames.name(origin.status)),
          origin.source + "; valid: " + origin.valid};
}

ProvenanceNote note_of(std::string what, const Origin& origin, Basis basis) {
  ProvenanceNote note = note_of(std::move(what), origin);
  if (basis == Basis::Table) return note;
  note.source = "from " + note.status + " figures: " + note.source;
  note.status = std::string(kBasisNames.name(basis));
  return note;
}

ProvenanceNote note_of(std::string what, const MacSurface& surface, Basis basis) {
  ProvenanceNote note = note_of(std::move(what), surface.origin(), basis);
  if (basis != Basis::Table) note.source += "; " + text_of(surface.hold_out());
  return note;
}

}  // namespace bitscale::cost

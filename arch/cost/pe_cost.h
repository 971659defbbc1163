// Area, energy and delay of one processing element of any kind.
//
// A fixed PE comes from the MAC tables (mac_surface.h). The other kinds are ratios to a fixed PE of
// their widest operands unless the tables have rows of their own:
//   decomposable  area and energy per cycle × (1 + (factor − 1) · levels / 2), levels = log2 of the
//                 widest operand in 2-bit bricks; a cycle's energy is shared by its MACs
//   configurable  area and energy per cycle × factor; a cycle's energy is shared by its MACs
//   bit_serial    area = factor · fixed(W, 8, C) / 8 (area × cycles was measured at 8 bits, the
//                 lane does not grow with the activations); energy × factor, clock per cycle
// A fixed PE at operands narrower than its own: sign extension keeps the upper bits toggling, so
//   energy = narrow + narrow_operand_share · (full − narrow).
// Clock energy = register bits (accumulator and operands) × clock pins per bit.
#ifndef BITSCALE_ARCH_COST_PE_COST_H_
#define BITSCALE_ARCH_COST_PE_COST_H_

#include <optional>
#include <vector>

#include "arch/cost/mac_surface.h"
#include "arch/cost/provenance.h"
#include "arch/cost/technology.h"
#include "arch/spec/mac_array.h"

namespace bitscale::cost {

class PeCost {
 public:
  /// Throws UserError when the technology has no table of fixed MACs.
  PeCost(const spec::MacArraySpec& array, const Technology& technology);

  Estimate area_um2() const { return area_um2_; }
  /// Clock energy of one cycle without a MAC, before clock gating.
  Estimate idle_pj_per_cycle() const;
  /// One MAC at these operand widths. `active_share` scales the data energy: the share of
  /// MACs whose multiplier moves, or what their operands cost relative to random ones. The widths
  /// must be supported by the PE.
  Estimate mac_pj(int weight_bits, int act_bits, double active_share) const;
  /// Critical path: the area table's own for a fixed PE of its widths, otherwise base + level ·
  /// (log1.5 of the rows of partial products over 2 + log2 C) + carry · C, times the factors of
  /// decomposable (by levels of fusion, as the area) and configurable PEs.
  double delay_ns() const;
  /// Whether delay_ns is the table's own.
  bool delay_from_table() const { return table_path_ns().has_value(); }
  /// What the energy of a MAC at these widths rests on.
  Basis energy_basis(int weight_bits, int act_bits) const;
  /// The same as a provenance note.
  ProvenanceNote mac_note(int weight_bits, int act_bits) const;
  const HoldOutError& area_error() const { return area_surface_.hold_out(); }
  const HoldOutError& energy_error() const { return energy_surface_.hold_out(); }
  const std::vector<ProvenanceNote>& notes() const { return notes_; }

 private:
  Estimate find_area();
  Estimate fixed_area(int act_bits);
  Estimate find_kind_energy_factor();
  Estimate data_pj(int weight_bits, int act_bits) const;
  Estimate pass_pj(int weight_bits, int act_bits) const;
  Estimate clock_pj(int act_bits) const;
  MacWidths full_widths() const;
  std::optional<double> table_path_ns() const;

  spec::PeSpec pe_;
  spec::Dataflow dataflow_;
  Technology technology_;
  MacSurface area_surface_;
  MacSurface energy_surface_;
  std::vector<ProvenanceNote> notes_;
  Estimate area_um2_;
  Estimate energy_factor_;
};

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_PE_COST_H_

// Area or data energy of a MAC at any widths, from a table of a few.
//
// Between table rows the value follows the structure of an array multiplier (cell counts):
//   pp(W, A, C) = Σ_{j<W} max(0, min(A, C − j))   partial-product bits that reach the accumulator
//   value ≈ a·pp + b·C + c·C·log2 min(W, A) + d + e·[PE]·(W + A) + f·[OS]·C + g·(pp + max(0, C − W
//   − A))
// with coefficients ≥ 0 fitted to the table by relative least squares (one e per PE design; f for
// the register an output-stationary PE hands its sum on with): a bit of the accumulator costs its
// register and an adder that grows with the levels of the tree before it (one for a single row as
// well), and bits above the product carry on their own (with pp, so that a wider operand, which
// makes them fewer, never costs less). Energy ≈ a·pp + b·C + c·C·log2 min(W, A) + d·(W + A): the
// operands' own pins, and no tree for a single row. The fit is then clamped
// between the largest row that is narrower in all widths and the smallest that is wider in all. So
// table rows are met exactly, and fewer bits never cost more, in any of the three widths (rows that
// themselves break that order are averaged out).
//
// "Interpolated" are the widths inside the convex hull of the fitted rows' widths (of the MAC and
// of both PEs, which share the fit). Rows of equal operands say nothing of unequal ones, and rows
// whose accumulator follows the operands nothing of another: those are "extrapolated".
#ifndef BITSCALE_ARCH_COST_MAC_SURFACE_H_
#define BITSCALE_ARCH_COST_MAC_SURFACE_H_

#include <optional>
#include <string>
#include <vector>

#include "arch/cost/technology.h"

namespace bitscale::cost {

struct MacWidths {
  int weight_bits = 8;
  int act_bits = 8;
  int acc_bits = 32;
};

enum class Basis { Table, Interpolated, Extrapolated };
inline const base::NameTable<Basis> kBasisNames = {{Basis::Table, "table"},
                                                   {Basis::Interpolated, "interpolated"},
                                                   {Basis::Extrapolated, "extrapolated"}};

struct MacReading {
  Estimate estimate;
  Basis basis = Basis::Table;
};

/// "error on left-out widths: mean 3.2 %, max 9 %".
std::string text_of(const HoldOutError& error);

enum class MacQuantity { Area, Energy };

class MacSurface {
 public:
  /// Takes the table's own fit when it brings one, which must be what this would find.
  MacSurface(const MacTable& table, MacQuantity quantity);

  /// Whether the table has rows of the design at all.
  bool has(MacDesign design) const;
  /// MacAccRegister or one of the two PEs of a fixed MAC, at 1–16, 1–16, 2–48 bits. Outside the
  /// table the interval is widened by the largest hold-out error.
  MacReading at(MacDesign design, const MacWidths& widths) const;
  /// The estimate of at() alone; the interval of an energy is that of the policy's glitches.
  Estimate estimate_at(MacDesign design, const MacWidths& widths,
                       numeric::OverflowPolicy policy = numeric::OverflowPolicy::Wrap) const;
  /// The table's own row, for any design.
  std::optional<Estimate> table_row(MacDesign design, const MacWidths& widths) const;

  /// The critical path of the table's own row, where it gives one.
  std::optional<double> path_ns(MacDesign design, const MacWidths& widths) const;

  const std::vector<double>& coefficients() const { return coefficients_; }
  const HoldOutError& hold_out() const { return hold_out_; }
  const Origin& origin() const { return table_.origin; }

 private:
  Basis basis(MacDesign design, const MacWidths& widths) const;
  const MacRow* find(MacDesign design, const MacWidths& widths) const;

  MacTable table_;
  MacQuantity quantity_;
  std::vector<double> coefficients_;
  HoldOutError hold_out_;
};

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_MAC_SURFACE_H_

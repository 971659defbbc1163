// The processing-in-memory (PIM) arrays of a core: cells that hold bit-sliced weights, activation
// bits on the wordlines, digital adder trees, shift-add (rtl/pim_array.sv is the reference
// hardware), which layers run there, and what the macro costs.
//
// A weight of w bits takes cells_per_weight = ceil(w / slice_bits) · slice_bits / bits_per_cell
// neighbouring cells of one wordline. Whole weights only, and only whole groups of col_mux of them
// (they share one set of adder trees); what is left of a wordline is lost.
#ifndef BITSCALE_ARCH_SPEC_PIM_ARRAY_H_
#define BITSCALE_ARCH_SPEC_PIM_ARRAY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "arch/base/names.h"
#include "arch/numeric/bit_slicing.h"
#include "arch/numeric/precision.h"

namespace bitscale::spec {

/// Resident: every layer has cells of its own, written once (an error when they do not fit).
/// Reloaded: the cells are written anew for every layer of every inference. Auto: resident when
/// everything fits.
enum class PimWeights { Auto, Resident, Reloaded };
inline const base::NameTable<PimWeights> kPimWeightsNames = {{PimWeights::Auto, "auto"},
                                                             {PimWeights::Resident, "resident"},
                                                             {PimWeights::Reloaded, "reloaded"}};

/// Which layers run on the PIM arrays: those whose name matches a pattern, or each layer where it
/// does better by the run's objective.
enum class PimAssignment { Patterns, Auto };
inline const base::NameTable<PimAssignment> kPimAssignmentNames = {
    {PimAssignment::Patterns, "patterns"}, {PimAssignment::Auto, "auto"}};

/// What happens to a layer with MACs that is assigned to PIM and cannot run there.
enum class PimUnsupported { MacArray, Error };
inline const base::NameTable<PimUnsupported> kPimUnsupportedNames = {
    {PimUnsupported::MacArray, "mac_array"}, {PimUnsupported::Error, "error"}};

/// Which of the three descriptions of cost prices a run (arch/cost/pim_cost.h has them all).
enum class PimCostSource { PerMacTable, Components, Analytical };
inline const base::NameTable<PimCostSource> kPimCostSourceNames = {
    {PimCostSource::PerMacTable, "per_mac_table"},
    {PimCostSource::Components, "components"},
    {PimCostSource::Analytical, "analytical"}};

/// Energy of one MAC at equal widths.
struct PimMacEnergy {
  int bits = 0;
  double fj = 0;
};

/// Prices of the macro, at node_nm. Defaults are zero: a design that has PIM arrays states them all
/// and where they come from (AcceleratorSpec::sources).
struct PimCostSpec {
  PimCostSource source = PimCostSource::PerMacTable;
  std::int64_t node_nm = 45;
  /// (a) rows by rising width, energies not falling.
  std::vector<PimMacEnergy> per_mac;
  /// Widths between rows take the next wider row (the wider operand decides); else they are
  /// interpolated over the product of the widths.
  bool round_up = true;
  // (b) components.
  // Per weight bit × activation bit:
  double cell_fj = 0;        ///< the cell that gates; with the adder where that has no price
  double adder_tree_fj = 0;  ///< adder and carry columns
  // Per weight × activation bit:
  double driver_fj = 0, decoder_fj = 0, control_fj = 0, register_fj = 0;
  double wordline_fj = 0;   ///< what of these is not told apart
  double shift_add_fj = 0;  ///< one bit of a shift-add accumulator stepping once
  double write_fj = 0;      ///< one cell bit written
  double cell_um2 = 0;      ///< a cell with its adder
  double wordline_um2 = 0;  ///< driver and decoder of a wordline
  double column_um2 = 0;    ///< registers and control of a bitline
  double leakage_mw_per_mm2 = 0;
  double weight_bit_fj() const { return cell_fj + adder_tree_fj; }
  double act_bit_fj() const {
    return driver_fj + decoder_fj + control_fj + register_fj + wordline_fj;
  }
  // (c) analytical: mem_pj_per_bit · k and mac_pj_per_bit · k + mac_pj.
  double mem_pj_per_bit = 0;
  double mac_pj_per_bit = 0;
  double mac_pj = 0;
};

struct PimArraySpec {
  std::int64_t arrays = 1;  ///< per core
  std::int64_t wordlines = 128;
  std::int64_t bitlines = 128;  ///< cells of a wordline
  int bits_per_cell = 1;
  int slice_bits = 1;                    ///< a multiple of bits_per_cell
  std::int64_t col_mux = 1;              ///< weights that take turns on one set of adder trees
  std::int64_t adder_tree_inputs = 128;  ///< wordlines one tree sums, at least `wordlines`
  int weight_bits = 16;                  ///< widest weight, 1–16
  int act_bits = 16;                     ///< widest activation, 1–16
  int acc_bits = 32;                     ///< accumulator of a column
  numeric::OverflowPolicy overflow = numeric::OverflowPolicy::Wrap;
  numeric::SliceSign sign = numeric::SliceSign::TopSliceSigned;
  bool gate_zero_acts = false;     ///< a zero activation leaves its wordline still
  bool gate_zero_weights = false;  ///< a zero weight leaves its adders still
  /// A bit plane (one activation bit on all wordlines of an array) without a one takes no cycle and
  /// no energy: SkipZeroPlanes of rtl/pim_array.sv. A vector takes at least one plane.
  bool skip_zero_planes = false;
  PimWeights weights = PimWeights::Auto;
  PimAssignment assignment = PimAssignment::Patterns;
  std::vector<std::string> layers{"*"};  ///< names or patterns with * and ?
  PimUnsupported unsupported = PimUnsupported::MacArray;
  PimCostSpec cost;

  std::int64_t cells() const { return wordlines * bitlines; }  ///< of one array
};

/// Cells of one wordline that a weight takes.
std::int64_t cells_per_weight(const PimArraySpec& pim, int weight_bits);
/// Weights of one wordline, a multiple of col_mux; 0 when not even col_mux of them fit.
std::int64_t weights_per_wordline(const PimArraySpec& pim, int weight_bits);
/// Whether operands of these widths can be multiplied at all.
bool supports(const PimArraySpec& pim, int weight_bits, int act_bits);
/// MACs per cycle of one array with every wordline and column in use. The widths must be supported.
double macs_per_array_cycle(const PimArraySpec& pim, int weight_bits, int act_bits);

PimArraySpec read_pim_array(base::JsonReader& reader);
void write_pim_array(base::JsonWriter& json, const PimArraySpec& pim);

}  // namespace bitscale::spec

#endif  // BITSCALE_ARCH_SPEC_PIM_ARRAY_H_

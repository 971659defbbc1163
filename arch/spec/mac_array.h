// The MAC array of a core: grid, dataflow, processing element (PE).
#ifndef BITSCALE_ARCH_SPEC_MAC_ARRAY_H_
#define BITSCALE_ARCH_SPEC_MAC_ARRAY_H_

#include <array>
#include <cstdint>

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "arch/base/names.h"
#include "arch/numeric/precision.h"

namespace bitscale::spec {

/// Which operand stays in the PEs: weights (rows carry the reduction, columns output channels),
/// outputs (rows carry output pixels, columns output channels), inputs (rows carry the reduction,
/// columns output pixels).
enum class Dataflow { WeightStationary, OutputStationary, InputStationary };

inline const base::NameTable<Dataflow> kDataflowNames = {
    {Dataflow::WeightStationary, "weight_stationary"},
    {Dataflow::OutputStationary, "output_stationary"},
    {Dataflow::InputStationary, "input_stationary"}};

/// How a convolution's reduction is laid on the rows: im2col flattens kernel × channels; channels
/// puts input channels on the rows and takes one kernel tap at a time.
enum class RowMapping { Im2col, Channels };

inline const base::NameTable<RowMapping> kRowMappingNames = {{RowMapping::Im2col, "im2col"},
                                                             {RowMapping::Channels, "channels"}};

/// How many cycles a fold takes: Rtl equals rtl/mac_array.sv, ScaleSim the published closed form of
/// that simulator (arch/timing/fold.h has both).
enum class CycleModel { Rtl, ScaleSim };

inline const base::NameTable<CycleModel> kCycleModelNames = {{CycleModel::Rtl, "rtl"},
                                                             {CycleModel::ScaleSim, "scale_sim"}};

///  Fixed: one MAC per cycle at any width up to its own.
///  Decomposable: bricks of 2 bits fuse; (W_max/w)·(A_max/a) MACs per cycle, widths round up to
///  2·2^i. BitSerial: act_bits cycles per MAC. Configurable: PACT's unit; a peak ratio per width
///  (the wider operand decides).
enum class PeKind { Fixed, Decomposable, BitSerial, Configurable };

inline const base::NameTable<PeKind> kPeKindNames = {{PeKind::Fixed, "fixed"},
                                                     {PeKind::Decomposable, "decomposable"},
                                                     {PeKind::BitSerial, "bit_serial"},
                                                     {PeKind::Configurable, "configurable"}};

struct PeSpec {
  PeKind kind = PeKind::Fixed;
  int weight_bits = 8;  ///< widest weight, 1–16
  int act_bits = 8;     ///< widest activation, 1–16
  int acc_bits = 32;    ///< accumulator register, 2–48
  numeric::OverflowPolicy overflow = numeric::OverflowPolicy::Wrap;
  bool clock_gating = false;  ///< idle PEs spend no clock energy
  bool zero_gating = false;   ///< a zero operand keeps the multiplier still
  /// Configurable only: MACs per cycle of one PE at 16, 8, 4 and 2 bits.
  std::array<double, 4> peak_ratio{1, 2, 4, 8};
};

struct MacArraySpec {
  std::int64_t rows = 32;
  std::int64_t cols = 32;
  Dataflow dataflow = Dataflow::WeightStationary;
  RowMapping row_mapping = RowMapping::Im2col;
  bool shadow_weights = true;  ///< the next fold's stationary operand loads during this fold
  CycleModel cycle_model = CycleModel::Rtl;
  PeSpec pe;
};

/// MACs per cycle of one PE at the given widths (1 for Fixed, < 1 for BitSerial).
/// The widths must be supported: see supports().
double macs_per_pe_cycle(const PeSpec& pe, int weight_bits, int act_bits);

/// Whether the PE can multiply operands of these widths at all.
bool supports(const PeSpec& pe, int weight_bits, int act_bits);

MacArraySpec read_mac_array(base::JsonReader& reader);
void write_mac_array(base::JsonWriter& json, const MacArraySpec& array);

}  // namespace bitscale::spec

#endif  // BITSCALE_ARCH_SPEC_MAC_ARRAY_H_

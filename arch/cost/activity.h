// What the hardware did, counted, not priced: components count these, cost_model.h prices them. The
// list of actions is closed: a count that nobody prices cannot exist.
#ifndef BITSCALE_ARCH_COST_ACTIVITY_H_
#define BITSCALE_ARCH_COST_ACTIVITY_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "arch/numeric/precision.h"
#include "arch/spec/accelerator.h"

namespace bitscale::cost {

inline constexpr int kCountsSchemaVersion = 1;

/// The hardware blocks of area and energy reports.
enum class Component {
  MacArray,
  PimArray,
  WeightBuffer,  ///< also the one shared buffer
  ActBuffer,
  OutputBuffer,
  PostProcessing,
  Dma,
  Interconnect,
  Dram,
  kCount
};

enum class Action {
  Mac,                ///< multiply-accumulates executed (padding included)
  IdlePeCycle,        ///< PE × cycles without a MAC, over the layer's whole latency
  StationaryLoadBit,  ///< bits written into the PEs' stationary operand registers
  WeightReadBit,      ///< bits read from the weight buffer, unused bits of a word included
  WeightWriteBit,
  ActReadBit,
  ActWriteBit,
  OutputReadBit,  ///< partial sums read back and finished outputs read for the store
  OutputWriteBit,
  PostOperation,    ///< elements through post-processing
  DmaBit,           ///< bits moved by the DMA engines, either direction
  InterconnectBit,  ///< bits moved between cores
  DramReadBit,      ///< whole bursts
  DramWriteBit,
  PimMac,          ///< multiply-accumulates executed in PIM arrays
  PimCellBit,      ///< stored weight bits × activation bits, over all PIM MACs
  PimWordlineBit,  ///< activation bits over all PIM MACs
  PimShiftAddBit,  ///< bits of shift-add accumulators × activation bits, lost columns left out
  PimWriteBit,     ///< weight bits written into cells
  PimOperandBit,   ///< bits of the distinct weights and inputs of layers on PIM arrays
  kCount
};

inline constexpr std::size_t kComponentCount = static_cast<std::size_t>(Component::kCount);
inline constexpr std::size_t kActionCount = static_cast<std::size_t>(Action::kCount);

std::string_view name(Component component);
std::string_view name(Action action);  ///< snake_case with unit, e.g. "weight_read_bits"
Component component_of(Action action);

/// Counts of one layer, all cores together.
using ActionCounts = std::array<std::int64_t, kActionCount>;

/// One layer of a run. Cycles are of the accelerator clock.
struct LayerActivity {
  std::string name;
  std::string kind;  ///< layer kind, for reports
  numeric::Precision precision;
  std::int64_t macs = 0;          ///< shape product × batch
  std::int64_t padding_macs = 0;  ///< the part of macs on padding
  std::int64_t tiles = 0;
  std::int64_t compute_cycles = 0;  ///< array (or post-processing) busy, the slowest core
  // latency = compute + stall, stall = dram_stall + other_stall.
  std::int64_t stall_cycles = 0;
  /// What an infinite DRAM (no latency, no transfer time) would save under the same mapping: every
  /// wait a load or a store causes, on whichever block it is felt.
  std::int64_t dram_stall_cycles = 0;
  /// What it would not: post-processing behind the array, full output slots, exchange between
  /// cores.
  std::int64_t other_stall_cycles = 0;
  std::int64_t latency_cycles = 0;
  double ideal_cycles = 0;  ///< macs / (PEs × peak MACs per PE and cycle)
  ActionCounts counts{};
  /// Statistics of the operands where tensors were present; below 0 when not measured.
  double act_density = -1, weight_density = -1;
  /// Share of the MACs with a zero operand, counted pair by pair; below 0 when not measured.
  double zero_operand_rate = -1;
  /// Codes at the multiplier's inputs: set bits, and bits that toggle from one MAC to the next (a
  /// stationary operand changes once per stream). Below 0 when not measured.
  double act_bit_density = -1, act_toggle_rate = -1;
  double weight_bit_density = -1, weight_toggle_rate = -1;
  /// Bits of the register that sums pass, of those that change from one MAC to the next. Below 0
  /// when not measured.
  double sum_toggle_rate = -1;

  bool has_operand_rates() const {
    return act_density >= 0 && weight_density >= 0 && act_bit_density >= 0 &&
           act_toggle_rate >= 0 && weight_bit_density >= 0 && weight_toggle_rate >= 0;
  }
  std::int64_t count(Action action) const { return counts[static_cast<std::size_t>(action)]; }
  std::int64_t& count(Action action) { return counts[static_cast<std::size_t>(action)]; }
  /// Sets the stalls of a layer whose latency and compute cycles stand. `without_dram` is its
  /// latency with an infinite DRAM, taken for no less than compute and no more than latency.
  void attribute_stalls(std::int64_t without_dram);
  std::int64_t dram_bytes() const {
    return (count(Action::DramReadBit) + count(Action::DramWriteBit)) / 8;
  }
};

/// A whole run: enough to price it again for another technology (counts.json).
struct RunActivity {
  spec::AcceleratorSpec accelerator;
  std::string network;
  std::string engine;  ///< "systemc" or "analytic"
  std::int64_t batch = 1;
  double clock_mhz = 0;
  std::vector<LayerActivity> layers;         ///< one cold batch: latency
  std::int64_t steady_latency_cycles = 0;    ///< one batch in the steady state: throughput
  std::vector<LayerActivity> steady_layers;  ///< the same run in the steady state

  std::int64_t latency_cycles() const;
};

void write_counts(base::JsonWriter& json, const RunActivity& run);
RunActivity read_counts(base::JsonReader& reader);

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_ACTIVITY_H_

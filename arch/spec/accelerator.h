// One validated design point. Whoever holds an AcceleratorSpec need not doubt its values.
#ifndef BITSCALE_ARCH_SPEC_ACCELERATOR_H_
#define BITSCALE_ARCH_SPEC_ACCELERATOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "arch/spec/mac_array.h"
#include "arch/spec/memory.h"
#include "arch/spec/pim_array.h"

namespace bitscale::spec {

inline constexpr int kArchSchemaVersion = 1;

/// IsoFrequency: clock_mhz holds as given. FMax: the clock is the slowest component's f_max from
/// the technology, and clock_mhz is only its upper limit.
enum class ClockMode { IsoFrequency, FMax };
inline const base::NameTable<ClockMode> kClockModeNames = {
    {ClockMode::IsoFrequency, "iso_frequency"}, {ClockMode::FMax, "f_max"}};

/// What the cores of one chip divide among themselves.
enum class CoreSplit { OutputChannels, Pixels, Batch };
inline const base::NameTable<CoreSplit> kCoreSplitNames = {
    {CoreSplit::OutputChannels, "output_channels"},
    {CoreSplit::Pixels, "pixels"},
    {CoreSplit::Batch, "batch"}};

/// None: every tensor goes to DRAM and back. Layer: activations stay on chip between layers when
/// they fit. Network: weights too stay, across inferences.
enum class Residency { None, Layer, Network };
inline const base::NameTable<Residency> kResidencyNames = {
    {Residency::None, "none"}, {Residency::Layer, "layer"}, {Residency::Network, "network"}};

/// Cold: the first batch, nothing on chip. Steady: weights that stay are already there.
enum class RunState { Cold, Steady };
inline const base::NameTable<RunState> kRunStateNames = {{RunState::Cold, "cold"},
                                                         {RunState::Steady, "steady"}};

/// Requantization, activation functions, pooling and element-wise layers: `lanes` elements a cycle.
struct PostProcessingSpec {
  std::int64_t lanes = 32;
  /// Additions and activation functions right behind a layer with MACs work on its outputs as they
  /// leave, instead of as a layer of their own.
  bool fuse_elementwise = true;
};

/// Links between cores, for tensors one core makes and another needs.
struct InterconnectSpec {
  double bytes_per_cycle = 64;  ///< into each core
};

struct AcceleratorSpec {
  std::string name;
  std::string description;
  double clock_mhz = 500;
  ClockMode clock_mode = ClockMode::IsoFrequency;
  std::int64_t cores = 1;
  CoreSplit core_split = CoreSplit::OutputChannels;
  MacArraySpec mac_array;
  std::optional<PimArraySpec> pim;  ///< PIM arrays beside the MAC array of each core
  BuffersSpec buffers;
  DramSpec dram;
  PostProcessingSpec post_processing;
  InterconnectSpec interconnect;
  Residency residency = Residency::Layer;
  RunState state = RunState::Cold;
  /// JSON pointer → where the figure comes from, or "assumed".
  std::vector<std::pair<std::string, std::string>> sources;

  /// Usable DRAM bytes per clock cycle; infinity when the DRAM is infinite.
  double dram_bytes_per_cycle() const;
  /// DRAM latency in whole clock cycles, rounded up.
  std::int64_t dram_latency_cycles() const;
  std::int64_t total_pes() const { return cores * mac_array.rows * mac_array.cols; }
  /// MACs per cycle at these widths with everything in use: all MAC arrays, or all PIM arrays.
  double peak_macs_per_cycle(int weight_bits, int act_bits, bool on_pim) const;
};

/// Reads one design. Problems are collected in the reader; the result counts only without any.
AcceleratorSpec read_accelerator(base::JsonReader& reader);
void write_accelerator(base::JsonWriter& json, const AcceleratorSpec& accelerator);

}  // namespace bitscale::spec

#endif  // BITSCALE_ARCH_SPEC_ACCELERATOR_H_

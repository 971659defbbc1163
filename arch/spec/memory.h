// Memories: on-chip buffers of a core and the DRAM all cores share.
#ifndef BITSCALE_ARCH_SPEC_MEMORY_H_
#define BITSCALE_ARCH_SPEC_MEMORY_H_

#include <cstdint>
#include <string>

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "arch/base/names.h"

namespace bitscale::spec {

/// An SRAM. It moves banks × ports × word_bits per cycle.
struct BufferSpec {
  std::int64_t capacity_bytes = 0;
  std::int64_t word_bits = 64;
  std::int64_t banks = 1;
  std::int64_t ports = 1;
};

/// Dense: operands straddle words, no bit is lost. WordAligned: a word holds
/// floor(word_bits / operand bits) operands.
enum class Packing { Dense, WordAligned };
inline const base::NameTable<Packing> kPackingNames = {{Packing::Dense, "dense"},
                                                       {Packing::WordAligned, "word_aligned"}};

/// Materialized: an expanded copy of the input tile is written and read. OnTheFly: the array
/// reads the raw tile once per use.
enum class Im2col { Materialized, OnTheFly };
inline const base::NameTable<Im2col> kIm2colNames = {{Im2col::Materialized, "materialized"},
                                                     {Im2col::OnTheFly, "on_the_fly"}};

/// Buffers of one core. With `shared` set, weights, activations and outputs live in one memory
/// (`weight`) and the other two are unused.
struct BuffersSpec {
  bool shared = false;
  BufferSpec weight;  ///< weights, or everything when shared
  BufferSpec act;     ///< inputs, and tensors that stay on chip between layers
  BufferSpec output;  ///< partial sums and finished outputs before they leave
  Packing packing = Packing::Dense;
  bool double_buffering = true;
  Im2col im2col = Im2col::OnTheFly;

  std::int64_t total_bytes() const {
    return shared ? weight.capacity_bytes
                  : weight.capacity_bytes + act.capacity_bytes + output.capacity_bytes;
  }
};

/// External memory. Transfers are rounded up to bursts; infinite means no time at all
/// (energy is still counted).
struct DramSpec {
  std::string preset;  ///< name it came from, or ""
  bool infinite = false;
  double bandwidth_gbps = 0;  ///< peak, 10^9 bytes/s
  double efficiency = 1;      ///< usable share of the peak, 0–1
  double latency_ns = 0;      ///< request to first data
  std::int64_t burst_bytes = 64;
  double energy_pj_per_bit = 0;
  /// [low, high] that the sources give energy_pj_per_bit; the figure itself where they give none.
  double energy_low_pj_per_bit = 0, energy_high_pj_per_bit = 0;

  /// An energy without an interval.
  void set_energy(double pj_per_bit) {
    energy_pj_per_bit = energy_low_pj_per_bit = energy_high_pj_per_bit = pj_per_bit;
  }
};

BuffersSpec read_buffers(base::JsonReader& reader);
void write_buffers(base::JsonWriter& json, const BuffersSpec& buffers);
DramSpec read_dram(base::JsonReader& reader);
void write_dram(base::JsonWriter& json, const DramSpec& dram);

}  // namespace bitscale::spec

#endif  // BITSCALE_ARCH_SPEC_MEMORY_H_

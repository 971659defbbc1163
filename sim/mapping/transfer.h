// One tile's transfer between DRAM and the buffers. The DRAM moves what all cores need in whole
// bursts, an operand they share once. Each core's DMA engine moves that core's part, a broadcast in
// every core that works on the task, and its buffer takes it (or gives it, for outputs) in words as
// it packs them.
#ifndef BITSCALE_SIM_MAPPING_TRANSFER_H_
#define BITSCALE_SIM_MAPPING_TRANSFER_H_

#include <cstdint>

#include "sim/mapping/walk.h"
#include "sim/mapping/work.h"

namespace bitscale::mapping {

struct Transfer {
  std::int64_t dram_bytes = 0;   ///< whole bursts
  std::int64_t dma_bits = 0;     ///< operand bits, all cores
  std::int64_t buffer_bits = 0;  ///< words written or read, all cores

  void add(const Transfer& other, std::int64_t times) {
    dram_bytes += times * other.dram_bytes;
    dma_bits += times * other.dma_bits;
    buffer_bits += times * other.buffer_bits;
  }
};

/// Works out transfers of one operand, with what all its tiles share looked up once.
class TransferRule {
 public:
  TransferRule(const TaskContext& context, const spec::BufferSpec& buffer, bool shared, int bits);

  /// A tile of `elements` in each full core and `last_elements` in the last, smaller one.
  Transfer of(std::int64_t elements, std::int64_t last_elements) const {
    const std::int64_t reads = elements * dram_cores_ + dram_last_ * last_elements;
    const std::int64_t writes = elements * cores_ + last_ * last_elements;
    const std::int64_t bursts = (reads * bits_ + burst_bits_ - 1) / burst_bits_;
    Transfer transfer{bursts * (burst_bits_ / 8), writes * bits_, writes * bits_};
    if (!dense_)
      transfer.buffer_bits = in_words(elements) * cores_ + in_words(last_elements) * last_;
    return transfer;
  }

 private:
  std::int64_t in_words(std::int64_t elements) const {
    return buffer_bits(*buffers_, *buffer_, elements, bits_);
  }
  const spec::BuffersSpec* buffers_;
  const spec::BufferSpec* buffer_;
  bool dense_;
  int bits_;
  std::int64_t burst_bits_;
  std::int64_t dram_cores_, dram_last_;  ///< copies the DRAM moves
  std::int64_t cores_, last_;            ///< copies the buffers take
};

TransferRule weight_rule(const TaskContext& context);
TransferRule input_rule(const TaskContext& context);
TransferRule skip_rule(const TaskContext& context, std::size_t index);
TransferRule output_rule(const TaskContext& context);  ///< stores
/// Outputs that stay on chip: only buffer_bits is meant, of the buffer that keeps them.
TransferRule kept_rule(const TaskContext& context);

// The transfers of the tile where a walk stands.
Transfer weight_transfer(const TaskContext& context, const TileWalk& walk);
Transfer input_transfer(const TaskContext& context, const TileWalk& walk);
Transfer skip_transfer(const TaskContext& context, const TileWalk& walk, std::size_t index);
Transfer output_transfer(const TaskContext& context, const TileWalk& walk);
Transfer kept_transfer(const TaskContext& context, const TileWalk& walk);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_TRANSFER_H_

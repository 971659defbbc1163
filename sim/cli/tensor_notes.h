// What a run of tensors says beside its numbers.
#ifndef BITSCALE_SIM_CLI_TENSOR_NOTES_H_
#define BITSCALE_SIM_CLI_TENSOR_NOTES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "sim/report/report.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::cli {

/// Outputs of a network beyond these are not written.
inline constexpr std::size_t kMostOutputFiles = 16;

/// Where operands were measured and neither the design nor the technology makes use of them.
inline constexpr const char* kNoOperandEnergy =
    "operand statistics change no energy: this design gates no zeros, and this technology knows "
    "the MAC energy of random operands only";

/// outputs.npy for the first output (0), outputs_2.npy for the second, …
std::string output_file(std::size_t index);

/// What ran: integers bit for bit, real numbers, or so many layers with MACs in each.
std::string inference_kind(const model::QuantizedGraph& graph);

/// For a run at the design's own width: which accumulators lost something, and the width that
/// cannot.
void note_lossy_accumulators(const std::vector<report::AccumulatorUse>& uses,
                             std::vector<std::string>& notes);

/// The files of a network with several outputs, and the rows of one with a fixed batch.
void note_outputs(const model::QuantizedGraph& graph, std::vector<std::string>& notes);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_TENSOR_NOTES_H_

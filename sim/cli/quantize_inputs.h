// Inputs and labels of networks from the files people have them in.
#ifndef BITSCALE_SIM_CLI_QUANTIZE_INPUTS_H_
#define BITSCALE_SIM_CLI_QUANTIZE_INPUTS_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "workloads/model/tensor.h"
#include "workloads/model/trace.h"

namespace bitscale::cli {

/// Float32 [samples, input without batch axis] for a network whose input has `dims`. A .npy file
/// holds just that; any other file is IDX images, whose bytes become byte / 255 in the input's
/// shape. Throws UserError.
model::Tensor read_inputs(const std::filesystem::path& path, const model::Dims& dims);

/// The first `most` inputs of a file and their labels ("" for none): .npy integers or IDX. Throws
/// UserError: inputs of another type or shape than the network's, an input that is no number, fewer
/// labels than inputs.
model::Samples read_samples(const std::filesystem::path& inputs, const std::string& labels,
                            const model::Dims& dims, std::int64_t most);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_QUANTIZE_INPUTS_H_

// Inputs and labels of networks from the files people have them in.
#ifndef BITSCALE_SIM_CLI_QUANTIZE_INPUTS_H_
#define BITSCALE_SIM_CLI_QUANTIZE_INPUTS_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "workloads/model/tensor.h"
#include "workloads/model/trace.h"

namespace bitscale::cli {

/// Float32 [samples, input without batch axis] for a network whose input has `dims` and that runs
/// `per_run` samples at a time. A .npy file holds just that, or one sample of an input without
/// batch axis; any other file is IDX images, whose bytes become byte / 255 in the input's shape.
/// Throws UserError.
model::Tensor read_inputs(const std::filesystem::path& path, const model::Dims& dims,
                          std::int64_t per_run);

/// The first `most` inputs of a file, up to whole runs, and their labels ("" for none): .npy
/// integers or IDX. Throws UserError: inputs of another type or shape than the network's or no
/// whole runs, an input that is no number, fewer labels than inputs.
model::Samples read_samples(const std::filesystem::path& inputs, const std::string& labels,
                            const model::Dims& dims, std::int64_t per_run, std::int64_t most);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_QUANTIZE_INPUTS_H_

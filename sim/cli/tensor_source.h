// Where a run's tensors come from: a trace or an ONNX model, inputs and labels from files.
#ifndef BITSCALE_SIM_CLI_TENSOR_SOURCE_H_
#define BITSCALE_SIM_CLI_TENSOR_SOURCE_H_

#include <optional>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "sim/cli/command.h"
#include "workloads/model/trace.h"

namespace bitscale::cli {

/// A quantized network and what to run through it.
struct TensorSource {
  model::Trace trace;                 ///< its samples are not used, but the members below
  std::vector<model::Tensor> inputs;  ///< per port, samples along the first axis; may be empty
  std::optional<model::Tensor> labels;
  std::string dataset;             ///< where inputs and labels come from, for the report
  std::vector<std::string> notes;  ///< what the import assumed or left real
};

/// Adds --inputs, --labels, --input-bits, --input-scale.
void describe_tensor_source(Options& options);

/// The network with tensors that `name` stands for: MODEL.onnx, a trace's folder or its trace.json,
/// or a folder of workloads/traces. "" when it is none of them.
std::string find_tensors(const run::Catalog& catalog, const std::string& name);

/// Whether the parts of a source were read without a problem.
struct TensorsRead {
  bool network = false, inputs = false;
};

/// Reads what can be read; what is wrong goes to `problems`: damaged files, inputs that fit no
/// port, labels that are no integers or not one per sample.
TensorsRead read_tensor_source(const std::string& path, const Options& options,
                               base::Problems& problems, TensorSource& source);

/// The same. Throws UserError with every problem.
TensorSource read_tensor_source(const std::string& path, const Options& options);

/// Whether the first output tells a class: several values per sample, or the index one operator
/// (ArgMax, TopK) gives. One real value per sample is a measure of something.
bool names_classes(const model::QuantizedGraph& graph);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_TENSOR_SOURCE_H_

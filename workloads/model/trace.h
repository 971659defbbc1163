// A quantized network with its tensors as a folder:
//   trace.json     version, values, layers, nodes with their rules (schema trace.schema.json)
//   *.npy          weights, per-channel parameters, samples; each named in trace.json with its
//                  element type, shape and SHA-256
//   trace.sha256   SHA-256 of trace.json, as sha256sum writes and checks it
// Tensors are viewed in the mapped files, not copied. Reading refuses what does not fit: a changed
// byte anywhere, a missing or escaping file, shapes that differ, weights outside their format.
#ifndef BITSCALE_WORKLOADS_MODEL_TRACE_H_
#define BITSCALE_WORKLOADS_MODEL_TRACE_H_

#include <filesystem>
#include <optional>
#include <string>

#include "workloads/model/quantized_graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::model {

inline constexpr int kTraceSchemaVersion = 1;

/// Inputs to run, sample by sample, and what they should give.
struct Samples {
  Tensor
      inputs;  ///< [samples, one sample of the first input without its batch axis]; whole batches
  std::optional<Tensor> labels;  ///< [samples], integers
};

struct Trace {
  std::string description;  ///< where it comes from
  std::string licence;
  QuantizedGraph graph;
  std::optional<Samples> samples;
};

/// Whether `path` is a trace: a folder with trace.json, or that file itself.
bool is_trace(const std::filesystem::path& path);

/// Reads and verifies; `path` as for is_trace(). Throws UserError.
Trace read_trace(const std::filesystem::path& path);

/// Writes the folder, trace.json last but for its checksum. The graph must pass check_graph().
void write_trace(const std::filesystem::path& folder, const Trace& trace);

/// Throws UserError at `where` when the samples do not fit the graph's first input: element type,
/// shape, one integer label per sample.
void check_samples(const QuantizedGraph& graph, const Samples& samples, const std::string& where);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_TRACE_H_

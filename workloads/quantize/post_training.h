// Post-training quantization of a whole float network: every MAC with constant weights gets a
// quantizer in front of its activations and weights on a grid. What comes out is still a
// model::Graph on real numbers (fake quantization); model::lower() makes it integers.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_POST_TRAINING_H_
#define BITSCALE_WORKLOADS_QUANTIZE_POST_TRAINING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/precision_plan.h"
#include "workloads/model/quantized_graph.h"
#include "workloads/quantize/calibration.h"
#include "workloads/quantize/code_statistics.h"
#include "workloads/quantize/weight_quantizers.h"

namespace bitscale::quantize {

struct PostTrainingOptions {
  WeightMethod method = WeightMethod::Omse;
  int weight_bits = 4, act_bits = 4;
  int edge_bits = 8;  ///< weights and activations of the first and the last MAC
  /// Widths of every layer in place of the three above (planned_widths.h), and its file's name.
  std::optional<model::PrecisionPlan> precision;
  std::string precision_file;
  bool per_channel = true;
  bool act_max_abs = false;  ///< activation scales from the largest value instead of OMSE
  int acc_bits = 16;         ///< A2q, A2qPlus: the accumulator no input may overflow
  double dual_threshold = 0;
  int most_tensors = 2;      ///< of a layer's weights, 2–4
  int most_act_tensors = 1;  ///< of its activations, 1–4, under the same threshold
  MultiSearch dual_search = MultiSearch::Nested;
  /// Per-channel least-squares correction of the weight scales on calibration outputs.
  bool refine = false;
  CalibrationOptions calibration;
  std::string model_file;  ///< what messages about weights name; empty: the network's name
};

/// What happened to one MAC.
struct LayerQuantization {
  std::string name;
  int weight_bits = 8, act_bits = 8;
  bool act_signed = false;
  double act_scale = 1;
  double act_mse = 0, act_max_abs_mse = 0, act_power = 0;
  double weight_mse = 0, weight_max_abs_mse = 0, weight_power = 0;
  int tensors = 1;      ///< low-precision tensors that sum to the weights
  int act_tensors = 1;  ///< and to the activations: tensors · act_tensors passes
  bool odd = false;
  bool edge = false;        ///< the network's first or last MAC
  CodeStatistics codes;     ///< weights, in steps of the scale
  std::int64_t max_l1 = 0;  ///< largest ‖w‖₁ of an output channel, in steps
};

struct PostTrainingResult {
  model::Graph graph;
  std::vector<LayerQuantization> layers;  ///< in execution order
  std::vector<std::string> skipped;       ///< MACs left as they are, with the reason
  std::vector<std::string> notes;         ///< what else a user should know, layer and channel named
};

/// `inputs` as check_calibration() demands. In the result every MAC has a name of its own
/// (own_names.h). Throws UserError placed at `where` for inputs and
/// activations, at the model for weights, at the layer, and at the precision file.
PostTrainingResult quantize_graph(const model::Graph& given, const model::Tensor& inputs,
                                  const PostTrainingOptions& options, const std::string& where);

/// Gives a node whose weights are odd steps, of at most 8 bits, codes of the encoding Odd.
void use_odd_codes(model::QuantizedNode& node, int bits);

/// Lowers the result; layers with odd levels get the encoding Odd of their width.
model::QuantizedGraph lower_quantized(const PostTrainingResult& result);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_POST_TRAINING_H_

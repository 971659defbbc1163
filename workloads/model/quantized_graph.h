// A network as integers: what the hardware computes. The importer and the quantizers make it, the
// trace stores it, the integer executor runs it, the simulator replays its layers.
//
// Values are real tensors (Float), integer codes (Codes) or exact sums (Sums). One sample, batch 1:
//   Codes  real = scale · encoding.value(code). Stored in the smallest int8/uint8/int16/uint16 that
//          holds encoding.codes(). One scale and one encoding per tensor.
//   Sums   real = the integer itself; stored as int64.
// Nodes, in execution order; "rule" is the node's Requantization:
//   Mac         integer dot products of Codes with constant weight codes (or a second Codes value,
//               Layer kind matmul). For output channel o and output position p
//                 sum = bias[o] + Σ over the window of value(weight) · value(act)
//               where value() is the encoding's, padding contributes nothing, and the bias enters
//               the accumulator first. The rule takes the sum: x = sum.
//   Pool        function "max": largest code, rule None. "average": x = act scale · Σ value / count
//               over the window's real positions (all positions if count_include_pad).
//   Add         x = Σ over inputs of scale_i · value(code_i), broadcast over inputs of one channel
//               row ([1, C, 1, 1]).
//   Requantize  x = the real value of a Float or Codes input: quantizers, batch normalization and
//               clips that follow no MAC. Channel index for the rule: `channel_axis`.
//   Move        Reshape, Transpose, Concat, Pad, Resize, DepthToSpace, Gather, Slice on the codes;
//               inputs and output have the same format. Pad fills with `pad_code`.
//   Float       any operator of model::Graph on Float (or integer constant) values.
// A rule with a quantizer or thresholds makes Codes, a chain without quantizer makes Float, rule
// None makes Sums (Mac) or keeps the format (Pool, Move).
#ifndef BITSCALE_WORKLOADS_MODEL_QUANTIZED_GRAPH_H_
#define BITSCALE_WORKLOADS_MODEL_QUANTIZED_GRAPH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/base/names.h"
#include "arch/numeric/bounds.h"
#include "arch/numeric/encoding.h"
#include "workloads/model/graph.h"
#include "workloads/model/network.h"
#include "workloads/model/requantization.h"
#include "workloads/model/tensor.h"

namespace bitscale::model {

enum class ValueKind { Float, Codes, Sums };
inline const base::NameTable<ValueKind> kValueKindNames = {
    {ValueKind::Float, "float"}, {ValueKind::Codes, "codes"}, {ValueKind::Sums, "sums"}};

/// What integer codes stand for: real = scale · encoding.value(code).
struct CodeFormat {
  numeric::OperandEncoding encoding;
  double scale = 1;
};

struct QuantizedValue {
  std::string name;
  ValueKind kind = ValueKind::Float;
  Dims dims;
  CodeFormat format;               ///< Codes only
  std::optional<Tensor> constant;  ///< Float nodes' parameters
};

/// Weight codes of a Mac node, [out_channels, reduction] with the reduction in the order input
/// channel of the group, kernel row, kernel column.
struct QuantizedWeights {
  Tensor codes;  ///< int8/uint8/int16/uint16 as encoding.codes() needs
  numeric::OperandEncoding encoding;
  /// Affine with zero points that differ by output channel; else empty (encoding.zero_point).
  std::vector<std::int64_t> zero_points;
  std::vector<double> scales = {1.0};  ///< one or per output channel; already inside the rule

  std::int64_t zero_point(std::int64_t channel) const {
    return zero_points.empty() ? encoding.zero_point
                               : zero_points[static_cast<std::size_t>(channel)];
  }
  /// Encoding of one output channel.
  numeric::OperandEncoding channel_encoding(std::int64_t channel) const {
    numeric::OperandEncoding one = encoding;
    if (!zero_points.empty()) one.zero_point = zero_point(channel);
    return one;
  }
};

/// How a Mac's tensors map to its geometry (C channels, H·W pixels, G groups):
///  ChannelsFirst  [C, H, W], convolutions.
///  ChannelsLast   [G, H·W, C/G], matrix products: rows are pixels, columns channels. G = 1 but for
///                 batched products, whose weights differ by group.
enum class ActLayout { ChannelsFirst, ChannelsLast };
inline const base::NameTable<ActLayout> kActLayoutNames = {
    {ActLayout::ChannelsFirst, "channels_first"}, {ActLayout::ChannelsLast, "channels_last"}};

enum class QuantizedOp { Mac, Pool, Add, Requantize, Move, Float };
inline const base::NameTable<QuantizedOp> kQuantizedOpNames = {
    {QuantizedOp::Mac, "mac"},   {QuantizedOp::Pool, "pool"},
    {QuantizedOp::Add, "add"},   {QuantizedOp::Requantize, "requantize"},
    {QuantizedOp::Move, "move"}, {QuantizedOp::Float, "float"}};

struct QuantizedNode {
  std::string name;
  QuantizedOp op = QuantizedOp::Float;
  std::vector<int> inputs;   ///< indices into QuantizedGraph::values
  std::vector<int> outputs;  ///< one, except Float operators with several (TopK)
  /// Index of the node's geometry in QuantizedGraph::network.layers, or −1 when it has none (data
  /// movement, quantizers). Mac, Pool and Add nodes always have one.
  int layer = -1;
  Requantization rule;

  // Mac
  ActLayout layout = ActLayout::ChannelsFirst;
  QuantizedWeights weights;
  std::vector<std::int64_t> bias;  ///< integers per output channel, or empty
  // Pool
  bool count_include_pad = false;
  // Requantize
  int channel_axis = 1;
  // Move and Float
  Node node;                  ///< operator and attributes; its inputs and outputs are unused
  std::int64_t pad_code = 0;  ///< Move with Pad
};

/// A value the caller supplies or receives, as the file declares it.
struct Port {
  int value = 0;
  DType dtype = DType::Float32;
  /// Codes: stored code = given code + offset (signed ONNX tensors with a zero point).
  std::int64_t code_offset = 0;
};

/// MACs that run on real numbers because an operand has no quantizer.
struct FloatMacs {
  std::string node;
  std::int64_t macs = 0;
  std::string reason;
};

struct QuantizedGraph {
  std::string name;
  std::vector<QuantizedValue> values;
  std::vector<QuantizedNode> nodes;
  std::vector<Port> inputs, outputs;
  Network network;  ///< geometry, all MAC layers whether integer or float
  std::vector<FloatMacs> float_macs;

  const QuantizedValue& value(int index) const { return values[static_cast<std::size_t>(index)]; }
  const Layer& layer(const QuantizedNode& node) const {
    return network.layers[static_cast<std::size_t>(node.layer)];
  }
};

/// Checks every cross reference (indices, shapes against geometry, weight codes inside their
/// format, rule sizes). Returns what is wrong first, or "". Readers turn it into a UserError,
/// makers into an invariant.
std::string check_graph(const QuantizedGraph& graph);

/// The exact range of sums a Mac node can reach (bias included) over all its output channels;
/// padding included.
numeric::SumRange sum_range(const QuantizedGraph& graph, const QuantizedNode& node);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_QUANTIZED_GRAPH_H_

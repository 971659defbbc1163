// The state of lower(): what each value of the graph has become so far.
#ifndef BITSCALE_WORKLOADS_MODEL_LOWERING_BUILDER_H_
#define BITSCALE_WORKLOADS_MODEL_LOWERING_BUILDER_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "workloads/model/lowering.h"
#include "workloads/model/lowering_parts.h"

namespace bitscale::model {

/// A node of the graph that reorders or maximizes a pending node's output, and its layer or −1.
struct PendingMove {
  int node = 0;
  int layer = -1;
};

/// A node whose rule still grows: its output has no quantizer yet.
struct PendingNode {
  QuantizedNode node;  ///< rule: the steps so far
  Dims made_dims;      ///< of its own output, before `moves`
  std::vector<PendingMove> moves;
  bool keeps_channels = true;    ///< no move but reshapes that keep channels and max pooling
  bool has_pool = false;         ///< a move is max pooling: only rising steps may follow
  std::size_t channel_axis = 1;  ///< of the present dims
};

/// What one value of the graph is by now. Several may hold: a pending node becomes Codes or Float
/// when somebody needs it so.
struct LoweredValue {
  int floats = -1;  ///< index of a Float value in the result
  int codes = -1;   ///< index of a Codes (or Sums) value
  std::optional<PendingNode> pending;
  int layer = -1;  ///< the layer that made it, −1 for the network's input
};

class LoweringBuilder {
 public:
  LoweringBuilder(const Graph& graph, const LoweringOptions& options);
  QuantizedGraph build();

 private:
  // lowering.cpp
  void add_inputs();
  void add_outputs();
  void step(int index);
  bool lower_mac(const Node& node);
  bool lower_integer_mac(const Node& node);
  std::string why_no_codes(int value) const;
  bool lower_quantizer(const Node& node);
  bool lower_dequantize(const Node& node);
  bool lower_levels_node(const Node& node);
  bool lower_pool(const Node& node, int index);
  bool lower_movement(const Node& node, int index);
  bool lower_sum(const Node& node);
  void lower_float(const Node& node);

  void name_apart();

  // lowering_steps.cpp
  bool lower_step(const Node& node);
  std::optional<ScalarStep> step_of(const Node& node, const Dims& dims, std::size_t axis) const;
  PendingNode* open(int value, std::size_t axis);
  bool may_follow(const PendingNode& pending, const ScalarStep& step) const;

  // lowering_values.cpp
  LoweredValue& at(int value) { return values_[static_cast<std::size_t>(value)]; }
  const Value& given(int value) const { return graph_.value(value); }
  int add_value(const std::string& name, ValueKind kind, const Dims& dims, CodeFormat format = {});
  int floats_of(int value);
  int codes_of(int value);
  bool has_codes(int value) const;
  bool is_shared(int value) const;
  int finish(PendingNode pending, const std::string& name, ValueKind kind, CodeFormat format);
  void add_move(const Node& node, int input, int output, int layer = -1);
  int add_layer(Layer layer, const std::vector<int>& producers);
  std::int64_t zero_in_file(int value) const;
  int codes_for(int value, const Quantizer& reader, const std::string& name);
  std::optional<std::int64_t> pad_code(const Node& node, const CodeFormat& format) const;
  const CodeFormat& format_of(int value) { return result_.value(at(value).codes).format; }

  const Graph& graph_;
  LoweringOptions options_;
  QuantizedGraph result_;
  std::vector<LoweredValue> values_;
  std::vector<std::vector<int>> consumers_;
  std::set<std::string> names_;
};

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_LOWERING_BUILDER_H_

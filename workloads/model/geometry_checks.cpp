#include "workloads/model/geometry_checks.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "workloads/model/lowering_parts.h"

namespace bitscale::model {
namespace {

using Origins = std::vector<int>;  // sorted; −1 is the network's input

std::string list_text(const Origins& origins) {
  std::string text;
  for (const int origin : origins) text += (text.empty() ? "" : " or ") + std::to_string(origin);
  return text;
}

Dims extents(const Shape& shape) { return {shape.channels, shape.height, shape.width}; }

bool is_pool(Operator op) { return op == Operator::MaxPool || op == Operator::AveragePool; }

bool is_conv(Operator op) {
  return op == Operator::Conv || op == Operator::ConvInteger || op == Operator::QLinearConv;
}

bool is_matrix(Operator op) {
  return op == Operator::Gemm || op == Operator::MatMul || op == Operator::MatMulInteger ||
         op == Operator::QLinearMatMul;
}

/// The kinds a node's layer may have; none when such a node has no layer.
std::vector<LayerKind> kinds_of(const QuantizedNode& node) {
  switch (node.op) {
    case QuantizedOp::Mac:
      if (node.weights.codes.elements() == 0) return {LayerKind::Matmul};
      return {LayerKind::Conv, LayerKind::Gemm};
    case QuantizedOp::Pool:
      return {LayerKind::Pool};
    case QuantizedOp::Add:
      return {LayerKind::Add};
    case QuantizedOp::Float:
      if (is_conv(node.node.op)) return {LayerKind::Conv};
      if (is_matrix(node.node.op)) return {LayerKind::Gemm, LayerKind::Conv};
      if (is_pool(node.node.op)) return {LayerKind::Pool};
      break;
    case QuantizedOp::Requantize:
    case QuantizedOp::Move:
      break;
  }
  return {};
}

/// A bias enters the accumulator, or a chain as an offset when it is no whole number of steps. What
/// thresholds absorb is a bias no more: nothing stores or adds it.
bool may_have_bias(const QuantizedNode& node) {
  if (node.op == QuantizedOp::Float) return node.inputs.size() > 2;
  if (node.op != QuantizedOp::Mac || node.weights.codes.elements() == 0) return false;
  if (!node.bias.empty()) return true;
  if (node.rule.kind != RequantizationKind::Chain) return false;
  const auto& steps = node.rule.steps;
  return std::any_of(steps.begin(), steps.end(), [](const ScalarStep& step) {
    return std::any_of(step.offsets.begin(), step.offsets.end(), [](double x) { return x != 0; });
  });
}

class GeometryCheck {
 public:
  GeometryCheck(const QuantizedGraph& graph, const std::string& file, bool operators,
                base::Problems& problems)
      : graph_(graph), file_(file), operators_(operators), problems_(problems) {}

  void run() {
    find_origins();
    std::vector<int> users(graph_.network.layers.size(), 0);
    for (const QuantizedNode& node : graph_.nodes) {
      if (node.layer < 0 || node.layer >= static_cast<int>(users.size())) continue;
      ++users[static_cast<std::size_t>(node.layer)];
      check(node);
    }
    for (std::size_t i = 0; i < users.size(); ++i) {
      if (users[i] == 1) continue;
      add(static_cast<int>(i), "",
          "is the geometry of " + std::to_string(users[i]) +
              " nodes; every layer belongs to exactly one");
    }
  }

 private:
  void add(int layer, const char* member, const std::string& message) {
    problems_.add(file_ + ":/layers/" + std::to_string(layer) + member, message);
  }

  const QuantizedValue* value(int index) const {
    const bool legal = index >= 0 && index < static_cast<int>(graph_.values.size());
    return legal && checked_elements(graph_.value(index).dims) ? &graph_.value(index) : nullptr;
  }

  /// Which layers made what each value holds, over nodes without a layer.
  void find_origins() {
    origins_.resize(graph_.values.size());
    for (const Port& port : graph_.inputs) {
      if (value(port.value) != nullptr) origins_[static_cast<std::size_t>(port.value)] = {-1};
    }
    for (const QuantizedNode& node : graph_.nodes) {
      Origins made;
      if (node.layer >= 0) made = {node.layer};
      for (std::size_t i = 0; node.layer < 0 && i < node.inputs.size(); ++i) {
        made = united(made, origins_of(node.inputs[i]));
      }
      for (const int output : node.outputs) {
        if (value(output) != nullptr) origins_[static_cast<std::size_t>(output)] = made;
      }
    }
  }

  static Origins united(const Origins& a, const Origins& b) {
    Origins both;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    return both;
  }

  Origins origins_of(int index) const {
    return value(index) == nullptr ? Origins{} : origins_[static_cast<std::size_t>(index)];
  }

  void expect(const QuantizedNode& node, const char* member, const Dims& given,
              const Dims& expected, const std::string& source) {
    if (given == expected) return;
    add(node.layer, member,
        "given " + dims_text(given) + ", expected " + dims_text(expected) + " of " + source);
  }

  void check(const QuantizedNode& node) {
    const Layer& layer = graph_.layer(node);
    const std::vector<LayerKind> kinds = kinds_of(node);
    if (std::find(kinds.begin(), kinds.end(), layer.kind) == kinds.end()) {
      std::string allowed;
      for (const LayerKind kind : kinds) {
        allowed += (allowed.empty() ? "" : " or ") + std::string(kLayerKindNames.name(kind));
      }
      add(node.layer, "/kind",
          "given " + std::string(kLayerKindNames.name(layer.kind)) + ", expected " +
              (allowed.empty() ? "no layer" : allowed) + " for node '" + node.name + "' (" +
              std::string(kQuantizedOpNames.name(node.op)) + ")");
      return;
    }
    if (!node.bias.empty() && !layer.has_bias) {
      add(node.layer, "/has_bias", "given false, node '" + node.name + "' has a bias");
    }
    if (layer.has_bias && !may_have_bias(node)) {
      add(node.layer, "/has_bias", "given true, node '" + node.name + "' has no bias");
    }
    if (layer.kind == LayerKind::Pool && layer.function != "max" && layer.function != "average" &&
        layer.function != "global_average") {
      add(node.layer, "/function",
          "given '" + layer.function + "', expected max, average or global_average of a pool");
    }
    if (node.inputs.empty() || node.outputs.empty()) return;
    check_producers(node, layer);
    const QuantizedValue* input = value(node.inputs[0]);
    const QuantizedValue* output = value(node.outputs[0]);
    if (input == nullptr || output == nullptr) return;
    if (node.op == QuantizedOp::Float) {
      if (operators_) check_operator(node, layer);
    } else if (node.op == QuantizedOp::Mac && node.layout == ActLayout::ChannelsLast) {
      check_matrix(node, layer, *input, *output);
    } else {
      check_image(node, layer, *input, *output);
    }
  }

  void check_image(const QuantizedNode& node, const Layer& layer, const QuantizedValue& input,
                   const QuantizedValue& output) {
    const auto tensor = [](const QuantizedValue& value) {
      return "tensor '" + value.name + "' " + dims_text(value.dims);
    };
    expect(node, "/in", extents(input_shape(layer)), extents(image_shape(input.dims)),
           tensor(input));
    expect(node, "/out", extents(output_shape(layer)), extents(image_shape(output.dims)),
           tensor(output));
  }

  /// Rows are pixels, however they are cut into height and width.
  void check_matrix(const QuantizedNode& node, const Layer& layer, const QuantizedValue& input,
                    const QuantizedValue& output) {
    const Dims& codes = node.weights.codes.dims();
    const Dims& out = output.dims;
    if (codes.size() != 2 || out.empty()) return;
    const std::int64_t depth = layer.groups * codes[1], columns = layer.groups * out.back();
    const std::string source = "weights " + dims_text(codes) + " in " +
                               std::to_string(layer.groups) + " groups and tensor '" + output.name +
                               "' " + dims_text(out);
    const std::int64_t rows = depth == 0 ? 0 : *checked_elements(input.dims) / depth;
    expect(node, "/in", {layer.in_channels, layer.in_height * layer.in_width}, {depth, rows},
           source + " (channels, pixels)");
    expect(node, "/out", {layer.out_channels, layer.out_height * layer.out_width}, {columns, rows},
           source + " (channels, pixels)");
  }

  /// A real operator's own shapes give its whole geometry.
  void check_operator(const QuantizedNode& node, const Layer& layer) {
    Graph graph;
    Node alone = node.node;
    alone.inputs.clear();
    for (const int input : node.inputs) {
      alone.inputs.push_back(static_cast<int>(graph.values.size()));
      graph.values.push_back({"", DType::Float32, graph_.value(input).dims, {}, {}});
    }
    alone.outputs = {static_cast<int>(graph.values.size())};
    graph.values.push_back({"", DType::Float32, graph_.value(node.outputs[0]).dims, {}, {}});
    const Layer expected = node_layer(graph, alone);
    const std::string source = "operator '" + node.name + "'";
    expect(node, "/in", extents(input_shape(layer)), extents(input_shape(expected)), source);
    expect(node, "/out", extents(output_shape(layer)), extents(output_shape(expected)), source);
    expect(node, "/kernel", {layer.kernel_height, layer.kernel_width},
           {expected.kernel_height, expected.kernel_width}, source);
    expect(node, "/strides", {layer.stride_height, layer.stride_width},
           {expected.stride_height, expected.stride_width}, source);
    expect(node, "/dilations", {layer.dilation_height, layer.dilation_width},
           {expected.dilation_height, expected.dilation_width}, source);
    expect(node, "/pads", {layer.pad_top, layer.pad_left, layer.pad_bottom, layer.pad_right},
           {expected.pad_top, expected.pad_left, expected.pad_bottom, expected.pad_right}, source);
    expect(node, "/groups", {layer.groups}, {expected.groups}, source);
  }

  void check_producers(const QuantizedNode& node, const Layer& layer) {
    Origins all;
    for (const int input : node.inputs) all = united(all, origins_of(input));
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      const bool single = node.op != QuantizedOp::Float && i < node.inputs.size();
      const Origins made = single ? origins_of(node.inputs[i]) : all;
      if (made.empty() || std::find(made.begin(), made.end(), layer.inputs[i]) != made.end()) {
        continue;
      }
      add(node.layer, "/producers",
          "given " + std::to_string(layer.inputs[i]) + ", expected " + list_text(made) +
              ", which makes what node '" + node.name + "' reads");
    }
  }

  const QuantizedGraph& graph_;
  const std::string& file_;
  bool operators_;
  base::Problems& problems_;
  std::vector<Origins> origins_;  ///< per value
};

}  // namespace

Shape image_shape(const Dims& dims) {
  Shape shape;
  if (dims.empty()) return shape;
  if (dims.size() == 1) return {dims[0], 1, 1};
  shape.channels = dims[0] * dims[1];
  if (dims.size() == 2) return shape;
  shape.width = dims.size() > 3 ? dims.back() : 1;
  const std::size_t last = dims.size() > 3 ? dims.size() - 1 : dims.size();
  for (std::size_t axis = 2; axis < last; ++axis) shape.height *= dims[axis];
  return shape;
}

void check_layer_geometry(const QuantizedGraph& graph, const std::string& file, bool operators,
                          base::Problems& problems) {
  GeometryCheck(graph, file, operators, problems).run();
}

}  // namespace bitscale::model

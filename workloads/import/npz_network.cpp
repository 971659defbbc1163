#include "workloads/import/npz_network.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "arch/base/error.h"
#include "workloads/import/npz.h"
#include "workloads/model/graph_shapes.h"

namespace bitscale::import {
namespace {

using model::Dims;
using model::Node;
using model::Operator;
using model::Tensor;

/// What a layer of one kind may and must be told.
struct KindOfLayer {
  const char* name;
  Operator op;
  std::vector<std::string> parameters;  ///< inputs of the operator, in its order
  std::size_t required;                 ///< of them, from the first
  std::vector<std::string> settings;    ///< integers and numbers
};

const std::vector<KindOfLayer>& kinds() {
  static const std::vector<KindOfLayer> all = {
      {"conv", Operator::Conv, {"weight", "bias"}, 1, {"stride", "padding", "dilation", "groups"}},
      {"linear", Operator::Gemm, {"weight", "bias"}, 1, {}},
      {"batch_norm",
       Operator::BatchNormalization,
       {"gain", "shift", "mean", "variance"},
       4,
       {"epsilon"}},
      {"max_pool", Operator::MaxPool, {}, 0, {"kernel", "stride", "padding"}},
      {"avg_pool", Operator::AveragePool, {}, 0, {"kernel", "stride", "padding"}},
      {"relu", Operator::Relu, {}, 0, {}},
      {"flatten", Operator::Reshape, {}, 0, {}}};
  return all;
}

const KindOfLayer* find_kind(const std::string& name) {
  for (const KindOfLayer& kind : kinds()) {
    if (name == kind.name) return &kind;
  }
  return nullptr;
}

struct LayerArrays {
  const KindOfLayer* kind = nullptr;
  std::map<std::string, Tensor> arrays;  ///< by attribute
};

/// Integers of any type; reals only when they are whole.
std::vector<std::int64_t> whole_numbers(const Tensor& tensor, const std::string& where) {
  if (model::is_float(tensor.dtype()) || tensor.dims().size() > 1 || tensor.elements() > 8) {
    throw base::UserError(where, "holds " + std::string(model::kDTypeNames.name(tensor.dtype())) +
                                     " " + model::dims_text(tensor.dims()) +
                                     ", allowed: an integer or a few");
  }
  std::vector<std::int64_t> numbers;
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    const double value = tensor.real(i);
    if (!(std::fabs(value) <= 1e9)) throw base::UserError(where, "is out of range");
    numbers.push_back(static_cast<std::int64_t>(value));
  }
  return numbers;
}

class NpzNetwork {
 public:
  NpzNetwork(const std::map<std::string, Tensor>& arrays, const std::string& file) : file_(file) {
    base::Problems problems;
    for (const auto& [name, tensor] : arrays) sort_in(name, tensor, problems);
    if (!input_) problems.add(file_, "has no array 'input', the dims of one sample");
    if (layers_.empty()) problems.add(file_, "has no layers (arrays named 0.conv.weight …)");
    check_layers(problems);
    problems.throw_if_any();
  }

  model::Graph run() {
    graph_.name = file_;
    Dims dims = {1};
    const std::vector<std::int64_t> input = whole_numbers(*input_, file_ + ": input");
    dims.insert(dims.end(), input.begin(), input.end());
    if (input.empty() || std::any_of(input.begin(), input.end(), [](auto e) { return e < 1; }) ||
        !model::checked_elements(dims)) {
      throw base::UserError(file_ + ": input",
                            "extents must be at least 1 and their product at most 2^33");
    }
    int x = add_value("input", dims);
    graph_.inputs = {x};
    for (const auto& [number, layer] : layers_) x = add_layer(number, layer, x);
    graph_.outputs = {x};
    return std::move(graph_);
  }

 private:
  /// "3.conv.weight" to layer 3.
  void sort_in(const std::string& name, const Tensor& tensor, base::Problems& problems) {
    if (name == "input") {
      input_ = tensor;
      return;
    }
    const std::string where = file_ + ": " + name;
    const std::size_t dot = name.find('.');
    int number = -1;
    const char* end = name.data() + (dot == std::string::npos ? 0 : dot);
    const auto parsed = std::from_chars(name.data(), end, number);
    if (dot == std::string::npos || dot == 0 || parsed.ptr != end || parsed.ec != std::errc() ||
        number < 0) {
      problems.add(where, "is named neither 'input' nor N.kind.array, N the number of its layer");
      return;
    }
    const std::size_t second = name.find('.', dot + 1);
    const std::string kind_name =
        name.substr(dot + 1, second == std::string::npos ? std::string::npos : second - dot - 1);
    const KindOfLayer* kind = find_kind(kind_name);
    if (kind == nullptr) {
      std::vector<std::string> names;
      for (const KindOfLayer& known : kinds()) names.emplace_back(known.name);
      problems.add(where, base::unknown_name_message("kind of layer", kind_name, names));
      return;
    }
    LayerArrays& layer = layers_[number];
    if (layer.kind != nullptr && layer.kind != kind) {
      problems.add(where, "layer " + std::to_string(number) + " is already of kind '" +
                              layer.kind->name + "'");
      return;
    }
    layer.kind = kind;
    add_array(layer, second == std::string::npos ? "" : name.substr(second + 1), tensor, where,
              problems);
  }

  static void add_array(LayerArrays& layer, const std::string& attribute, const Tensor& tensor,
                        const std::string& where, base::Problems& problems) {
    std::vector<std::string> allowed = layer.kind->parameters;
    allowed.insert(allowed.end(), layer.kind->settings.begin(), layer.kind->settings.end());
    if (allowed.empty() && attribute.empty()) return;  // relu and flatten are their name
    if (std::find(allowed.begin(), allowed.end(), attribute) == allowed.end()) {
      problems.add(where, allowed.empty()
                              ? "this kind has nothing after its name"
                              : base::unknown_name_message("array", attribute, allowed));
      return;
    }
    const bool parameter = std::find(layer.kind->parameters.begin(), layer.kind->parameters.end(),
                                     attribute) != layer.kind->parameters.end();
    if (parameter && !model::is_float(tensor.dtype())) {
      problems.add(where, "holds " + std::string(model::kDTypeNames.name(tensor.dtype())) +
                              ", allowed: float32 and float64");
      return;
    }
    layer.arrays.emplace(attribute, tensor);
  }

  void check_layers(base::Problems& problems) const {
    int next = 0;
    for (const auto& [number, layer] : layers_) {
      if (number != next) {
        problems.add(
            file_, "has layer " + std::to_string(number) + " but no layer " + std::to_string(next));
      }
      next = number + 1;
      const std::string where =
          file_ + ": " + std::to_string(number) + "." + std::string(layer.kind->name);
      for (std::size_t i = 0; i < layer.kind->required; ++i) {
        const std::string& name = layer.kind->parameters[i];
        if (layer.arrays.count(name) == 0) problems.add(where, "has no array ." + name);
      }
      const bool pool =
          layer.kind->op == Operator::MaxPool || layer.kind->op == Operator::AveragePool;
      if (pool && layer.arrays.count("kernel") == 0) problems.add(where, "has no array .kernel");
    }
  }

  int add_value(const std::string& name, const Dims& dims) {
    model::Value value;
    value.name = name;
    value.dims = dims;
    graph_.values.push_back(std::move(value));
    return static_cast<int>(graph_.values.size()) - 1;
  }

  /// One or two whole numbers as two; `fallback` when there is no such array.
  static std::array<std::int64_t, 2> pair(const LayerArrays& layer, const std::string& setting,
                                          std::array<std::int64_t, 2> fallback,
                                          const std::string& where) {
    const auto found = layer.arrays.find(setting);
    if (found == layer.arrays.end()) return fallback;
    const std::vector<std::int64_t> numbers = whole_numbers(found->second, where + "." + setting);
    if (numbers.empty() || numbers.size() > 2) {
      throw base::UserError(where + "." + setting, "allowed: one integer or two");
    }
    return {numbers.front(), numbers.back()};
  }

  void set_window(const LayerArrays& layer, const std::string& where, Node& node) const {
    model::Window& window = node.attributes.window;
    if (node.op == Operator::Conv) {
      const Dims& weight = graph_.value(node.inputs[1]).dims;
      if (weight.size() != 4) throw base::UserError(where + ".weight", "must have 4 axes");
      window.kernel = {weight[2], weight[3]};
    } else {
      window.kernel = pair(layer, "kernel", {1, 1}, where);
    }
    const bool conv = node.op == Operator::Conv;
    const std::array<std::int64_t, 2> one = {1, 1};
    window.strides = pair(layer, "stride", conv ? one : window.kernel, where);
    window.dilations = pair(layer, "dilation", one, where);
    const std::array<std::int64_t, 2> padding = pair(layer, "padding", {0, 0}, where);
    window.pad_top = window.pad_bottom = padding[0];
    window.pad_left = window.pad_right = padding[1];
    window.groups = pair(layer, "groups", one, where)[0];
  }

  /// Attributes of the operator, from the arrays and what the layer reads.
  void set_attributes(const LayerArrays& layer, const std::string& where, const Dims& read,
                      Node& node) const {
    if (node.op == Operator::Gemm) node.attributes.transpose_b = true;
    if (node.op == Operator::Conv || node.op == Operator::MaxPool ||
        node.op == Operator::AveragePool) {
      set_window(layer, where, node);
    }
    if (node.op == Operator::Reshape) {
      std::int64_t count = 1;
      for (const std::int64_t extent : read) count *= extent;
      node.attributes.list = {1, count};
    }
    const auto epsilon = layer.arrays.find("epsilon");
    if (epsilon == layer.arrays.end()) return;
    if (epsilon->second.elements() != 1 || !(epsilon->second.real(0) > 0)) {
      throw base::UserError(where + ".epsilon", "must be one number above 0");
    }
    node.attributes.epsilon = epsilon->second.real(0);
  }

  int add_layer(int number, const LayerArrays& layer, int x) {
    const std::string name = std::to_string(number) + "." + layer.kind->name;
    const std::string where = file_ + ": " + name;
    Node node;
    node.op = layer.kind->op;
    node.name = name;
    node.inputs = {x};
    for (const std::string& parameter : layer.kind->parameters) {
      const auto found = layer.arrays.find(parameter);
      if (found == layer.arrays.end()) continue;
      std::string title = name;
      title.append(".").append(parameter);
      const int made = add_value(title, found->second.dims());
      graph_.values.back().constant = found->second.cast(model::DType::Float32);
      node.inputs.push_back(made);
    }
    set_attributes(layer, where, graph_.value(x).dims, node);
    std::vector<const model::Value*> inputs;
    inputs.reserve(node.inputs.size());
    for (const int input : node.inputs) inputs.push_back(&graph_.value(input));
    std::vector<model::OutputShape> shapes;
    const std::string problem = model::infer_outputs(node, inputs, shapes);
    if (!problem.empty()) throw base::UserError(where, problem);
    const int output = add_value(name + ".out", shapes.at(0).dims);
    node.outputs = {output};
    graph_.nodes.push_back(std::move(node));
    return output;
  }

  std::string file_;
  std::optional<Tensor> input_;
  std::map<int, LayerArrays> layers_;
  model::Graph graph_;
};

}  // namespace

model::Graph npz_network(const std::map<std::string, Tensor>& arrays, const std::string& file) {
  return NpzNetwork(arrays, file).run();
}

model::Graph import_npz(const std::filesystem::path& path) {
  model::Graph graph = npz_network(read_npz(path), path.string());
  graph.name = path.stem().string();
  return graph;
}

}  // namespace bitscale::import

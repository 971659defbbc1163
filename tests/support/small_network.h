// A small float convolution network with random weights: Conv, Relu, MaxPool, Conv, Relu, Reshape,
// Gemm on 1 × 8 × 8 inputs.
#ifndef BITSCALE_TESTS_SUPPORT_SMALL_NETWORK_H_
#define BITSCALE_TESTS_SUPPORT_SMALL_NETWORK_H_

#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "workloads/model/graph.h"

namespace bitscale::testing {

class SmallNetwork {
 public:
  explicit SmallNetwork(std::uint64_t seed = 1) : random_(seed) {
    graph_.name = "small";
    const int input = value("input", {1, 1, 8, 8});
    graph_.inputs = {input};
    int x = conv("conv1", input, {6, 1, 3, 3}, {1, 6, 8, 8});
    x = simple(model::Operator::Relu, "relu1", x, {1, 6, 8, 8});
    x = simple(model::Operator::MaxPool, "pool1", x, {1, 6, 4, 4});
    graph_.nodes.back().attributes.window.kernel = {2, 2};
    graph_.nodes.back().attributes.window.strides = {2, 2};
    x = conv("conv2", x, {8, 6, 3, 3}, {1, 8, 4, 4});
    x = simple(model::Operator::Relu, "relu2", x, {1, 8, 4, 4});
    x = simple(model::Operator::Reshape, "flatten", x, {1, 128});
    graph_.nodes.back().attributes.list = {1, 128};
    x = simple(model::Operator::Gemm, "fc", x, {1, 10});
    graph_.nodes.back().attributes.transpose_b = true;
    graph_.nodes.back().inputs.push_back(constant("fc.weight", {10, 128}, 0.1));
    graph_.nodes.back().inputs.push_back(constant("fc.bias", {10}, 0.1));
    graph_.outputs = {x};
  }

  model::Graph& graph() { return graph_; }
  model::Value& named(const std::string& name) {
    for (model::Value& entry : graph_.values) {
      if (entry.name == name) return entry;
    }
    throw std::out_of_range(name);
  }

  /// `count` inputs in 0 … 1, [count, 1, 8, 8].
  model::Tensor inputs(std::int64_t count) {
    model::Tensor tensor(model::DType::Float32, {count, 1, 8, 8});
    std::uniform_int_distribution<int> byte(0, 255);
    float* target = tensor.mutable_data<float>();
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
      target[i] = static_cast<float>(byte(random_)) / 255.0F;
    }
    return tensor;
  }

 private:
  int value(const std::string& name, const model::Dims& dims) {
    model::Value made;
    made.name = name;
    made.dims = dims;
    graph_.values.push_back(made);
    return static_cast<int>(graph_.values.size()) - 1;
  }

  int constant(const std::string& name, const model::Dims& dims, double spread) {
    const int index = value(name, dims);
    model::Tensor tensor(model::DType::Float32, dims);
    std::normal_distribution<double> normal(0, spread);
    float* target = tensor.mutable_data<float>();
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
      target[i] = static_cast<float>(normal(random_));
    }
    graph_.values[static_cast<std::size_t>(index)].constant = tensor;
    return index;
  }

  int simple(model::Operator op, const std::string& name, int input, const model::Dims& dims) {
    model::Node node;
    node.op = op;
    node.name = name;
    node.inputs = {input};
    node.outputs = {value(name + ".out", dims)};
    graph_.nodes.push_back(node);
    return node.outputs[0];
  }

  int conv(const std::string& name, int input, const model::Dims& weights, const model::Dims& out) {
    const int made = simple(model::Operator::Conv, name, input, out);
    model::Node& node = graph_.nodes.back();
    model::Window& window = node.attributes.window;
    window.kernel = {3, 3};
    window.pad_top = window.pad_left = window.pad_bottom = window.pad_right = 1;
    const std::size_t index = graph_.nodes.size() - 1;
    const int w = constant(name + ".weight", weights, 0.3);
    const int b = constant(name + ".bias", {weights[0]}, 0.1);
    graph_.nodes[index].inputs.push_back(w);
    graph_.nodes[index].inputs.push_back(b);
    return made;
  }

  std::mt19937_64 random_;
  model::Graph graph_;
};

}  // namespace bitscale::testing

#endif  // BITSCALE_TESTS_SUPPORT_SMALL_NETWORK_H_

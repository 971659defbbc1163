// TrainedNetwork::graph(): trained tensors as operators.
#include <cmath>

#include "arch/base/error.h"
#include "workloads/train/network.h"

namespace bitscale::train {
namespace {

using model::Dims;
using model::DType;
using model::Graph;
using model::Node;
using model::Operator;
using model::Quantizer;

model::Tensor copied(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().to(torch::kFloat32).contiguous();
  model::Tensor copy(DType::Float32, Dims(flat.sizes().begin(), flat.sizes().end()));
  const float* source = flat.data_ptr<float>();
  float* target = copy.mutable_data<float>();
  for (std::int64_t i = 0; i < copy.elements(); ++i) target[i] = source[i];
  return copy;
}

std::vector<double> reals(const torch::Tensor& tensor) { return copied(tensor).reals(); }

class GraphMaker {
 public:
  explicit GraphMaker(std::string name) { graph_.name = std::move(name); }

  int value(const std::string& name, const Dims& dims, DType dtype = DType::Float32) {
    model::Value made;
    made.name = name;
    made.dims = dims;
    made.dtype = dtype;
    graph_.values.push_back(std::move(made));
    return static_cast<int>(graph_.values.size()) - 1;
  }

  int constant(const std::string& name, const torch::Tensor& tensor) {
    const model::Tensor copy = copied(tensor);
    const int made = value(name, copy.dims());
    graph_.values[static_cast<std::size_t>(made)].constant = copy;
    return made;
  }

  /// Weights on their grid.
  int weights(const TrainedLayer& layer, const QuantizedWeightTensor& quantized) {
    const int made = constant(layer.name + ".weight", quantized.values);
    if (!quantized.scale.defined()) return made;
    Quantizer grid;
    grid.format = {layer.weight_bits + (quantized.odd ? 1 : 0), true};
    grid.narrow = true;
    grid.clamp_first = true;
    grid.single_precision = true;
    grid.scales = reals(quantized.scale);
    model::Value& entry = graph_.values[static_cast<std::size_t>(made)];
    // The values again from their codes: what training rounded in float32 must be on the grid.
    const std::int64_t inner = entry.constant->elements() / entry.dims[0];
    float* data = entry.constant->mutable_data<float>();
    for (std::int64_t i = 0; i < entry.constant->elements(); ++i) {
      data[i] = static_cast<float>(grid.fake_quantize(static_cast<double>(data[i]), i / inner));
    }
    entry.grid = grid;
    return made;
  }

  Node& node(Operator op, const std::string& name, std::vector<int> inputs, const Dims& out) {
    Node made;
    made.op = op;
    made.name = name;
    made.inputs = std::move(inputs);
    made.outputs = {value(name + ".out", out)};
    graph_.nodes.push_back(std::move(made));
    return graph_.nodes.back();
  }

  Graph& graph() { return graph_; }

 private:
  Graph graph_;
};

Quantizer byte_pixels() {
  Quantizer quantizer;
  quantizer.format = {8, false};
  quantizer.scales = {static_cast<double>(static_cast<float>(kPixelScale))};
  return quantizer;
}

Quantizer clip_quantizer(const torch::Tensor& alpha, int bits) {
  Quantizer quantizer;
  quantizer.format = {bits, false};
  quantizer.single_precision = true;
  quantizer.clamp_first = true;
  const double step = alpha.item<double>() / (std::pow(2.0, bits) - 1);
  quantizer.scales = {static_cast<double>(static_cast<float>(step))};
  return quantizer;
}

/// Builds one layer behind value `x` of shape `dims`; both become its output.
void add_product(GraphMaker& maker, const TrainedLayer& layer, int weights, int& x, Dims& dims) {
  std::vector<int> inputs = {x, weights};
  if (layer.last) inputs.push_back(maker.constant(layer.name + ".bias", layer.bias));
  const std::int64_t channels = layer.weight.size(0);
  const auto after = [&](std::int64_t extent) {
    return (extent + 2 * layer.padding - layer.kernel) / layer.stride + 1;
  };
  dims = layer.conv ? Dims{1, channels, after(dims[2]), after(dims[3])} : Dims{1, channels};
  Node& node =
      maker.node(layer.conv ? Operator::Conv : Operator::Gemm, layer.name, std::move(inputs), dims);
  node.attributes.transpose_b = true;
  if (layer.conv) {
    model::Window& window = node.attributes.window;
    window.kernel = {layer.kernel, layer.kernel};
    window.strides = {layer.stride, layer.stride};
    window.pad_top = window.pad_left = window.pad_bottom = window.pad_right = layer.padding;
    node.attributes.transpose_b = false;
  }
  x = node.outputs[0];
}

void add_normalization(GraphMaker& maker, const TrainedLayer& layer, int& x, const Dims& dims) {
  const std::string& name = layer.name;
  const int gain = maker.constant(name + ".gain", layer.gain);
  const int shift = maker.constant(name + ".shift", layer.shift);
  const int mean = maker.constant(name + ".mean", layer.mean);
  const int variance = maker.constant(name + ".variance", layer.variance);
  x = maker
          .node(Operator::BatchNormalization, name + ".norm", {x, gain, shift, mean, variance},
                dims)
          .outputs[0];
}

}  // namespace

Graph TrainedNetwork::graph(bool quantized) const {
  GraphMaker maker(recipe_.name);
  Dims dims = {1, image_[0], image_[1], image_[2]};
  std::vector<int> acts;
  int x = maker.value("pixels", dims, quantized ? DType::UInt8 : DType::Float32);
  maker.graph().inputs = {x};
  if (quantized) {
    Node& node = maker.node(Operator::DequantizeLinear, "pixels.real", {x}, dims);
    node.attributes.quantizer = byte_pixels();
    x = node.outputs[0];
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const TrainedLayer& layer = layers_[i];
    if (!layer.conv && dims.size() == 4) {
      dims = {1, dims[1] * dims[2] * dims[3]};
      Node& node = maker.node(Operator::Reshape, layer.name + ".flatten", {x}, dims);
      node.attributes.list = dims;
      x = node.outputs[0];
    }
    const torch::NoGradGuard guard;
    const QuantizedWeightTensor weights =
        quantized ? weights_of(i) : QuantizedWeightTensor{layer.weight, {}, {}, false};
    add_product(maker, layer, maker.weights(layer, weights), x, dims);
    if (layer.last) break;
    add_normalization(maker, layer, x, dims);
    if (layer.add >= 0) {
      const int skip = acts[static_cast<std::size_t>(layer.add)];
      x = maker.node(Operator::Add, layer.name + ".add", {x, skip}, dims).outputs[0];
    }
    if (layer.pool) {
      dims = {1, dims[1], dims[2] / 2, dims[3] / 2};
      Node& node = maker.node(Operator::MaxPool, layer.name + ".pool", {x}, dims);
      node.attributes.window.kernel = node.attributes.window.strides = {2, 2};
      x = node.outputs[0];
    }
    Node& node =
        maker.node(quantized ? Operator::Quant : Operator::Relu, layer.name + ".act", {x}, dims);
    if (quantized) {
      node.attributes.quantizer = clip_quantizer(layer.alpha, layers_[i + 1].input_bits);
    }
    x = node.outputs[0];
    acts.push_back(x);
  }
  maker.graph().outputs = {x};
  return maker.graph();
}

}  // namespace bitscale::train

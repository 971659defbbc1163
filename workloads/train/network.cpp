#include "workloads/train/network.h"

#include <cmath>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "workloads/quantize/accumulator_aware.h"
#include "workloads/quantize/pact.h"

namespace bitscale::train {
namespace {

using torch::Tensor;

struct LayerShape {
  std::int64_t channels;
  std::int64_t kernel = 0;  ///< 0: linear
  std::int64_t stride = 1, padding = 0;
  bool pool = false;
  int add = -1;
};

/// In the order of layer_names().
std::vector<LayerShape> shapes_of(Architecture architecture) {
  switch (architecture) {
    case Architecture::Lenet:
      return {{6, 5, 1, 2, true}, {16, 5, 1, 0, true}, {120}, {84}, {10}};
    case Architecture::Resnet8:
      return {{8, 3, 1, 1, true},
              {8, 3, 1, 1},
              {8, 3, 1, 1, false, 0},
              {16, 3, 2, 1},
              {16, 3, 1, 1},
              {16, 3, 1, 1, true, 3},
              {32},
              {10}};
    case Architecture::VggSmall:
      return {{8, 3, 1, 1},
              {8, 3, 1, 1, true},
              {16, 3, 1, 1},
              {16, 3, 1, 1, true},
              {32, 3, 1, 1, true},
              {64},
              {10}};
    case Architecture::Mlp:
      break;
  }
  return {{64}, {64}, {10}};
}

/// Pixels after the product along one axis, before pooling.
std::int64_t extent_after(const LayerShape& shape, std::int64_t extent) {
  return (extent + 2 * shape.padding - shape.kernel) / shape.stride + 1;
}

/// Shape of the weights; `dims` becomes what the layer gives.
std::vector<std::int64_t> weight_dims(const LayerShape& shape, model::Dims& dims,
                                      const Recipe& recipe, const std::string& name) {
  std::vector<std::int64_t> weight = {shape.channels};
  if (shape.kernel == 0) {
    std::int64_t inputs = 1;
    for (const std::int64_t extent : dims) inputs *= extent;
    weight.push_back(inputs);
    dims = {shape.channels};
    return weight;
  }
  weight.insert(weight.end(), {dims[0], shape.kernel, shape.kernel});
  dims = {shape.channels, extent_after(shape, dims[1]), extent_after(shape, dims[2])};
  if (shape.pool) dims = {dims[0], dims[1] / 2, dims[2] / 2};
  if (dims[1] < 1 || dims[2] < 1) {
    throw base::UserError(place(recipe, "/network"),
                          "given '" + std::string(kArchitectureNames.name(recipe.architecture)) +
                              "', whose layer " + name + " these images are too small for");
  }
  return weight;
}

Tensor leaf(const Tensor& tensor) { return tensor.clone().detach().set_requires_grad(true); }

/// Weight bits, and those of the activations the layer reads.
void set_widths(const Recipe& recipe, bool first, TrainedLayer& layer) {
  const bool edge = first || layer.last;
  layer.weight_bits = edge ? recipe.edge_bits : recipe.weight_bits;
  layer.input_bits = first ? 8 : layer.last ? recipe.edge_bits : recipe.act_bits;
  if (recipe.density_schedule && !edge) layer.weight_bits = recipe.density_start_bits;
  if (recipe.density_schedule && !first) layer.input_bits = recipe.density_start_bits;
  for (const LayerWidths& widths : recipe.layers) {
    if (widths.layer != layer.name) continue;
    layer.weight_bits = widths.weight_bits.value_or(layer.weight_bits);
    layer.input_bits = widths.act_bits.value_or(layer.input_bits);
  }
}

/// Throws UserError when the accumulator leaves a channel no weight but 0: before any epoch.
void check_budget(const Recipe& recipe, const TrainedLayer& layer) {
  const bool plus = recipe.weights == WeightTraining::A2qPlus;
  if (!plus && recipe.weights != WeightTraining::A2q) return;
  const auto limit = [&](int acc_bits) {
    const auto bound = plus ? quantize::AccumulatorBound::A2qPlus : quantize::AccumulatorBound::A2q;
    return quantize::weight_budget(bound, acc_bits, {layer.input_bits, false}).limit;
  };
  if (limit(recipe.acc_bits) >= 1) return;
  int enough = recipe.acc_bits + 1;
  while (limit(enough) < 1) ++enough;
  throw base::UserError(
      place(recipe, "/quantizers/acc_bits"),
      "given " + std::to_string(recipe.acc_bits) + ", which leaves layer " + layer.name +
          " (activations of " + std::to_string(layer.input_bits) + " bits) a budget of " +
          std::to_string(limit(recipe.acc_bits)) +
          " and forces every weight of output channel 0 and of all others to zero; allowed from " +
          std::to_string(enough) + " on");
}

constexpr double kEpsilon = 1e-5, kMomentum = 0.1;

}  // namespace

TrainedNetwork::TrainedNetwork(const Recipe& recipe, const model::Dims& image)
    : recipe_(recipe), image_(image) {
  torch::manual_seed(recipe.seed);
  const std::vector<LayerShape> shapes = shapes_of(recipe.architecture);
  const std::vector<std::string> names = layer_names(recipe.architecture);
  model::Dims dims = image;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const LayerShape& shape = shapes[i];
    TrainedLayer layer;
    layer.name = names[i];
    layer.conv = shape.kernel > 0, layer.pool = shape.pool, layer.add = shape.add;
    layer.kernel = shape.kernel, layer.stride = shape.stride, layer.padding = shape.padding;
    layer.last = i + 1 == shapes.size();
    set_widths(recipe, i == 0, layer);
    check_budget(recipe, layer);
    const std::vector<std::int64_t> weight = weight_dims(shape, dims, recipe, layer.name);
    std::int64_t fan_in = 1;
    for (std::size_t k = 1; k < weight.size(); ++k) fan_in *= weight[k];
    const double reach = std::sqrt(6.0 / static_cast<double>(fan_in));
    layer.weight = leaf((torch::rand(weight) * 2 - 1) * reach);
    const std::int64_t channels = weight[0], normalized = layer.last ? 0 : channels;
    layer.bias = leaf(torch::zeros({layer.last ? channels : 0}));
    layer.gain = leaf(torch::ones({normalized}));
    layer.shift = leaf(torch::zeros({normalized}));
    layer.mean = torch::zeros({normalized});
    layer.variance = torch::ones({normalized});
    const double alpha = recipe.acts == ActTraining::Clip1 ? 1 : recipe.alpha_start;
    layer.alpha = torch::full({1}, alpha).set_requires_grad(recipe.acts == ActTraining::Pact);
    layer.norms = {leaf(torch::zeros({channels})), leaf(torch::zeros({channels}))};
    layers_.push_back(std::move(layer));
  }
}

WeightTraining TrainedNetwork::method_of(const TrainedLayer& layer) const {
  // Odd levels are for the inner layers; first and last keep a zero and their scale.
  const bool odd =
      recipe_.weights == WeightTraining::Dorefa || recipe_.weights == WeightTraining::Sawb;
  const bool edge = layer.last || &layer == layers_.data();
  return odd && edge ? WeightTraining::MaxAbs : recipe_.weights;
}

QuantizedWeightTensor TrainedNetwork::weights_of(std::size_t layer) const {
  const TrainedLayer& entry = layers_[layer];
  return quantize_weights(entry.weight, method_of(entry), entry.weight_bits, recipe_.acc_bits,
                          input_format(layer), entry.norms);
}

TrainedNetwork::Output TrainedNetwork::forward(const Tensor& pixels, bool training, bool quantize) {
  Output output;
  output.penalty = torch::zeros({1});
  Tensor x = pixels;
  std::vector<Tensor> acts;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    TrainedLayer& layer = layers_[i];
    Tensor weight = layer.weight;
    if (quantize) {
      const QuantizedWeightTensor quantized = weights_of(i);
      weight = quantized.values;
      if (quantized.penalty.defined()) output.penalty = output.penalty + quantized.penalty;
    }
    if (!layer.conv) x = x.flatten(1);
    const Tensor bias = layer.last ? layer.bias : Tensor();
    x = layer.conv ? torch::conv2d(x, weight, bias, layer.stride, layer.padding)
                   : torch::linear(x, weight, bias);
    if (layer.last) break;
    x = torch::batch_norm(x, layer.gain, layer.shift, layer.mean, layer.variance, training,
                          kMomentum, kEpsilon, false);
    if (layer.add >= 0) x = x + acts[static_cast<std::size_t>(layer.add)];
    if (layer.pool) x = torch::max_pool2d(x, 2);
    x = quantize ? pact(x, layer.alpha, layers_[i + 1].input_bits) : torch::relu(x);
    acts.push_back(x);
    const Tensor used = x.detach().ne(0).to(torch::kFloat32);
    output.densities.push_back(used.mean().item<double>());
    output.channel_densities.push_back(used.transpose(0, 1).flatten(1).mean(1));
  }
  output.logits = x;
  return output;
}

void TrainedNetwork::keep_channels(std::size_t layer, const std::vector<std::int64_t>& kept) {
  BITSCALE_INVARIANT(layer + 1 < layers_.size() && !kept.empty(), "channels of an inner layer");
  const torch::NoGradGuard guard;
  const Tensor index = torch::tensor(kept, torch::kInt64);
  const auto replace = [](Tensor& tensor, const Tensor& by) {
    tensor.set_data(by.contiguous());
    tensor.mutable_grad().reset();
  };
  TrainedLayer& pruned = layers_[layer];
  const std::int64_t channels = pruned.weight.size(0);
  for (Tensor* tensor : {&pruned.weight, &pruned.gain, &pruned.shift, &pruned.mean,
                         &pruned.variance, &pruned.norms.log_norm, &pruned.norms.log_scale}) {
    replace(*tensor, tensor->index_select(0, index));
  }
  Tensor& next = layers_[layer + 1].weight;  // [out, channels, …] or [out, channels · pixels]
  std::vector<std::int64_t> dims = next.sizes().vec();
  const Tensor rows = next.view({dims[0], channels, -1}).index_select(1, index);
  dims[1] = dims[1] / channels * static_cast<std::int64_t>(kept.size());
  replace(next, rows.reshape(dims));
}

void TrainedNetwork::start_quantizing() {
  if (recipe_.weights != WeightTraining::A2q && recipe_.weights != WeightTraining::A2qPlus) return;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    TrainedLayer& layer = layers_[i];
    Tensor weights = layer.weight.detach().clone();
    try {
      const NormParameters start = start_norms(weights, recipe_.weights, layer.weight_bits,
                                               recipe_.acc_bits, input_format(i));
      const torch::NoGradGuard guard;
      layer.weight.copy_(weights);
      layer.norms.log_norm.copy_(start.log_norm);
      layer.norms.log_scale.copy_(start.log_scale);
    } catch (const base::UserError& error) {
      throw base::UserError(place(recipe_, "/quantizers/acc_bits"),
                            "layer " + layer.name + ", " + error.problems()[0].where + ": " +
                                error.problems()[0].message);
    }
  }
}

std::vector<Tensor> TrainedNetwork::parameters() const {
  std::vector<Tensor> all;
  for (const TrainedLayer& layer : layers_) {
    all.push_back(layer.weight);
    if (layer.last) all.push_back(layer.bias);
    if (!layer.last) all.insert(all.end(), {layer.gain, layer.shift});
    if (!layer.last && layer.alpha.requires_grad()) all.push_back(layer.alpha);
  }
  return all;
}

std::vector<Tensor> TrainedNetwork::norm_parameters() const {
  std::vector<Tensor> all;
  for (const TrainedLayer& layer : layers_) {
    all.insert(all.end(), {layer.norms.log_norm, layer.norms.log_scale});
  }
  return all;
}

std::vector<Tensor*> TrainedNetwork::state() {
  std::vector<Tensor*> all;
  for (TrainedLayer& layer : layers_) {
    for (Tensor* tensor :
         {&layer.weight, &layer.bias, &layer.gain, &layer.shift, &layer.mean, &layer.variance,
          &layer.alpha, &layer.norms.log_norm, &layer.norms.log_scale}) {
      all.push_back(tensor);
    }
  }
  return all;
}

void TrainedNetwork::check(bool quantized) const {
  for (const TrainedLayer& layer : layers_) {
    const double alpha = layer.alpha.item<double>();
    if (!(alpha > 0) || !std::isfinite(alpha)) {
      throw base::UserError(place(recipe_, "/learning_rate"),
                            "given " + base::format_number(recipe_.learning_rate) + ", layer " +
                                layer.name + ": clip alpha has collapsed to " +
                                std::to_string(alpha) + "; lower it or weight_decay");
    }
    if (!torch::isfinite(layer.weight).all().item<bool>()) {
      throw base::UserError(place(recipe_, "/learning_rate"),
                            "given " + base::format_number(recipe_.learning_rate) + ", layer " +
                                layer.name + ": weights are no numbers any more; lower it");
    }
    if (!quantized || method_of(layer) != WeightTraining::Sawb) continue;
    const Tensor weights = layer.weight.detach().flatten().to(torch::kFloat64).contiguous();
    const auto* first = weights.data_ptr<double>();
    const double clip = *quantize::sawb_clip({first, first + weights.numel()}, layer.weight_bits);
    if (clip > 0) continue;
    throw base::UserError(place(recipe_, "/quantizers/weights"),
                          "given 'sawb', layer " + layer.name + ": its clip has collapsed to " +
                              base::format_number(clip) +
                              ", the weights are too alike in magnitude for its fit; allowed: "
                              "another method, or other weight_bits for this layer");
  }
}

}  // namespace bitscale::train

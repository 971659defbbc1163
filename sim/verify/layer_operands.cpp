#include "sim/verify/layer_operands.h"

#include <algorithm>

#include "arch/base/error.h"
#include "arch/numeric/bit_slicing.h"
#include "rtl/cosim/random_codes.h"
#include "workloads/exec/mac_layer.h"

namespace bitscale::verify {
namespace {

model::Tensor tensor_of(const std::vector<std::int32_t>& codes, model::Dims dims,
                        const numeric::IntegerFormat& format) {
  return model::Tensor(std::move(dims), codes).cast(model::storage_type(format));
}

model::QuantizedValue codes_value(const char* name, model::Dims dims,
                                  const numeric::IntegerFormat& format) {
  model::QuantizedValue value;
  value.name = name;
  value.kind = model::ValueKind::Codes;
  value.dims = std::move(dims);
  value.format.encoding = {numeric::WeightEncoding::TwosComplement, format.bits, format.is_signed,
                           0};
  return value;
}

LayerCodes random_codes(const model::Layer& layer, const cosim::MacSpec& mac, std::uint64_t seed) {
  cosim::RandomCodes random(seed);
  LayerCodes codes;
  codes.acts = random.take(layer.input_elements(), mac.acts);
  codes.weights = random.take(layer.weight_elements(), mac.weights.codes());
  if (mac.weights.kind == numeric::WeightEncoding::Affine) {
    codes.zero_point = random.next(mac.weights.codes());
  }
  return codes;
}

}  // namespace

LayerOperands::LayerOperands(const model::Layer& layer, const cosim::MacSpec& mac,
                             std::uint64_t seed)
    : LayerOperands(layer, mac, random_codes(layer, mac, seed)) {}

LayerOperands::LayerOperands(const model::Layer& layer, const cosim::MacSpec& mac, LayerCodes codes)
    : weights_(std::move(codes.weights)), zero_point_(codes.zero_point) {
  BITSCALE_INVARIANT(layer.has_macs() && !layer.weights_are_activations(), layer.name);
  const model::Dims in_dims = {layer.in_channels, layer.in_height, layer.in_width};
  acts_ = tensor_of(codes.acts, in_dims, mac.acts);

  model::QuantizedNode node;
  node.name = layer.name;
  node.op = model::QuantizedOp::Mac;
  node.layer = 0;
  node.inputs = {0};
  node.outputs = {1};
  node.weights.encoding = mac.weights;
  if (mac.weights.kind == numeric::WeightEncoding::Affine) {
    node.weights.encoding.zero_point = zero_point_;
  }
  node.weights.codes =
      tensor_of(weights_, {layer.out_channels, layer.reduction()}, mac.weights.codes());
  model::QuantizedValue sums;
  sums.name = "sums";
  sums.kind = model::ValueKind::Sums;
  sums.dims = {1, layer.output_elements()};
  graph_.values = {codes_value("acts", in_dims, mac.acts), sums};
  graph_.network.layers = {layer};
  graph_.nodes = {node};
  patches_.reserve(static_cast<std::size_t>(layer.groups));
  for (std::int64_t g = 0; g < layer.groups; ++g) {
    patches_.emplace_back(this->layer(), model::ActLayout::ChannelsFirst, acts_, g, 0);
  }
}

mapping::PimPlanes LayerOperands::pim_planes(const spec::PimArraySpec& pim) const {
  const numeric::IntegerFormat format = graph_.values.front().format.encoding.codes();
  const std::int64_t pixels = layer().out_pixels(), depth = layer().reduction();
  std::int64_t most = 0, all = 0, arrays = 0;
  for (std::int64_t g = 0; g < layer().groups; ++g) {
    for (std::int64_t k0 = 0; k0 < depth; k0 += pim.wordlines, ++arrays) {
      std::int64_t planes = 0;
      for (std::int64_t p = 0; p < pixels; ++p) {
        std::int64_t any = 0;
        for (std::int64_t k = k0; k < std::min(depth, k0 + pim.wordlines); ++k) any |= act(g, p, k);
        planes += numeric::planes_with_ones(any, format);
      }
      most = std::max(most, planes);
      all += planes;
    }
  }
  const auto vectors = static_cast<double>(pixels);
  return {static_cast<double>(most) / vectors,
          static_cast<double>(all) / vectors / static_cast<double>(arrays)};
}

std::vector<std::int64_t> LayerOperands::sums(const numeric::ReductionOrder& order) const {
  exec::MacOptions options;
  options.order = order;
  const exec::MacLayer mac(graph_, graph_.nodes.front(), options);
  std::vector<std::int64_t> sums(static_cast<std::size_t>(layer().output_elements()));
  mac.run(acts_, nullptr, sums.data(), nullptr);
  return sums;
}

}  // namespace bitscale::verify

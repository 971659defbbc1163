#include "sim/verify/digits_vectors.h"

#include <algorithm>

namespace bitscale::verify {
namespace {

constexpr unsigned kDecomposable8x8 = 10;  // act_log 2, weight_log 2
constexpr unsigned kConfigurable8 = 1;     // two products of 8 bits
constexpr unsigned kDecomposableRests = 15;
constexpr int kSerialBits = 5;

/// Calls use(weight, act, first) for every product, dot product by dot product.
template <class Use>
void for_products(const DigitsLayer& layer, Use use) {
  for (std::int64_t s = 0; s < layer.samples; ++s) {
    for (std::int64_t c = 0; c < layer.channels; ++c) {
      for (std::int64_t k = 0; k < layer.reduction; ++k) {
        use(layer.weights[static_cast<std::size_t>(k * layer.channels + c)],
            layer.acts[static_cast<std::size_t>(s * layer.reduction + k)], k == 0);
      }
    }
  }
}

cosim::UnitInputs one_cycle(std::int32_t weight, std::int32_t act, bool clear) {
  cosim::UnitInputs inputs;
  inputs.enable = inputs.first = inputs.last = true;
  inputs.clear = clear;
  inputs.weight_signed = true;
  inputs.weight[0] = static_cast<std::uint32_t>(weight);
  inputs.act = static_cast<std::uint32_t>(act);
  return inputs;
}

void append_layer(const DigitsLayer& layer, std::vector<cosim::UnitInputs>& cycles) {
  for (const unsigned mode : {kDecomposable8x8, kConfigurable8}) {
    for_products(layer, [&](std::int32_t weight, std::int32_t act, bool first) {
      cosim::UnitInputs inputs = one_cycle(weight & 0xFF, act & 0xFF, first);
      inputs.mode = mode;
      cycles.push_back(inputs);
    });
  }
  for_products(layer, [&](std::int32_t weight, std::int32_t act, bool first) {
    cosim::UnitInputs inputs = one_cycle(weight, 0, first);
    inputs.mode = kDecomposableRests;
    cosim::append_serial(inputs, {act}, kSerialBits, cycles);
  });
  for_products(layer, [&](std::int32_t weight, std::int32_t act, bool first) {
    cosim::UnitInputs inputs = one_cycle(weight * act, 0, first);
    inputs.mode = kDecomposableRests;
    cycles.push_back(inputs);
  });
}

bool holds(const DigitsLayer& layer, const cosim::NamedSet& unit) {
  if (unit.module == "narrow_accumulator") {
    const int bits = unit.integer("AddendBits", 16);
    return numeric::fits_signed(std::int64_t{layer.min_weight} * layer.max_act, bits) &&
           numeric::fits_signed(std::int64_t{layer.max_weight} * layer.max_act, bits);
  }
  if (unit.module != "bit_serial_mac") return true;  // 8 bits hold every layer
  const cosim::MacSpec mac = cosim::mac_spec(unit);
  return layer.min_weight >= mac.weights.min_value() && layer.max_weight <= mac.weights.max_value();
}

}  // namespace

void append_digits(const std::vector<DigitsLayer>& layers,
                   const std::vector<cosim::MacUnderTest>& macs,
                   std::vector<cosim::MacOperands>& vectors) {
  for (const DigitsLayer& layer : layers) {
    const bool affine = std::any_of(macs.begin(), macs.end(), [&](const auto& mac) {
      return mac.spec.weights.kind == numeric::WeightEncoding::Affine && encode(layer, mac.spec);
    });
    for (const std::int32_t zero_point : {0, -layer.min_weight}) {
      if (zero_point != 0 && !affine) continue;
      for_products(layer, [&](std::int32_t weight, std::int32_t act, bool first) {
        vectors.push_back({static_cast<std::uint16_t>(weight + zero_point),
                           static_cast<std::uint16_t>(zero_point), static_cast<std::uint16_t>(act),
                           first});
      });
    }
  }
}

void append_digits(const std::vector<DigitsLayer>& layers, std::vector<cosim::UnitInputs>& cycles) {
  for (const DigitsLayer& layer : layers) append_layer(layer, cycles);
}

std::int64_t held_macs(const std::vector<DigitsLayer>& layers, const cosim::MacSpec& mac) {
  std::int64_t macs = 0;
  for (const DigitsLayer& layer : layers) macs += encode(layer, mac) ? layer.macs() : 0;
  return macs;
}

std::int64_t held_macs(const std::vector<DigitsLayer>& layers, const cosim::NamedSet& unit) {
  std::int64_t macs = 0;
  for (const DigitsLayer& layer : layers) macs += holds(layer, unit) ? layer.macs() : 0;
  return macs;
}

}  // namespace bitscale::verify

// The named pim_array sets: digits layers, small layers whole and cut, tiles of ResNet-18.
//
// A tile of the mapping lies on arrays of up to `wordlines` steps of the reduction by up to `cols`
// output channels: weights are written, then every output pixel is one vector. An array's dot
// products are exact and narrowed once, so the executor's order is chunks of `wordlines`, saturated
// (if at all) at the end.
#include <algorithm>
#include <memory>
#include <string>

#include "rtl/cosim/end_cases.h"
#include "rtl/cosim/pim_check.h"
#include "sim/run/isolated.h"
#include "sim/verify/array_layers.h"
#include "sim/verify/cosim_run.h"
#include "sim/verify/pim_layers.h"
#include "sim/verify/pim_tiles.h"

namespace bitscale::verify {
namespace {

constexpr int kMostActBits = 8;
constexpr std::int64_t kManyArrays = 1 << 16;  // every small layer has arrays of its own
constexpr std::int64_t kLargeBytes = 1 << 20;  // holds any of them whole
constexpr int kLeastResnetWeights = 64;        // on a smaller tile a layer has too many
constexpr std::int64_t kResnetArrays = 4;
constexpr std::int64_t kResnetBytes = 2 << 10;  // keeps the tiles of ResNet-18 small
constexpr std::int64_t kMostTileMacs = 4 << 20;

class PimSet {
 public:
  PimSet(const cosim::NamedSet& set, const CosimInputs& inputs)
      : inputs_(inputs),
        pim_(cosim::pim_spec(set)),
        model_(cosim::make_pim(set.name)),
        outcome_(outcome_of(set)) {
    outcome_.cycles.emplace();
  }

  SetOutcome run() {
    for (const DigitsLayer& layer : inputs_.digits) digits(layer);
    const int bits = std::min(pim_.mac.acts.bits, kMostActBits);
    small({bits, false}, inputs_.seed);
    small({std::max(1, bits / 2), true}, inputs_.seed + 100);
    if (pim_.wordlines * pim_.cols >= kLeastResnetWeights) resnet18({bits, false});
    for (const cosim::PimCase& test : cosim::end_cases(pim_)) {
      take(cosim::check_pim(*model_, pim_, test));
    }
    // Weights count with the signedness of the cells, activations with both.
    outcome_.corners =
        cosim::count_corners(outcome_.coverage, pim_.mac.weights.codes().is_signed, true);
    outcome_.count_ends({true, true});
    return std::move(outcome_);
  }

 private:
  struct Product {  // acts [m × k], weights [k × n]
    std::string name;
    std::int64_t m, k, n;
    std::vector<std::int32_t> acts, weights;
    numeric::IntegerFormat format;
    std::uint64_t seed;
  };

  void digits(const DigitsLayer& layer) {
    cosim::MacSpec mac = pim_.mac;
    mac.acts.is_signed = false;
    const std::optional<cosim::Gemm> gemm = encode(layer, mac);
    if (!gemm) return;
    int bits = 1;
    while (numeric::IntegerFormat{bits, false}.max() < layer.max_act) ++bits;
    product({"digits " + layer.name,
             gemm->m,
             gemm->k,
             gemm->n,
             gemm->acts,
             gemm->weights,
             {bits, false},
             0});
    outcome_.digits_vectors += layer.macs();
  }

  /// All small layers, whole in one tile and cut. Of a cut layer whose zero planes are skipped
  /// every tile is simulated with its own planes.
  void small(const numeric::IntegerFormat& acts, std::uint64_t seed) {
    const model::Network network = small_layers();
    const spec::AcceleratorSpec design = pim_design(pim_, kManyArrays, kLargeBytes);
    mapping::TaskGraph graph = pim_tasks(network, pim_, acts, design);
    cosim::MacSpec mac = pim_.mac;
    mac.acts = acts;
    std::vector<std::unique_ptr<LayerOperands>> operands;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
      operands.push_back(std::make_unique<LayerOperands>(network.layers[i], mac, seed + i));
      if (!pim_.skip_zero_planes) continue;
      graph.tasks[i].pim_planes = operands.back()->pim_planes(*design.pim);
    }
    layers(graph, simulated_layers(graph, design, uncut(graph)), uncut(graph), operands, seed);
    for (int variant = 0; variant < 3; ++variant) {
      const mapping::NetworkMapping cut = halved(graph, variant);
      layers(graph,
             pim_.skip_zero_planes ? simulated_tile_by_tile(graph, design, cut, operands)
                                   : simulated_layers(graph, design, cut),
             cut, operands, seed);
    }
  }

  static std::vector<std::int64_t> simulated_layers(const mapping::TaskGraph& graph,
                                                    const spec::AcceleratorSpec& design,
                                                    const mapping::NetworkMapping& mapping) {
    std::vector<std::int64_t> cycles;
    for (const auto& layer : run::simulate_isolated(graph, design, mapping).layers) {
      cycles.push_back(layer.compute_cycles);
    }
    return cycles;
  }

  void layers(const mapping::TaskGraph& graph, const std::vector<std::int64_t>& simulated,
              const mapping::NetworkMapping& mapping,
              const std::vector<std::unique_ptr<LayerOperands>>& operands, std::uint64_t seed) {
    for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
      take(check_pim_layer(*model_, pim_, graph.tasks[i], mapping.tasks[i].tiling, *operands[i],
                           simulated[i], seed + i));
      ++outcome_.layers;
    }
  }

  void resnet18(const numeric::IntegerFormat& acts) {
    const spec::AcceleratorSpec design = pim_design(pim_, kResnetArrays, kResnetBytes);
    const mapping::TaskGraph graph = pim_tasks(inputs_.resnet18, pim_, acts, design);
    const mapping::NetworkMapping mapping =
        mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);
    for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
      if (!graph.tasks[i].on_pim) continue;
      take(check_sampled_pim_tiles(*model_, pim_, design, graph.tasks[i], mapping.tasks[i].tiling,
                                   kMostTileMacs, inputs_.seed + i));
    }
  }

  /// Every tile of the product by its closed form.
  void product(const Product& all) {
    for (std::int64_t c0 = 0; c0 < all.n; c0 += pim_.cols) {
      for (std::int64_t k0 = 0; k0 < all.k; k0 += pim_.wordlines) {
        take(cosim::check_pim(*model_, pim_, tile(all, k0, c0)));
      }
    }
  }

  cosim::PimCase tile(const Product& all, std::int64_t k0, std::int64_t c0) const {
    const std::int64_t lines = std::min<std::int64_t>(pim_.wordlines, all.k - k0);
    cosim::PimCase test{all.name, {}, {}, all.seed};
    for (std::int64_t k = k0; k < k0 + lines; ++k) {
      for (std::int64_t c = c0; c < c0 + pim_.cols; ++c) {
        test.weights.push_back(c < all.n ? all.weights[static_cast<std::size_t>(k * all.n + c)]
                                         : 0);
      }
    }
    for (std::int64_t p = 0; p < all.m; ++p) {
      const auto first = all.acts.begin() + p * all.k + k0;
      cosim::PimVector vector{{first, first + lines}, all.format, true};
      vector.acts.resize(static_cast<std::size_t>(pim_.wordlines), 0);
      test.vectors.push_back(std::move(vector));
    }
    return test;
  }

  void take(const cosim::PimCheck& check) {
    PimLayerCheck one;
    one.take(check);
    ++one.tiles;
    take(one);
  }

  void take(const PimLayerCheck& check) {
    outcome_.tiles += check.arrays;
    outcome_.vectors += check.macs;
    outcome_.mismatches += check.mismatches;
    outcome_.cycles->rtl += check.rtl_cycles;
    outcome_.cycles->expected += check.expected_cycles;
    outcome_.coverage.add(check.coverage);
    if (!outcome_.failure) outcome_.failure = check.failure;
  }

  const CosimInputs& inputs_;
  cosim::PimSpec pim_;
  std::unique_ptr<cosim::PimModel> model_;
  SetOutcome outcome_;
};

}  // namespace

SetOutcome check_pim_set(const cosim::NamedSet& set, const CosimInputs& inputs) {
  return PimSet(set, inputs).run();
}

}  // namespace bitscale::verify

// The named mac_array sets: digits layers, small layers under five mappings, a trained network's
// layers with their own operands, ResNet-18 tiles.
#include <memory>
#include <string>

#include "rtl/cosim/end_cases.h"
#include "sim/run/isolated.h"
#include "sim/verify/array_layers.h"
#include "sim/verify/cosim_run.h"

namespace bitscale::verify {
namespace {

constexpr std::int64_t kSmallBytes = 512;        // forces the mapper to cut small layers
constexpr std::int64_t kLargeBytes = 1 << 20;    // holds any of them whole
constexpr std::int64_t kTrainedBytes = 4 << 10;  // cuts the trained network's layers
constexpr std::int64_t kResnetBytes = 32 << 10;  // keeps the tiles of ResNet-18 small
constexpr std::int64_t kMostTileMacs = 4 << 20;
constexpr int kLeastResnetPes = 256;  // on a small array a tile takes too long

class ArraySet {
 public:
  ArraySet(const cosim::NamedSet& set, const CosimInputs& inputs)
      : inputs_(inputs),
        array_(cosim::array_spec(set)),
        model_(cosim::make_array(set.name)),
        outcome_(outcome_of(set)) {
    outcome_.cycles.emplace();
  }

  SetOutcome run() {
    digits();
    extremes();
    for (const cosim::ArrayCase& test : cosim::end_cases(array_)) product(test);
    small();
    trained();
    if (array_.rows * array_.cols >= kLeastResnetPes) resnet18();
    outcome_.corners = cosim::count_corners(outcome_.coverage, array_.mac.weights.codes().is_signed,
                                            array_.mac.acts.is_signed);
    outcome_.count_ends(cosim::possible_ends(array_));
    return std::move(outcome_);
  }

 private:
  void digits() {
    for (const DigitsLayer& layer : inputs_.digits) {
      const std::optional<cosim::Gemm> gemm = encode(layer, array_.mac);
      if (!gemm) continue;
      cosim::ArrayCase test{"digits " + layer.name, *gemm,
                            cosim::folds_of(array_, gemm->m, gemm->k, gemm->n), 0, 0};
      test.expected_cycles = cosim::folds_cycles(array_, test.folds);
      outcome_.digits_vectors += product(test);
    }
  }

  /// Sums as large as they get, both ways: accumulators that can overflow do.
  void extremes() {
    const numeric::IntegerFormat weights = array_.mac.weights.codes();
    cosim::Gemm gemm{2, 3 * array_.rows, 2 * array_.cols, {}, {}, 0};
    gemm.acts.assign(static_cast<std::size_t>(gemm.m * gemm.k),
                     static_cast<std::int32_t>(array_.mac.acts.max()));
    for (std::int64_t i = 0; i < gemm.k * gemm.n; ++i) {
      gemm.weights.push_back(static_cast<std::int32_t>(i % 2 == 0 ? weights.max() : weights.min()));
    }
    cosim::ArrayCase test{"extremes", std::move(gemm), {}, 0, 0};
    test.folds = cosim::folds_of(array_, test.gemm.m, test.gemm.k, test.gemm.n);
    test.expected_cycles = cosim::folds_cycles(array_, test.folds);
    product(test);
  }

  /// MACs.
  std::int64_t product(const cosim::ArrayCase& test) {
    LayerCheck check;
    check.take(cosim::check_array(*model_, array_, test), test.expected_cycles);
    take(check, test.expected_cycles);
    return check.macs;
  }

  void small() {
    const model::Network network = small_layers();
    const auto random = [&](std::size_t index, const model::Layer& layer) {
      return std::make_unique<LayerOperands>(layer, array_.mac, inputs_.seed + index);
    };
    for (const std::int64_t bytes : {kSmallBytes, kLargeBytes}) {
      layers(network, design_around(array_, spec::RowMapping::Im2col, bytes), best_mapping, random);
    }
    for (int variant = 0; variant < 3; ++variant) {
      const auto rows = variant == 1 ? spec::RowMapping::Channels : spec::RowMapping::Im2col;
      layers(
          network, design_around(array_, rows, kLargeBytes),
          [variant](const mapping::TaskGraph& graph, const spec::AcceleratorSpec&) {
            return halved(graph, variant);
          },
          random);
    }
  }

  /// Whole layers of the trained network whose values the array holds.
  void trained() {
    model::Network network;
    network.name = "trained";
    std::vector<LayerCodes> codes;
    for (const TraceLayer& layer : inputs_.trained) {
      std::optional<LayerCodes> encoded = encode(layer, array_.mac);
      if (!encoded) continue;
      codes.push_back(std::move(*encoded));
      network.layers.push_back(layer.layer);
      network.layers.back().inputs = {-1};
    }
    if (codes.empty()) return;
    const std::int64_t before = outcome_.vectors;
    layers(network, design_around(array_, spec::RowMapping::Im2col, kTrainedBytes), best_mapping,
           [&](std::size_t index, const model::Layer& layer) {
             return std::make_unique<LayerOperands>(layer, array_.mac, codes[index]);
           });
    outcome_.trained_vectors = outcome_.vectors - before;
  }

  static mapping::NetworkMapping best_mapping(const mapping::TaskGraph& graph,
                                              const spec::AcceleratorSpec& design) {
    return mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);
  }

  /// All layers of a network, one task each; what the components spend on them is the time they
  /// must take.
  template <class Mapper, class OperandsOf>
  void layers(const model::Network& network, const spec::AcceleratorSpec& design, Mapper map,
              OperandsOf operands_of) {
    const mapping::TaskGraph graph = tasks_on(network, array_, design);
    const mapping::NetworkMapping mapping = map(graph, design);
    const cost::RunActivity simulated = run::simulate_isolated(graph, design, mapping);
    for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
      const mapping::Task& task = graph.tasks[i];
      const auto index = static_cast<std::size_t>(task.layers.front());
      const std::unique_ptr<LayerOperands> operands = operands_of(index, network.layers[index]);
      LayerCheck check = check_layer(*model_, array_, design, task, mapping.tasks[i].tiling,
                                     *operands, inputs_.seed + i);
      const std::int64_t expected = simulated.layers[i].compute_cycles;
      if (check.rtl_cycles != expected) {
        ++check.mismatches;
        if (!check.failure) {
          check.failure = first_tile_failure(
              *model_, array_, design, task, mapping.tasks[i].tiling, *operands, inputs_.seed + i,
              "the components take " + std::to_string(expected) +
                  " cycles for the layer, the RTL " + std::to_string(check.rtl_cycles) +
                  "; the end of its first tile:");
        }
      }
      ++outcome_.layers;
      take(check, expected);
    }
  }

  void resnet18() {
    const spec::AcceleratorSpec design =
        design_around(array_, spec::RowMapping::Im2col, kResnetBytes);
    const mapping::TaskGraph graph = tasks_on(inputs_.resnet18, array_, design);
    const mapping::NetworkMapping mapping = best_mapping(graph, design);
    for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
      const mapping::Task& task = graph.tasks[i];
      if (!task.has_macs) continue;
      const LayerCheck check = check_sampled_tiles(
          *model_, array_, design, task, mapping.tasks[i].tiling, kMostTileMacs, inputs_.seed + i);
      take(check, check.expected_cycles);
    }
  }

  void take(const LayerCheck& check, std::int64_t expected_cycles) {
    outcome_.vectors += check.macs;
    outcome_.tiles += check.tiles;
    outcome_.mismatches += check.mismatches;
    outcome_.cycles->rtl += check.rtl_cycles;
    outcome_.cycles->expected += expected_cycles;
    outcome_.coverage.add(check.coverage);
    if (!outcome_.failure) outcome_.failure = check.failure;
  }

  const CosimInputs& inputs_;
  cosim::ArraySpec array_;
  std::unique_ptr<cosim::ArrayModel> model_;
  SetOutcome outcome_;
};

}  // namespace

SetOutcome check_array_set(const cosim::NamedSet& set, const CosimInputs& inputs) {
  return ArraySet(set, inputs).run();
}

}  // namespace bitscale::verify

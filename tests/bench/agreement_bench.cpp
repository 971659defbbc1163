// How far the estimate is from SystemC over random designs, wider than the agreement test draws
// them: each benchmark is a population, its counters are the errors of whole networks and of layers
// in percent. BITSCALE_WORST=1 prints every network beyond 5 % and layer beyond 15 %.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "sim/run/isolated.h"
#include "tests/support/random_design.h"

namespace bitscale {
namespace {

constexpr double kNetworkTolerance = 5, kLayerTolerance = 15;  // percent

enum class Population { Usual, OddCores, LongLatency, SmallNetworks };

// Three to six small layers one after the other, every third of them without MACs.
model::Network small_network(testing::Dice& dice) {
  model::Network network;
  network.name = "small";
  std::int64_t channels = dice.between(1, 64), side = dice.between(7, 56);
  const std::int64_t layers = dice.between(3, 6);
  for (std::int64_t i = 0; i < layers; ++i) {
    model::Layer layer;
    layer.name = "layer" + std::to_string(i);
    layer.inputs = {static_cast<std::int32_t>(i) - 1};
    const bool pool = dice.between(0, 2) == 0;
    layer.kind = pool ? model::LayerKind::Pool : model::LayerKind::Conv;
    layer.kernel_height = layer.kernel_width = pool ? 2 : dice.pick<std::int64_t>({1, 3});
    layer.stride_height = layer.stride_width = pool && side > 3 ? 2 : 1;
    layer.pad_top = layer.pad_left = pool ? 0 : layer.kernel_height / 2;
    if (pool && side < 2) layer.kernel_height = layer.kernel_width = 1;
    layer.in_channels = channels;
    layer.in_height = layer.in_width = side;
    side = (side + 2 * layer.pad_top - layer.kernel_height) / layer.stride_height + 1;
    layer.out_height = layer.out_width = side;
    if (!pool) channels = dice.between(1, 128);
    layer.out_channels = channels;
    network.layers.push_back(layer);
  }
  return network;
}

struct Errors {
  std::vector<double> networks, layers;  ///< magnitudes in percent

  void add(const mapping::TaskGraph& graph, const spec::AcceleratorSpec& design,
           const mapping::NetworkMapping& mapping, const std::string& which) {
    const auto simulated = run::simulate_isolated(graph, design, mapping);
    const auto estimated = run::analyze(graph, design, mapping);
    const auto percent = [](std::int64_t estimate, std::int64_t cycles) {
      return 100 * (static_cast<double>(estimate) / static_cast<double>(cycles) - 1);
    };
    const bool print = std::getenv("BITSCALE_WORST") != nullptr;
    const double whole = percent(estimated.latency_cycles(), simulated.latency_cycles());
    networks.push_back(std::abs(whole));
    if (print && std::abs(whole) > kNetworkTolerance) std::cout << which << ": " << whole << " %\n";
    for (std::size_t i = 0; i < simulated.layers.size(); ++i) {
      const std::int64_t cycles = simulated.layers[i].latency_cycles;
      const double error = percent(estimated.layers[i].latency_cycles, cycles);
      layers.push_back(std::abs(error));
      if (!print || std::abs(error) <= kLayerTolerance) continue;
      std::cout << which << " " << simulated.layers[i].name << " of " << simulated.layers[i].tiles
                << " tiles: " << cycles << " cycles, " << error << " %\n";
    }
  }
};

spec::AcceleratorSpec draw_design(testing::Dice& dice, Population population) {
  spec::AcceleratorSpec design = testing::random_design(dice);
  if (population == Population::OddCores) design.cores = dice.pick<std::int64_t>({3, 5, 6, 7, 9});
  if (population == Population::LongLatency) {
    design.dram.latency_ns = std::pow(10.0, static_cast<double>(dice.between(200, 400)) / 100);
  }
  return design;
}

bool add_design(std::uint64_t seed, Population population,
                const std::vector<model::Network>& networks, Errors& errors) {
  testing::Dice dice(seed);
  const spec::AcceleratorSpec design = draw_design(dice, population);
  const auto last = static_cast<std::int64_t>(networks.size()) - 1;
  const model::Network network = population == Population::SmallNetworks
                                     ? small_network(dice)
                                     : networks[static_cast<std::size_t>(dice.between(0, last))];
  const auto weight_bits = static_cast<int>(dice.between(2, 16));
  const auto act_bits = static_cast<int>(dice.between(2, 16));
  try {
    const auto graph = mapping::make_tasks(
        network, testing::uniform_bits(network, weight_bits, act_bits), design, 1);
    const auto mapping = mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);
    errors.add(graph, design, mapping, network.name + ", seed " + std::to_string(seed));
    return true;
  } catch (const base::UserError&) {  // the buffers hold no tile of some layer
    return false;
  }
}

double share_of(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

void agreement(benchmark::State& state, Population population) {
  std::vector<model::Network> networks;
  for (const char* name : {"mobilenet_v1", "mobilenet_v2", "bert_base_128", "resnet20_cifar10",
                           "resnet18", "alexnet"}) {
    networks.push_back(testing::committed_network(name));
  }
  Errors errors;
  for (auto _ : state) {
    std::uint64_t seed = 1000000 * (1 + static_cast<std::uint64_t>(population));
    for (std::int64_t designs = 0; designs < state.range(0); ++seed) {
      if (add_design(seed, population, networks, errors)) ++designs;
    }
  }
  for (auto* values : {&errors.networks, &errors.layers}) {
    std::sort(values->begin(), values->end());
    const std::string of = values == &errors.networks ? "network_" : "layer_";
    const double tolerance = values == &errors.networks ? kNetworkTolerance : kLayerTolerance;
    double sum = 0;
    for (const double value : *values) sum += value;
    state.counters[of + "mean"] = sum / static_cast<double>(values->size());
    state.counters[of + "p95"] = share_of(*values, 0.95);
    state.counters[of + "p99"] = share_of(*values, 0.99);
    state.counters[of + "worst"] = values->back();
    state.counters[of + "beyond"] = static_cast<double>(
        values->end() - std::upper_bound(values->begin(), values->end(), tolerance));
    state.counters[of + "count"] = static_cast<double>(values->size());
  }
}

constexpr std::int64_t kDesigns = 300;
#define BITSCALE_AGREEMENT(name, population)                 \
  BENCHMARK_CAPTURE(agreement, name, Population::population) \
      ->Arg(kDesigns)                                        \
      ->Iterations(1)                                        \
      ->Unit(benchmark::kSecond)
BITSCALE_AGREEMENT(usual, Usual);
BITSCALE_AGREEMENT(odd_cores, OddCores);
BITSCALE_AGREEMENT(long_latency, LongLatency);
BITSCALE_AGREEMENT(small_networks, SmallNetworks);

}  // namespace
}  // namespace bitscale

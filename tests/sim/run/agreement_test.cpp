// SystemC against the estimate on 200 random designs: arrays, dataflows, PE kinds, buffers,
// bandwidths, cores, residency, with and without double buffering, six networks.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <vector>

#include "sim/run/isolated.h"
#include "tests/support/random_design.h"

namespace bitscale::run {
namespace {

constexpr int kDesigns = 200;
constexpr double kNetworkTolerance = 0.05;
constexpr double kLayerTolerance = 0.15;
// On a DRAM slow enough to decide everything; sim/mapping/README.md says what the estimate does not
// know there.
constexpr int kSlowOutliers = 1;

struct Design {
  spec::AcceleratorSpec spec;
  mapping::TaskGraph graph;
  mapping::NetworkMapping mapping;
};

// Draws again while the buffers hold no tile of some layer.
Design draw(std::uint64_t seed, const std::vector<model::Network>& networks) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    testing::Dice dice(seed * 1000 + attempt);
    Design design;
    design.spec = testing::random_design(dice);
    const auto last = static_cast<std::int64_t>(networks.size()) - 1;
    const auto& network = networks[static_cast<std::size_t>(dice.between(0, last))];
    const auto weight_bits = static_cast<int>(dice.between(2, 16));
    const auto act_bits = static_cast<int>(dice.between(2, 16));
    const auto bits = testing::uniform_bits(network, weight_bits, act_bits);
    design.graph =
        mapping::make_tasks(network, bits, design.spec, dice.pick<std::int64_t>({1, 1, 2, 4}));
    try {
      design.mapping =
          mapping::map_network(design.graph, design.spec, mapping::Objective::Latency, nullptr);
      return design;
    } catch (const base::UserError&) {
      continue;
    }
  }
}

double relative(double estimate, double simulated) { return estimate / simulated - 1; }

double dram_stalls(const cost::RunActivity& run) {
  double sum = 0;
  for (const auto& layer : run.layers) sum += static_cast<double>(layer.dram_stall_cycles);
  return sum;
}

// One layer-by-layer comparison; layers beyond the tolerance are listed.
struct Comparison {
  double network = 0;
  double worst_layer = 0;
  double sum = 0;  ///< of the layers' errors
  int outliers = 0;

  Comparison(const cost::RunActivity& estimated, const cost::RunActivity& simulated,
             const std::string& which)
      : network(relative(static_cast<double>(estimated.latency_cycles()),
                         static_cast<double>(simulated.latency_cycles()))) {
    for (std::size_t i = 0; i < simulated.layers.size(); ++i) {
      const double error = relative(static_cast<double>(estimated.layers[i].latency_cycles),
                                    static_cast<double>(simulated.layers[i].latency_cycles));
      sum += std::abs(error);
      worst_layer = std::max(worst_layer, std::abs(error));
      if (std::abs(error) <= kLayerTolerance) continue;
      ++outliers;
      std::cout << "outlier: " << which << " " << simulated.layers[i].name << ": SystemC "
                << simulated.layers[i].latency_cycles << " cycles, estimate " << 100 * error
                << " %\n";
    }
  }
};

TEST(Agreement, SystemcIsWithinFivePercentOfTheEstimate) {
  std::vector<model::Network> networks;
  for (const char* name : {"mobilenet_v1", "mobilenet_v2", "bert_base_128", "resnet20_cifar10",
                           "resnet18", "alexnet"}) {
    networks.push_back(testing::committed_network(name));
  }
  int layers = 0;
  int outliers = 0;
  double sum = 0;
  double worst_network = 0;
  double worst_stalls = 0;
  for (std::uint64_t seed = 0; seed < kDesigns; ++seed) {
    const Design design = draw(seed, networks);
    const auto simulated = simulate_isolated(design.graph, design.spec, design.mapping);
    const auto estimated = analyze(design.graph, design.spec, design.mapping);
    const Comparison compared(estimated, simulated, "design " + std::to_string(seed));
    EXPECT_LE(std::abs(compared.network), kNetworkTolerance) << "design " << seed;
    worst_network = std::max(worst_network, std::abs(compared.network));
    layers += static_cast<int>(simulated.layers.size());
    sum += compared.sum;
    outliers += compared.outliers;
    const double stalls = (dram_stalls(estimated) - dram_stalls(simulated)) /
                          static_cast<double>(simulated.latency_cycles());
    EXPECT_LE(std::abs(stalls), kNetworkTolerance) << "design " << seed;
    worst_stalls = std::max(worst_stalls, std::abs(stalls));
  }
  std::cout << kDesigns << " designs, " << layers << " layers: mean layer error "
            << 100 * sum / layers << " %, worst network " << 100 * worst_network << " %, "
            << outliers << " layers beyond 15 %; DRAM stalls within " << 100 * worst_stalls
            << " % of a network's time\n";
  EXPECT_EQ(outliers, 0);
}

TEST(Agreement, PresetsOnASlowDramStayWithinTheirOwnBounds) {
  double worst_network = 0;
  double worst_layer = 0;
  int outliers = 0;
  for (const char* name : {"resnet18", "resnet20_cifar10", "mobilenet_v2", "vgg19_cifar10"}) {
    const model::Network network = testing::committed_network(name);
    for (const char* preset : {"default", "pact_like", "eyeriss_like"}) {
      for (const int bandwidth_gbps : {1, 2, 4}) {
        spec::AcceleratorSpec design = testing::committed_design(preset);
        design.dram.bandwidth_gbps = bandwidth_gbps;
        design.residency = spec::Residency::Network;
        const auto graph =
            mapping::make_tasks(network, testing::uniform_bits(network, 4, 4), design, 1);
        const auto mapping =
            mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);
        const std::string which =
            std::string(name) + " on " + preset + " at " + std::to_string(bandwidth_gbps) + " GB/s";
        const Comparison compared(analyze(graph, design, mapping),
                                  simulate_isolated(graph, design, mapping), which);
        EXPECT_LE(std::abs(compared.network), kNetworkTolerance) << which;
        worst_network = std::max(worst_network, std::abs(compared.network));
        worst_layer = std::max(worst_layer, compared.worst_layer);
        outliers += compared.outliers;
      }
    }
  }
  std::cout << "presets, slow DRAM: worst network " << 100 * worst_network << " %, worst layer "
            << 100 * worst_layer << " %, " << outliers << " layers beyond 15 %\n";
  EXPECT_LE(outliers, kSlowOutliers);
}

}  // namespace
}  // namespace bitscale::run

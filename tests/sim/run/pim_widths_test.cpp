// What holds on PIM arrays when a width grows. Fixed mapping: neither cycles nor energy fall, of
// the macro or of the whole. Free mapping: the objective does not fall; what is not the objective
// may.
#include <gtest/gtest.h>

#include "arch/cost/cost_model.h"
#include "arch/cost/pim_cost.h"
#include "sim/run/isolated.h"
#include "tests/support/pim_design.h"

namespace bitscale::run {
namespace {

constexpr int kWidest = 16;

cost::CostModel prices_of(const spec::AcceleratorSpec& design) {
  return {design, cost::load_technology(testing::source_path("configs/tech/generic_45nm.json"))};
}

double macro_pj(const spec::AcceleratorSpec& design, const cost::RunActivity& run) {
  double sum = 0;
  for (const auto source : {spec::PimCostSource::PerMacTable, spec::PimCostSource::Components,
                            spec::PimCostSource::Analytical}) {
    sum += cost::pim_energy(*design.pim, source, run.layers).total_pj();
  }
  return sum;
}

double whole_pj(const cost::CostModel& prices, const cost::RunActivity& run) {
  double sum = 0;
  for (const auto& layer : run.layers) sum += prices.energy(layer, run.clock_mhz).total_pj();
  return sum;
}

struct Figures {
  std::int64_t cycles = 0, steady_cycles = 0;
  double macro_pj = 0, whole_pj = 0;
};

Figures figures(const spec::AcceleratorSpec& design, const cost::CostModel& prices,
                const cost::RunActivity& run) {
  return {run.latency_cycles(), run.steady_latency_cycles, macro_pj(design, run),
          whole_pj(prices, run)};
}

void expect_no_fall(const Figures& narrow, const Figures& wide, const std::string& where) {
  const double last_digits = 1 - 1e-12;
  EXPECT_GE(wide.cycles, narrow.cycles) << where;
  EXPECT_GE(wide.steady_cycles, narrow.steady_cycles) << where;
  EXPECT_GE(wide.macro_pj, narrow.macro_pj * last_digits) << where;
  EXPECT_GE(wide.whole_pj, narrow.whole_pj * last_digits) << where;
}

// The mapping of the widest operands serves every width: tiles that fit them fit narrower ones.
void expect_no_fall_under_one_mapping(const spec::AcceleratorSpec& design,
                                      const std::string& network) {
  const cost::CostModel prices = prices_of(design);
  const auto mapping = mapping::map_network(testing::pim_graph(design, network, kWidest, kWidest),
                                            design, mapping::Objective::Latency, nullptr);
  Figures all[kWidest + 1][kWidest + 1] = {};
  for (int w = 1; w <= kWidest; ++w) {
    for (int a = 1; a <= kWidest; ++a) {
      const cost::RunActivity run =
          analyze(testing::pim_graph(design, network, w, a), design, mapping);
      all[w][a] = figures(design, prices, run);
      const std::string where = network + " w" + std::to_string(w) + "a" + std::to_string(a);
      expect_no_fall(all[w - 1][a], all[w][a], where);
      expect_no_fall(all[w][a - 1], all[w][a], where);
    }
  }
}

TEST(PimWidths, UnderOneMappingNeitherCyclesNorEnergyFall) {
  spec::AcceleratorSpec design = testing::pim_design();
  design.pim->weights = spec::PimWeights::Reloaded;
  expect_no_fall_under_one_mapping(design, "resnet20_cifar10");
  expect_no_fall_under_one_mapping(design, "vgg19_cifar10");
  design.pim->weights = spec::PimWeights::Resident;
  design.pim->arrays = 100000;
  expect_no_fall_under_one_mapping(design, "resnet20_cifar10");
}

double objective_of(const spec::AcceleratorSpec& design, const mapping::TaskGraph& graph,
                    const mapping::NetworkMapping& mapping) {
  double cycles = 0;
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    const mapping::TaskContext context(graph.tasks[i], design);
    cycles += estimate(context, cost_tiling(context, mapping.tasks[i].tiling),
                       mapping.tasks[i].placement, design.state)
                  .latency_cycles;
  }
  return cycles;
}

// Every tile a wider operand may take is a candidate of every narrower one.
TEST(PimWidths, TheBestLatencyDoesNotFall) {
  spec::AcceleratorSpec design = testing::pim_design();
  design.pim->weights = spec::PimWeights::Reloaded;  // one rule for all widths
  for (const char* network : {"vgg19_cifar10", "resnet18"}) {
    for (const int fixed : {1, 4, 7}) {
      for (const bool weights : {true, false}) {
        double narrow = 0;
        for (int bits = 1; bits <= kWidest; ++bits) {
          const mapping::TaskGraph graph =
              testing::pim_graph(design, network, weights ? bits : fixed, weights ? fixed : bits);
          const double wide = objective_of(
              design, graph,
              mapping::map_network(graph, design, mapping::Objective::Latency, nullptr));
          EXPECT_GE(wide, narrow * (1 - 1e-9))
              << network << (weights ? " w" : " a") << bits << ", the other " << fixed;
          narrow = wide;
        }
      }
    }
  }
}

TEST(PimWidths, TheBestEnergyDoesNotFall) {
  spec::AcceleratorSpec design = testing::pim_design();
  design.pim->weights = spec::PimWeights::Reloaded;
  const cost::CostModel prices = prices_of(design);
  for (const bool weights : {true, false}) {
    double narrow = 0;
    for (int bits = 1; bits <= kWidest; ++bits) {
      const mapping::TaskGraph graph =
          testing::pim_graph(design, "resnet20_cifar10", weights ? bits : 4, weights ? 4 : bits);
      const auto mapping = mapping::map_network(graph, design, mapping::Objective::Energy, &prices);
      const double wide = whole_pj(prices, analyze(graph, design, mapping));
      EXPECT_GE(wide, narrow * (1 - 1e-9)) << (weights ? "w" : "a") << bits;
      narrow = wide;
    }
  }
}

// The components take what the estimate says within 5 %, so their cycles fall by no more than that.
TEST(PimWidths, SimulatedCyclesStayWithinTheEstimatesDeviation) {
  constexpr double kDeviation = 0.05;
  spec::AcceleratorSpec design = testing::pim_design();
  design.pim->weights = spec::PimWeights::Reloaded;
  double narrow = 0;
  for (const int bits : {3, 4, 13, 14, 15}) {
    const mapping::TaskGraph graph = testing::pim_graph(design, "resnet20_cifar10", bits, 4);
    const auto mapping = mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);
    const double best = objective_of(design, graph, mapping);
    const auto cycles =
        static_cast<double>(simulate_isolated(graph, design, mapping).latency_cycles());
    EXPECT_NEAR(cycles, best, kDeviation * best) << bits;
    EXPECT_GE(cycles, narrow * (1 - kDeviation) / (1 + kDeviation)) << bits;
    narrow = cycles;
  }
}

}  // namespace
}  // namespace bitscale::run

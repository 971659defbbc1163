#include "sim/mapping/pim_assign.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"
#include "sim/mapping/pim_work.h"
#include "tests/support/pim_design.h"

namespace bitscale::mapping {
namespace {

std::string problem(const spec::AcceleratorSpec& design, const std::string& network, int bits) {
  try {
    testing::pim_graph(design, network, bits, bits);
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

std::int64_t tasks_on_pim(const TaskGraph& graph) {
  return std::count_if(graph.tasks.begin(), graph.tasks.end(),
                       [](const Task& task) { return task.on_pim; });
}

TEST(PimAssign, PatternsNameLayers) {
  spec::AcceleratorSpec design = testing::pim_design();
  EXPECT_EQ(tasks_on_pim(testing::pim_graph(design, "vgg19_cifar10", 8, 8)), 17);
  design.pim->layers = {"conv4_?", "fc"};
  const TaskGraph graph = testing::pim_graph(design, "vgg19_cifar10", 8, 8);
  EXPECT_EQ(tasks_on_pim(graph), 5);
  design.pim->layers = {"conv9_*"};
  EXPECT_NE(problem(design, "vgg19_cifar10", 8).find("'conv9_*' matches no layer"),
            std::string::npos);
  design.pim.reset();
  EXPECT_EQ(tasks_on_pim(testing::pim_graph(design, "vgg19_cifar10", 8, 8)), 0);
}

TEST(PimAssign, AutoChoosesAmongTheLayersThePatternsName) {
  spec::AcceleratorSpec design = testing::pim_design();
  design.mac_array.rows = design.mac_array.cols = 1;  // PIM arrays do better everywhere
  design.pim->assignment = spec::PimAssignment::Auto;
  EXPECT_EQ(tasks_on_pim(testing::pim_graph(design, "vgg19_cifar10", 8, 8)), 17);
  design.pim->layers = {"conv4_?", "fc"};
  EXPECT_EQ(tasks_on_pim(testing::pim_graph(design, "vgg19_cifar10", 8, 8)), 5);
  design.pim->layers = {"conv9_*"};
  EXPECT_NE(problem(design, "vgg19_cifar10", 8).find("'conv9_*' matches no layer"),
            std::string::npos);
}

TEST(PimAssign, ProductsOfActivationsFallToTheMacArrayOrAreRefused) {
  spec::AcceleratorSpec design = testing::pim_design();
  const TaskGraph graph = testing::pim_graph(design, "bert_base_128", 8, 8);
  for (const Task& task : graph.tasks) {
    EXPECT_EQ(task.on_pim, task.has_macs && task.second_input == kNoTensor) << task.name;
  }
  design.pim->unsupported = spec::PimUnsupported::Error;
  EXPECT_NE(problem(design, "bert_base_128", 8).find("a product of two activations cannot run"),
            std::string::npos);
}

TEST(PimAssign, WidthsDecideBothWays) {
  spec::AcceleratorSpec design = testing::pim_design();
  design.pim->weight_bits = design.pim->act_bits = 8;
  EXPECT_EQ(tasks_on_pim(testing::pim_graph(design, "vgg19_cifar10", 8, 8)), 17);
  EXPECT_EQ(tasks_on_pim(testing::pim_graph(design, "vgg19_cifar10", 9, 8)), 0);
  design.mac_array.pe.weight_bits = 8;  // now neither takes it
  EXPECT_NE(problem(design, "vgg19_cifar10", 9).find("wider than the PE's 8 and 16 bits"),
            std::string::npos);
}

TEST(PimAssign, WeightsStayWhenTheyFitAndTheMessageSaysWhatTheyNeed) {
  spec::AcceleratorSpec design = testing::pim_design();
  std::int64_t needed = 0;
  design.pim->weights = spec::PimWeights::Reloaded;
  for (const Task& task : testing::pim_graph(design, "resnet20_cifar10", 4, 4).tasks) {
    EXPECT_FALSE(task.pim_resident);
    if (task.on_pim) needed += pim_grid(*design.pim, task, task.core).arrays;
  }
  design.pim->weights = spec::PimWeights::Auto;
  design.pim->arrays = needed;
  for (const Task& task : testing::pim_graph(design, "resnet20_cifar10", 4, 4).tasks) {
    EXPECT_EQ(task.pim_resident, task.on_pim);
  }
  design.pim->weights = spec::PimWeights::Resident;
  EXPECT_EQ(problem(design, "resnet20_cifar10", 4), "");
  design.pim->arrays = needed - 1;
  EXPECT_NE(problem(design, "resnet20_cifar10", 4)
                .find("they need " + std::to_string(needed) + " arrays per core"),
            std::string::npos);
  design.pim->weights = spec::PimWeights::Auto;
  EXPECT_EQ(problem(design, "resnet20_cifar10", 4), "");
}

std::int64_t arrays_needed(const spec::AcceleratorSpec& design, const TaskGraph& graph) {
  std::int64_t needed = 0;
  for (const Task& task : graph.tasks) {
    if (task.on_pim) needed += pim_grid(*design.pim, task, task.core).arrays;
  }
  return needed;
}

bool all_resident(const TaskGraph& graph) {
  return std::all_of(graph.tasks.begin(), graph.tasks.end(),
                     [](const Task& task) { return task.pim_resident == task.on_pim; });
}

// All layers need 160 arrays; what auto leaves on PIM needs fewer and stays there.
TEST(PimAssign, AutoDecidesResidencyWithTheLayers) {
  spec::AcceleratorSpec design = testing::pim_design();
  design.pim->assignment = spec::PimAssignment::Auto;
  for (const std::int64_t arrays : {20, 60, 120, 155, 159, 160}) {
    design.pim->arrays = arrays;
    design.pim->weights = spec::PimWeights::Auto;
    const TaskGraph graph = testing::pim_graph(design, "resnet20_cifar10", 8, 8);
    EXPECT_GT(tasks_on_pim(graph), 0) << arrays;
    // What was chosen fits from 150 arrays on; then it stays.
    EXPECT_EQ(all_resident(graph), arrays_needed(design, graph) <= arrays) << arrays;
    EXPECT_EQ(all_resident(graph), arrays >= 155) << arrays;
    // Kept by rule they fit, without an error, whatever has to move.
    design.pim->weights = spec::PimWeights::Resident;
    const TaskGraph kept = testing::pim_graph(design, "resnet20_cifar10", 8, 8);
    EXPECT_TRUE(all_resident(kept)) << arrays;
    EXPECT_LE(arrays_needed(design, kept), arrays);
    EXPECT_GT(tasks_on_pim(kept), 0) << arrays;
  }
}

TEST(PimAssign, AutoRefusesWeightsThatMustStayAndDoNotFit) {
  spec::AcceleratorSpec design = testing::pim_design();
  design.pim->assignment = spec::PimAssignment::Auto;
  design.pim->weights = spec::PimWeights::Resident;
  design.mac_array.pe.weight_bits = 4;  // the MAC array takes none of the layers
  design.pim->arrays = 160;
  EXPECT_EQ(problem(design, "resnet20_cifar10", 8), "");
  design.pim->arrays = 159;
  const std::string text = problem(design, "resnet20_cifar10", 8);
  EXPECT_NE(text.find("that the MAC array cannot run do not fit its PIM arrays: they need 160"),
            std::string::npos)
      << text;
}

TEST(PimAssign, AKernelMustFitTheArrays) {
  spec::AcceleratorSpec design = testing::pim_design();
  design.pim->unsupported = spec::PimUnsupported::Error;
  design.pim->arrays = 2;
  design.pim->wordlines = 61;  // AlexNet's first kernel has 121 weights
  EXPECT_EQ(problem(design, "alexnet", 8), "");
  design.pim->wordlines = 60;
  EXPECT_NE(problem(design, "alexnet", 8).find("121 weights needs 3 PIM arrays"),
            std::string::npos);
}

TEST(PimAssign, AutoIsNeverWorseThanEitherForALayer) {
  spec::AcceleratorSpec design = testing::pim_design();
  design.mac_array.rows = design.mac_array.cols = 64;
  const auto latency = [](const spec::AcceleratorSpec& arch) {
    const TaskGraph graph = testing::pim_graph(arch, "resnet20_cifar10", 8, 8);
    const NetworkMapping mapping = map_network(graph, arch, Objective::Latency, nullptr);
    double total = 0;
    for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
      const TaskContext context(graph.tasks[i], arch);
      total += estimate(context, cost_tiling(context, mapping.tasks[i].tiling),
                        mapping.tasks[i].placement, arch.state)
                   .latency_cycles;
    }
    return std::make_pair(total, tasks_on_pim(graph));
  };
  design.residency = spec::Residency::None;  // layers do not depend on each other then
  const auto pim = latency(design);
  spec::AcceleratorSpec macs = design;
  macs.pim.reset();
  const auto mac = latency(macs);
  design.pim->assignment = spec::PimAssignment::Auto;
  const auto best = latency(design);
  EXPECT_LE(best.first, pim.first);
  EXPECT_LE(best.first, mac.first);
  EXPECT_GT(best.second, 0);
  EXPECT_LT(best.second, pim.second);
}

}  // namespace
}  // namespace bitscale::mapping

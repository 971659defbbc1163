#include "sim/reproduce/trained.h"

#include <algorithm>
#include <thread>

#include "sim/reproduce/fashion.h"
#include "workloads/exec/batch.h"
#include "workloads/exec/float_executor.h"
#include "workloads/quantize/post_training.h"

namespace bitscale::reproduce {
namespace {

constexpr std::int64_t kCalibration = 128;
constexpr int kWidths[] = {2, 3, 4, 5, 8};

int threads() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

std::string recipe_name(const std::string& method, int bits) {
  const std::string text = std::to_string(bits);
  return "lenet_" + method + "_w" + text + "a" + text;
}

double integer_top1(const model::QuantizedGraph& graph, const model::Tensor& inputs,
                    const model::Tensor& labels) {
  const exec::IntegerExecutor executor(graph, {});
  const auto outputs = exec::run_batch(executor, {inputs}, {}).outputs;
  return exec::top1(exec::predictions(outputs[0], inputs.dims()[0]), labels, "labels");
}

model::QuantizedGraph max_abs_graph(const model::Graph& graph, const model::Tensor& calibration,
                                    int bits) {
  quantize::PostTrainingOptions options;
  options.method = quantize::WeightMethod::MaxAbs;
  options.weight_bits = options.act_bits = bits;
  options.per_channel = false;
  options.act_max_abs = true;
  options.calibration.max_samples = kCalibration;
  return quantize::lower_quantized(
      quantize::quantize_graph(graph, calibration, options, "calibration"));
}

void measure_widths(const TrainedNetworks& networks, const FashionImages& test,
                    TrainedResult& result) {
  const FashionImages calibration = fashion_images(true, kCalibration);
  const model::Graph graph = networks.read_float("lenet_float");
  const model::Tensor logits = exec::run_samples(graph, test.pixels, threads())[0];
  result.float_top1 = exec::top1(exec::predictions(logits, result.images), test.labels, "labels");
  for (const int bits : kWidths) {
    const auto trained = [&](const std::string& method) {
      return integer_top1(networks.read(recipe_name(method, bits)), test.bytes, test.labels);
    };
    result.widths.push_back(
        {bits, trained("pact"), trained("dorefa"),
         integer_top1(max_abs_graph(graph, calibration.pixels, bits), test.pixels, test.labels)});
  }
}

void measure_layerwise(const TrainedNetworks& networks, const FashionImages& test,
                       TrainedResult& result) {
  for (const char* recipe : {"lenet_pact_w2a2", "lenet_pact_mixed", "lenet_pact_w4a4"}) {
    const model::QuantizedGraph graph = networks.read(recipe);
    LayerwiseNetwork network;
    network.recipe = recipe;
    for (const model::QuantizedNode& node : graph.nodes) {
      if (node.op != model::QuantizedOp::Mac) continue;
      network.layers.push_back(node.name);
      network.weight_bits.push_back(node.weights.encoding.bits);
      network.read_bits.push_back(graph.value(node.inputs[0]).format.encoding.bits);
      network.stored_weight_bits += node.weights.codes.elements() * node.weights.encoding.bits;
    }
    network.top1 = integer_top1(graph, test.bytes, test.labels);
    result.layerwise.push_back(std::move(network));
  }
}

void add_chain(const TrainedNetworks& networks, const std::string& recipe,
               const FashionImages& images, TrainedResult& result) {
  const model::QuantizedGraph graph = networks.read(recipe);
  const exec::IntegerExecutor executor(graph, {});
  ChainCheck chain;
  chain.recipe = recipe;
  chain.comparison = exec::compare_with_float(executor, images.bytes, threads());
  chain.integer_top1 = exec::top1(chain.comparison.integer_classes, images.labels, "labels");
  chain.float_top1 = exec::top1(chain.comparison.float_classes, images.labels, "labels");
  result.chains.push_back(std::move(chain));
}

void check_chains(const TrainedNetworks& networks, const FashionImages& test,
                  const TrainedOptions& options, TrainedResult& result) {
  for (const int bits : kWidths) add_chain(networks, recipe_name("pact", bits), test, result);
  const FashionImages fewer = fashion_images(false, std::min(options.images, options.other_images));
  for (const int bits : kWidths) add_chain(networks, recipe_name("dorefa", bits), fewer, result);
  for (const char* recipe : {"lenet_pact_mixed", "resnet8_pact_w4a4", "vgg_small_pact_w4a4",
                             "lenet_density", "lenet_density_pruned"}) {
    add_chain(networks, recipe, fewer, result);
  }
}

void measure_densities(const run::Catalog& catalog, const TrainedNetworks& networks,
                       const FashionImages& test, TrainedResult& result) {
  for (const char* recipe : {"lenet_density", "lenet_density_pruned"}) {
    DensityTraining training = measure_density_training(catalog, networks, recipe);
    training.test_top1 = integer_top1(networks.read(recipe), test.bytes, test.labels);
    result.densities.push_back(std::move(training));
  }
}

std::vector<Target> judge(const TrainedResult& result) {
  const TrainedWidth& two = result.widths.front();
  const TrainedWidth& four = result.widths[2];
  std::int64_t unexplained = 0;
  for (const ChainCheck& chain : result.chains) unexplained += chain.comparison.unexplained();
  std::vector<Target> targets = {
      between("PACT W2A2", "top-1 of PACT over max-abs after training, 2 bits", "read", 0, kNoLimit,
              two.pact - two.max_abs),
      between("PACT/DoReFa", "top-1 of PACT over DoReFa, 2 bits", "read", 0, kNoLimit,
              two.pact - two.dorefa),
      between("PACT W4A4", "top-1 PACT loses against float, 4 bits", "read", -kNoLimit, 0.01,
              result.float_top1 - four.pact),
      between("chain", "samples whose integers differ from float elsewhere than on a rounding edge",
              "derived", 0, 0, static_cast<double>(unexplained))};
  for (const DensityTraining& training : result.densities) {
    targets.push_back(between("D2 " + training.recipe,
                              "PIM energy at 16 bits over that of the network it ended as",
                              "quoted", 1, kNoLimit, training.gain()));
  }
  return targets;
}

}  // namespace

TrainedResult reproduce_trained(const run::Catalog& catalog, const TrainedOptions& options) {
  const TrainedNetworks networks(catalog.root(), options.retrained);
  const FashionImages test = fashion_images(false, options.images);
  TrainedResult result;
  result.images = options.images;
  measure_widths(networks, test, result);
  measure_layerwise(networks, test, result);
  check_chains(networks, test, options, result);
  measure_densities(catalog, networks, test, result);
  result.targets = judge(result);
  return result;
}

}  // namespace bitscale::reproduce

#include "sim/reproduce/trained.h"

#include <algorithm>
#include <sstream>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/cost/pim_cost.h"
#include "sim/reproduce/activation_density.h"
#include "sim/reproduce/fashion.h"
#include "workloads/exec/batch.h"
#include "workloads/exec/float_executor.h"
#include "workloads/import/onnx.h"
#include "workloads/model/trace.h"
#include "workloads/quantize/post_training.h"

namespace bitscale::reproduce {
namespace {

constexpr std::int64_t kCalibration = 128;
constexpr int kWidths[] = {2, 3, 4, 5, 8};
constexpr int kEdgeBits = 16;  // weights of first and last layer in recipe lenet_density

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

void measure_widths(const run::Catalog& catalog, TrainedResult& result) {
  const FashionImages test = fashion_images(false, result.images);
  const FashionImages calibration = fashion_images(true, kCalibration);
  const model::Graph graph =
      import::import_onnx(catalog.root() / "workloads/models/lenet_float.onnx");
  const model::Tensor logits = exec::run_samples(graph, test.pixels, 2)[0];
  result.float_top1 = exec::top1(exec::predictions(logits, result.images), test.labels, "labels");
  for (const int bits : kWidths) {
    const auto trained = [&](const std::string& method) {
      std::string name = "fashion_lenet_" + method + "_w" + std::to_string(bits);
      name += "a" + std::to_string(bits);
      const auto folder = catalog.root() / "workloads/traces" / name;
      return integer_top1(model::read_trace(folder).graph, test.bytes, test.labels);
    };
    result.widths.push_back(
        {bits, trained("pact"), trained("dorefa"),
         integer_top1(max_abs_graph(graph, calibration.pixels, bits), test.pixels, test.labels)});
  }
}

void measure_density(const run::Catalog& catalog, TrainedResult& result) {
  const auto folder = catalog.root() / "workloads/traces/fashion_lenet_density";
  const spec::PimCostSpec prices = load_density_study(catalog).design.pim->cost;
  std::vector<double> macs;
  const model::Network network = model::read_trace(folder).graph.network;
  for (const model::Layer& layer : network.layers) {
    if (!layer.has_macs()) continue;
    result.layers.push_back(layer.name);
    macs.push_back(static_cast<double>(layer.macs()));
  }
  for (const double count : macs) {
    result.uj_16_bits += count * cost::pim_mac_fj(prices, 16, 16) * 1e-9;
  }
  result.epochs = read_density_epochs(folder / "epochs.csv", macs.size());
  for (DensityEpoch& epoch : result.epochs) {
    if (!epoch.quantized) continue;
    for (std::size_t i = 0; i < macs.size(); ++i) {
      const bool edge = i == 0 || i + 1 == macs.size();
      const int weight_bits = edge ? kEdgeBits : epoch.bits[i];
      epoch.pim_uj += macs[i] * cost::pim_mac_fj(prices, weight_bits, epoch.bits[i]) * 1e-9;
    }
  }
}

std::vector<double> numbers_of(const std::string& line, const std::string& where) {
  std::vector<double> numbers;
  std::istringstream cells(line);
  for (std::string cell; std::getline(cells, cell, ',');) {
    std::istringstream text(cell);
    double number = 0;
    if (!(text >> number) || !text.eof())
      throw base::UserError(where, "'" + cell + "' is no number");
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

std::vector<DensityEpoch> read_density_epochs(const std::filesystem::path& file,
                                              std::size_t layers) {
  std::istringstream lines(base::read_text_file(file, 1'000'000));
  std::string line;
  std::getline(lines, line);
  std::vector<DensityEpoch> epochs;
  for (int number = 2; std::getline(lines, line); ++number) {
    const std::string where = file.string() + ":" + std::to_string(number);
    const std::vector<double> cells = numbers_of(line, where);
    if (layers == 0 || cells.size() != 3 + 2 * layers) {
      throw base::UserError(where, "has " + std::to_string(cells.size()) + " cells, not " +
                                       std::to_string(3 + 2 * layers));
    }
    DensityEpoch epoch;
    epoch.epoch = static_cast<int>(cells[0]);
    epoch.quantized = cells[1] != 0;
    epoch.validation_top1 = cells[3];
    for (std::size_t i = 0; i < layers; ++i) epoch.bits.push_back(static_cast<int>(cells[4 + i]));
    const auto first = static_cast<std::ptrdiff_t>(4 + layers);
    epoch.densities.assign(cells.begin() + first, cells.end());
    epochs.push_back(std::move(epoch));
  }
  return epochs;
}

TrainedResult reproduce_trained(const run::Catalog& catalog, std::int64_t images) {
  TrainedResult result;
  result.images = images;
  measure_widths(catalog, result);
  measure_density(catalog, result);
  const TrainedWidth& two = result.widths.front();
  const TrainedWidth& four = result.widths[2];
  double best_gain = 0;
  for (const DensityEpoch& epoch : result.epochs) {
    if (epoch.quantized) best_gain = std::max(best_gain, result.uj_16_bits / epoch.pim_uj);
  }
  result.targets = {between("PACT W2A2", "top-1 of PACT over max-abs after training, 2 bits",
                            "read", 0, kNoLimit, two.pact - two.max_abs),
                    between("PACT/DoReFa", "top-1 of PACT over DoReFa, 2 bits", "read", 0, kNoLimit,
                            two.pact - two.dorefa),
                    between("PACT W4A4", "top-1 PACT loses against float, 4 bits", "read",
                            -kNoLimit, 0.01, result.float_top1 - four.pact),
                    between("D2 training", "PIM energy at 16 bits over that of the cheapest epoch",
                            "quoted", 1, kNoLimit, best_gain)};
  return result;
}

}  // namespace bitscale::reproduce

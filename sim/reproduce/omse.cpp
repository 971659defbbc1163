#include "sim/reproduce/omse.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "arch/base/error.h"
#include "arch/cost/cost_model.h"
#include "arch/cost/technology.h"
#include "sim/mapping/mapper.h"
#include "sim/mapping/task.h"
#include "sim/reproduce/fashion.h"
#include "sim/reproduce/trained_networks.h"
#include "sim/run/load_part.h"
#include "sim/run/simulate.h"
#include "workloads/exec/batch.h"
#include "workloads/exec/float_executor.h"
#include "workloads/model/quantized_precision.h"
#include "workloads/quantize/density.h"
#include "workloads/quantize/omse.h"
#include "workloads/quantize/post_training.h"

namespace bitscale::reproduce {
namespace {

constexpr std::int64_t kCalibration = 128;
constexpr double kDualThreshold = 0.002;  // error / power above which a layer gets two tensors

struct Study {
  model::Graph graph;
  FashionImages test, calibration;
  spec::AcceleratorSpec design;
  cost::Technology technology;
};

Study load(const run::Catalog& catalog, std::int64_t images,
           const std::filesystem::path& retrained) {
  Study study;
  study.graph = TrainedNetworks(catalog.root(), retrained).read_float("lenet_float");
  study.test = fashion_images(false, images);
  study.calibration = fashion_images(true, kCalibration);
  study.design = run::shipped_accelerator(catalog, "default");
  study.design.mac_array.pe.act_bits = 16;
  study.technology =
      cost::load_technology(catalog.find(run::Shelf::Techs, "generic_45nm", "", "reproduce"));
  return study;
}

void add_cost(const Study& study, const model::QuantizedGraph& lowered, OmseRow& row) {
  const mapping::TaskGraph tasks =
      mapping::make_tasks(lowered.network, model::layer_precisions(lowered), study.design, 1);
  const cost::CostModel prices(study.design, study.technology);
  const mapping::NetworkMapping mapping =
      mapping::map_network(tasks, study.design, mapping::Objective::Latency, &prices);
  const cost::RunActivity activity = run::analyze(tasks, study.design, mapping);
  row.latency_cycles = activity.latency_cycles();
  for (const cost::LayerActivity& layer : activity.layers) {
    row.energy_uj += prices.energy(layer, activity.clock_mhz).total_pj() * 1e-6;
  }
  row.area_mm2 = prices.area().total_um2 * 1e-6;
}

OmseRow measure(const Study& study, const std::string& method,
                const quantize::PostTrainingOptions& options) {
  const quantize::PostTrainingResult result =
      quantize::quantize_graph(study.graph, study.calibration.pixels, options, "calibration");
  const model::QuantizedGraph lowered = quantize::lower_quantized(result);
  OmseRow row;
  row.method = method;
  row.weight_bits = options.weight_bits, row.act_bits = options.act_bits;
  double error = 0, power = 0;
  for (const quantize::LayerQuantization& layer : result.layers) {
    const double count = static_cast<double>(layer.codes.count()) / layer.tensors;
    error += layer.weight_mse * count;
    power += layer.weight_power * count;
  }
  row.weight_mse = error / power;
  for (const model::QuantizedNode& node : lowered.nodes) {
    row.mac_passes += node.op == model::QuantizedOp::Mac ? 1 : 0;
  }
  const exec::IntegerExecutor executor(lowered, {});
  const auto outputs = exec::run_batch(executor, {study.test.pixels}, {}).outputs;
  row.top1 = exec::top1(exec::predictions(outputs[0], study.test.labels.elements()),
                        study.test.labels, "labels");
  add_cost(study, lowered, row);
  return row;
}

std::string split_name(int tensors) {
  return tensors == 2 ? "kernel-wise, dual"
                      : "kernel-wise, " + std::to_string(tensors) + " tensors";
}

std::vector<OmseRow> measure_all(const Study& study, const OmseOptions& wanted) {
  std::vector<OmseRow> rows;
  for (const auto& [weight_bits, act_bits] : wanted.widths) {
    quantize::PostTrainingOptions options;
    options.weight_bits = weight_bits;
    options.act_bits = act_bits;
    options.calibration.max_samples = kCalibration;
    options.method = quantize::WeightMethod::MaxAbs;
    options.per_channel = false;
    options.act_max_abs = true;
    rows.push_back(measure(study, "max-abs", options));
    options.method = quantize::WeightMethod::Omse;
    options.act_max_abs = false;
    rows.push_back(measure(study, "OMSE", options));
    options.per_channel = true;
    rows.push_back(measure(study, "OMSE, kernel-wise", options));
    options.refine = true;
    rows.push_back(measure(study, "kernel-wise, refined", options));
    options.refine = false;
    options.dual_threshold = kDualThreshold;
    for (int tensors = 2; tensors <= wanted.most_tensors; ++tensors) {
      options.most_tensors = tensors;
      rows.push_back(measure(study, split_name(tensors), options));
    }
  }
  return rows;
}

double draw(quantize::Density density, std::mt19937_64& random) {
  if (density == quantize::Density::Gaussian) return std::normal_distribution<double>()(random);
  const double magnitude = std::exponential_distribution<double>(std::sqrt(2.0))(random);
  return (random() & 1) != 0 ? magnitude : -magnitude;
}

struct Oracle {
  quantize::Density density;
  int bits;
  double mse;
};
// Target O1: unit variance, ±(2^(bits − 1) − 1) levels.
constexpr Oracle kOracle[] = {
    {quantize::Density::Gaussian, 2, .19017},  {quantize::Density::Gaussian, 3, .04686},
    {quantize::Density::Gaussian, 4, .012889}, {quantize::Density::Gaussian, 8, 8.831e-5},
    {quantize::Density::Laplace, 2, .26424},   {quantize::Density::Laplace, 3, .08309},
    {quantize::Density::Laplace, 4, .027395},  {quantize::Density::Laplace, 8, 3.033e-4}};

std::vector<OracleRow> measure_oracle() {
  std::vector<OracleRow> rows;
  for (const Oracle& oracle : kOracle) {
    std::mt19937_64 random(1);
    std::vector<double> sample(100000);
    for (double& x : sample) x = draw(oracle.density, random);
    const quantize::ScalePoint best = quantize::optimal_scale(oracle.density, oracle.bits);
    const double fitted = quantize::omse_scale(sample, {oracle.bits, true}, "sample").scale;
    rows.push_back({std::string(quantize::kDensityNames.name(oracle.density)), oracle.bits,
                    oracle.mse, best.scale, best.objective, fitted,
                    quantize::expected_mse(oracle.density, oracle.bits, fitted)});
  }
  return rows;
}

const OmseRow& row_of(const std::vector<OmseRow>& rows, const std::string& method, int weight_bits,
                      int act_bits) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const OmseRow& row) {
    return row.method == method && row.weight_bits == weight_bits && row.act_bits == act_bits;
  });
  BITSCALE_INVARIANT(found != rows.end(), "no row of " + method);
  return *found;
}

/// Whether, at every width, each method from max-abs to dual loses less than the one before, and
/// more tensors never lose more (a layer below the threshold takes no further one).
bool errors_fall(const std::vector<OmseRow>& rows, const OmseOptions& options) {
  bool fall = true;
  for (const auto& [weight_bits, act_bits] : options.widths) {
    const auto error = [&, w = weight_bits, a = act_bits](const std::string& method) {
      return row_of(rows, method, w, a).weight_mse;
    };
    fall = fall && error("max-abs") > error("OMSE") && error("OMSE") > error("OMSE, kernel-wise") &&
           error("OMSE, kernel-wise") > error(split_name(2));
    for (int tensors = 3; tensors <= options.most_tensors; ++tensors) {
      fall = fall && error(split_name(tensors - 1)) >= error(split_name(tensors));
    }
  }
  return fall;
}

}  // namespace

OmseResult reproduce_omse(const run::Catalog& catalog, const OmseOptions& options) {
  const std::int64_t images = options.images;
  const Study study = load(catalog, images, options.retrained);
  OmseResult result;
  result.images = images;
  const model::Tensor logits = exec::run_samples(study.graph, study.test.pixels, 2)[0];
  result.float_top1 = exec::top1(exec::predictions(logits, images), study.test.labels, "labels");
  result.rows = measure_all(study, options);
  result.oracle = measure_oracle();
  double difference = 0;
  for (const OracleRow& row : result.oracle) {
    difference = std::max(difference, std::fabs(row.best_mse / row.oracle_mse - 1));
  }
  result.targets = {
      between("O1", "exact optima of Gaussian and Laplace: off the oracle, worst of 8", "derived",
              0, 0.01, difference),
      between("OMSE order", "weight error falls: max-abs, OMSE, kernel-wise, more tensors (1 = so)",
              "derived", 1, 1, errors_fall(result.rows, options) ? 1 : 0),
      between("OMSE W2A4", "top-1 gained by kernel-wise OMSE over max-abs, W2A4", "quoted", 0.01,
              kNoLimit,
              row_of(result.rows, "OMSE, kernel-wise", 2, 4).top1 -
                  row_of(result.rows, "max-abs", 2, 4).top1)};
  return result;
}

}  // namespace bitscale::reproduce

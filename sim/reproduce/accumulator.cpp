#include "sim/reproduce/accumulator.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "arch/base/error.h"
#include "arch/cost/fpga_luts.h"
#include "arch/cost/mac_surface.h"
#include "arch/cost/technology.h"
#include "arch/numeric/bounds.h"
#include "sim/reproduce/fashion.h"
#include "sim/reproduce/mac_areas.h"
#include "sim/reproduce/mac_prices.h"
#include "sim/reproduce/trained_networks.h"
#include "workloads/exec/accumulator_sweep.h"
#include "workloads/exec/float_executor.h"
#include "workloads/model/quantized_precision.h"
#include "workloads/quantize/code_statistics.h"
#include "workloads/quantize/post_training.h"

namespace bitscale::reproduce {
namespace {

// Chosen before measuring.
constexpr int kBits = 4;                         // weights and activations
constexpr int kBelowBound = 12;                  // how far below the data-type bound P goes
constexpr std::int64_t kCalibration = 128;       // images for the post-training projection
constexpr std::int64_t kIntervalCycles = 10000;  // folding: 10,000 samples/s at 100 MHz, assumed
constexpr int kWideBits = 32, kNarrowBits = 12;  // the accumulators A4 compares
// A2's published widths (12 to 16), and those below that the range has.
constexpr int kLeastJudged = 10, kMostJudged = 16;
constexpr const char* kSaturateEachStep = "plain, saturate each step";
constexpr const char* kAreas = "rtl/synth/results/osu018_stdcells_area.json";

using numeric::OverflowPolicy;

struct Study {
  TrainedNetworks networks;
  FashionImages test, calibration;
  cost::Technology technology;
  MacAreas areas;
  model::QuantizedGraph plain;
};

Study load(const run::Catalog& catalog, const AccumulatorOptions& options) {
  Study study{TrainedNetworks(catalog.root(), options.retrained), {}, {}, {}, {}, {}};
  study.test = fashion_images(false, options.images);
  study.calibration = fashion_images(true, kCalibration);
  study.technology =
      cost::load_technology(catalog.find(run::Shelf::Techs, "osu018", "", "reproduce"));
  study.areas = load_mac_areas(catalog.root() / kAreas);
  study.plain = study.networks.read("mlp_w4a4");
  return study;
}

int data_type_bits(const model::QuantizedGraph& graph) {
  const std::vector<numeric::Precision> precisions = model::layer_precisions(graph);
  int bits = 0;
  for (std::size_t i = 0; i < precisions.size(); ++i) {
    const model::Layer& layer = graph.network.layers[i];
    if (!layer.has_macs()) continue;
    const numeric::Precision& p = precisions[i];
    bits =
        std::max(bits, numeric::data_type_bound_bits(layer.reduction(), {p.act_bits, p.act_signed},
                                                     {p.weight_bits, p.weight_signed}));
  }
  return bits;
}

/// The network's matrix-vector units, folded for kIntervalCycles at the wide accumulator.
std::vector<spec::FpgaMvau> folded_units(const model::QuantizedGraph& graph) {
  const std::vector<numeric::Precision> precisions = model::layer_precisions(graph);
  std::vector<spec::FpgaMvau> units;
  for (std::size_t i = 0; i < precisions.size(); ++i) {
    const model::Layer& layer = graph.network.layers[i];
    if (!layer.has_macs()) continue;
    spec::FpgaMvau unit;
    unit.name = layer.name;
    unit.channels = layer.out_channels;
    unit.length = layer.reduction();
    unit.pixels = layer.out_pixels();
    unit.weight_bits = precisions[i].weight_bits;
    unit.act_bits = precisions[i].act_bits;
    unit.output_bits = kBits;
    unit.acc_bits = kWideBits;
    unit.memory = spec::WeightMemory::Bram;
    units.push_back(unit);
  }
  units.back().output_bits = 0;  // classes leave as sums
  const auto folded = cost::fold_for_interval(units, kIntervalCycles);
  BITSCALE_INVARIANT(folded.has_value(), "the study's rate can be reached");
  return folded->units;
}

double luts_at(std::vector<spec::FpgaMvau> units, int acc_bits) {
  double luts = 0;
  for (spec::FpgaMvau& unit : units) {
    unit.acc_bits = acc_bits;
    luts += cost::finn_luts(unit).total();
  }
  return luts;
}

/// How sparse the weights of all layers are, and the bits they are stored at over their entropy.
struct Weights {
  double sparsity = 0, compression = 1;
  std::int64_t dead_channels = 0;
};

Weights weights_of(const model::QuantizedGraph& graph) {
  quantize::CodeStatistics statistics;
  double stored_bits = 0;
  std::int64_t dead = 0;
  for (const model::QuantizedNode& node : graph.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    statistics.add(node.weights.codes.integers());
    dead += quantize::channels_of_zeros(node.weights.codes);
    stored_bits += static_cast<double>(node.weights.codes.elements()) * node.weights.encoding.bits;
  }
  const double bits = stored_bits / static_cast<double>(statistics.count());
  return {statistics.sparsity(), bits / statistics.entropy_bits(), dead};
}

/// One row per width from `low` to `high`; `inputs` as the graph takes them.
std::vector<AccumulatorRow> run_rows(const std::string& method, const model::QuantizedGraph& graph,
                                     const model::Tensor& inputs, const model::Tensor& labels,
                                     int low, int high, OverflowPolicy policy) {
  exec::AccumulatorSweep sweep;
  sweep.min_acc_bits = low, sweep.max_acc_bits = high;
  sweep.policy = policy;
  const Weights weights = weights_of(graph);
  std::vector<AccumulatorRow> rows;
  for (const exec::AccumulatorPoint& point :
       exec::sweep_accumulators(graph, sweep, {inputs}, &labels, {})) {
    AccumulatorRow row;
    row.method = method;
    row.acc_bits = point.acc_bits;
    row.top1 = *point.top1;
    row.overflow_rate = point.overflow_rate();
    row.sparsity = weights.sparsity;
    row.compression = weights.compression;
    row.dead_channels = weights.dead_channels;
    row.register_bits = row.acc_bits;
    rows.push_back(row);
  }
  return rows;
}

void add(std::vector<AccumulatorRow> rows, bool guaranteed, std::vector<AccumulatorRow>& all) {
  for (AccumulatorRow& row : rows) {
    row.guaranteed = guaranteed;
    all.push_back(std::move(row));
  }
}

void add_plain(const Study& study, AccumulatorResult& result) {
  const int high = result.data_type_bits, low = high - kBelowBound;
  for (const auto& [name, policy] : {std::pair{"plain, wrap", OverflowPolicy::Wrap},
                                     {kSaturateEachStep, OverflowPolicy::SaturateEachStep},
                                     {"plain, saturate at end", OverflowPolicy::SaturateAtEnd}}) {
    std::vector<AccumulatorRow> rows =
        run_rows(name, study.plain, study.test.bytes, study.test.labels, low, high, policy);
    for (AccumulatorRow& row : rows) {
      row.saturates_each_step = policy == OverflowPolicy::SaturateEachStep;
    }
    if (policy == OverflowPolicy::SaturateAtEnd) {  // until the end the register holds every sum
      for (AccumulatorRow& row : rows) row.register_bits = high;
    }
    add(std::move(rows), false, result.rows);
  }
}

void add_trained(const Study& study, AccumulatorResult& result) {
  for (const auto& [name, stem] :
       {std::pair{"A2Q, trained", "mlp_a2q_p"}, {"A2Q+, trained", "mlp_a2q_plus_p"}}) {
    for (int bits = result.data_type_bits - kBelowBound; bits <= result.data_type_bits; ++bits) {
      const model::QuantizedGraph graph = study.networks.read(stem + std::to_string(bits));
      add(run_rows(name, graph, study.test.bytes, study.test.labels, bits, bits,
                   OverflowPolicy::Wrap),
          true, result.rows);
    }
  }
}

/// The float network, projected after training: 4-bit layers between 8-bit first and last ones.
void add_projected(const Study& study, const model::Graph& graph, const AccumulatorOptions& options,
                   AccumulatorResult& result) {
  for (const auto& [name, method] : {std::pair{"A2Q, projected", quantize::WeightMethod::A2q},
                                     {"A2Q+, projected", quantize::WeightMethod::A2qPlus}}) {
    for (const int bits : options.projected_bits) {
      quantize::PostTrainingOptions setting;
      setting.method = method;
      setting.weight_bits = setting.act_bits = kBits;
      setting.acc_bits = bits;
      setting.calibration.max_samples = kCalibration;
      try {
        const model::QuantizedGraph lowered = quantize::lower_quantized(
            quantize::quantize_graph(graph, study.calibration.pixels, setting, "calibration"));
        std::vector<AccumulatorRow> rows = run_rows(
            name, lowered, study.test.pixels, study.test.labels, bits, bits, OverflowPolicy::Wrap);
        for (AccumulatorRow& row : rows) row.priced_whole = false;
        add(std::move(rows), true, result.rows);
      } catch (const base::UserError& error) {  // a budget that leaves nothing
        result.impossible.push_back(std::string(name) + " at P = " + std::to_string(bits) + ": " +
                                    error.what());
      }
    }
  }
}

/// µm² of 4 × 4 MACs with signed weights and unsigned activations, which all of these networks
/// have, by accumulator width; each holds its overflow flag.
PriceLine unsigned_areas(const MacAreas& areas, bool saturates) {
  const std::map<std::string, double> wanted = {
      {"WeightBits", kBits}, {"ActBits", kBits}, {"WeightSigned", 1},
      {"ActSigned", 0},      {"Encoding", 0},    {"Overflow", saturates ? 1 : 0}};
  PriceLine line;
  for (const MacAreas::Row& row : areas.rows) {
    const bool fits = std::all_of(wanted.begin(), wanted.end(), [&](const auto& parameter) {
      const auto given = row.parameters.find(parameter.first);
      return given != row.parameters.end() && given->second == parameter.second;
    });
    const auto width = row.parameters.find("AccBits");
    if (row.module != "mac_unit" || !fits || width == row.parameters.end()) continue;
    line[static_cast<int>(width->second)] = row.area_um2;
  }
  return line;
}

/// pJ of the 4 × 4 MACs simulated at gates; their operands are signed.
PriceLine measured_energies(const cost::Technology& technology) {
  PriceLine line;
  for (const cost::MacRow& row : technology.mac_energy.rows) {
    if (row.design != cost::MacDesign::MacAccRegister) continue;
    if (row.weight_bits == kBits && row.act_bits == kBits) line[row.acc_bits] = row.value;
  }
  return line;
}

std::pair<double, PriceBasis> price(const PriceLine& line, const cost::MacSurface& fit,
                                    const cost::MacWidths& widths) {
  if (const auto found = price_at(line, widths.acc_bits)) {
    return {found->value, found->measured ? PriceBasis::Measured : PriceBasis::Interpolated};
  }
  return {fit.at(cost::MacDesign::MacAccRegister, widths).estimate.value, PriceBasis::Fit};
}

void add_costs(const Study& study, AccumulatorResult& result) {
  const cost::MacSurface area(study.technology.mac_area, cost::MacQuantity::Area);
  const cost::MacSurface energy(study.technology.mac_energy, cost::MacQuantity::Energy);
  const PriceLine areas = unsigned_areas(study.areas, false);
  const PriceLine areas_saturating = unsigned_areas(study.areas, true);
  const PriceLine energies = measured_energies(study.technology);
  const std::vector<spec::FpgaMvau> units = folded_units(study.plain);
  for (AccumulatorRow& row : result.rows) {
    const cost::MacWidths widths{kBits, kBits, row.register_bits};
    const bool saturates = row.saturates_each_step;
    std::tie(row.mac_um2, row.area_basis) =
        price(saturates ? areas_saturating : areas, area, widths);
    std::tie(row.mac_pj, row.energy_basis) = price(energies, energy, widths);
    row.luts = luts_at(units, row.register_bits);
  }
  result.lut_ratio = luts_at(units, kWideBits) / luts_at(units, kNarrowBits);
}

/// Not dominated: no other row is at least as accurate and as cheap, and better in one.
void mark_fronts(std::vector<AccumulatorRow>& rows) {
  const auto on_front = [&](const AccumulatorRow& row, double AccumulatorRow::*cost) {
    const auto priced = [&](const AccumulatorRow& each) {
      return each.priced_whole && (cost == &AccumulatorRow::mac_um2 || !each.saturates_each_step);
    };
    if (!priced(row)) return false;
    return std::none_of(rows.begin(), rows.end(), [&](const AccumulatorRow& other) {
      return priced(other) && other.top1 >= row.top1 && other.*cost <= row.*cost &&
             (other.top1 > row.top1 || other.*cost < row.*cost);
    });
  };
  for (AccumulatorRow& row : rows) {
    row.on_area_front = on_front(row, &AccumulatorRow::mac_um2);
    row.on_energy_front = on_front(row, &AccumulatorRow::mac_pj);
    row.on_lut_front = on_front(row, &AccumulatorRow::luts);
  }
}

WideOperands measure_wide(const Study& study, double float_top1) {
  const model::QuantizedGraph graph = study.networks.read("mlp_a2q_w8a8_p16");
  const AccumulatorRow row =
      run_rows("W8A8", graph, study.test.bytes, study.test.labels, 16, 16, OverflowPolicy::Wrap)[0];
  return {row.top1, row.top1 / float_top1, row.sparsity, row.compression, row.overflow_rate};
}

double top1_of(const AccumulatorResult& result, const std::string& method, int bits) {
  for (const AccumulatorRow& row : result.rows) {
    if (row.method == method && row.acc_bits == bits) return row.top1;
  }
  throw base::UserError("reproduce accumulator", "no row of " + method);
}

std::vector<Target> judge(const AccumulatorResult& result) {
  double overflows = result.wide.overflow_rate;
  for (const AccumulatorRow& row : result.rows) {
    if (row.guaranteed) overflows = std::max(overflows, row.overflow_rate);
  }
  const auto gain = [&](int bits) {
    return std::max(top1_of(result, "A2Q, trained", bits), top1_of(result, "A2Q+, trained", bits)) -
           std::max({top1_of(result, "plain, wrap", bits), top1_of(result, kSaturateEachStep, bits),
                     top1_of(result, "plain, saturate at end", bits)});
  };
  std::vector<Target> targets = {between("A2 guarantee",
                                         "overflow rate of the A2Q and A2Q+ networks, worst",
                                         "read", 0, 0, overflows)};
  for (int bits = kLeastJudged; bits <= kMostJudged; ++bits) {
    targets.push_back(between("A2 P = " + std::to_string(bits),
                              "top-1 of the better trained network over the best plain one", "read",
                              0, kNoLimit, gain(bits)));
  }
  const std::vector<Target> published = {
      around("A3 sparsity", "weights that are 0, W8A8 into 16 bits", 0.982, "read", 0.02,
             result.wide.sparsity),
      around("A3 rate", "8 bits / entropy of a weight, the same network", 46.5, "read", 10,
             result.wide.compression),
      around("A3 accuracy", "top-1 over float, the same network", 0.992, "read", 0.01,
             result.wide.relative_top1),
      around("A4 trained", "LUTs of the W4A4 network at 32 bits / at 12 bits, thresholds included",
             2.3, "read", 0.5, result.lut_ratio)};
  targets.insert(targets.end(), published.begin(), published.end());
  return targets;
}

}  // namespace

AccumulatorResult reproduce_accumulator(const run::Catalog& catalog,
                                        const AccumulatorOptions& options) {
  const Study study = load(catalog, options);
  const model::Graph graph = study.networks.read_float("mlp_float");
  AccumulatorResult result;
  result.images = options.images;
  const model::Tensor logits = exec::run_samples(graph, study.test.pixels, 2)[0];
  result.float_top1 =
      exec::top1(exec::predictions(logits, options.images), study.test.labels, "labels");
  result.data_type_bits = data_type_bits(study.plain);
  add_plain(study, result);
  add_trained(study, result);
  add_projected(study, graph, options, result);
  add_costs(study, result);
  mark_fronts(result.rows);
  result.wide = measure_wide(study, result.float_top1);
  result.targets = judge(result);
  return result;
}

}  // namespace bitscale::reproduce

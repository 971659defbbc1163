#include "sim/reproduce/colonnade.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "arch/cost/pim_cost.h"

namespace bitscale::reproduce {
namespace {

constexpr const char* kFile = "configs/papers/colonnade_2021/silicon.json";
constexpr int kSchemaVersion = 1;
constexpr double kMeanEnergyLimit = 0.10, kThroughputLimit = 0.10, kAreaPointsLimit = 5;
constexpr double kDecoderGates = 4;  // of one wordline: predecoded pairs joined, assumed

// Ranges of published figures: far beyond any macro, and no sum of them reaches infinity.
constexpr base::NumberRange kFigure{1e-9, 1e9};

template <class Point>
void need_two_fits(base::JsonReader& reader, const char* key, const std::vector<Point>& points) {
  const auto fits =
      std::count_if(points.begin(), points.end(), [](const auto& p) { return p.fit; });
  if (fits != 2) reader.problem("two points are fitted, " + std::to_string(fits) + " marked", key);
}

// A line needs two places.
template <class Point, class Bits>
void need_two_widths(base::JsonReader& reader, const char* key, const std::vector<Point>& points,
                     Bits bits) {
  std::set<int> widths;
  for (const Point& point : points) {
    if (point.fit) widths.insert(bits(point));
  }
  if (widths.size() == 1) {
    reader.problem("both fitted points have weights of " + std::to_string(*widths.begin()) +
                       " bits; a line through them needs two widths",
                   key);
  }
}

// Every point of throughput needs a weight on the bitlines.
void need_room(base::JsonReader& reader, const ColonnadeSilicon& silicon) {
  for (const auto& point : silicon.throughput) {
    if (point.bits + silicon.guard_bitlines <= silicon.bitlines) continue;
    reader.problem(std::to_string(silicon.bitlines) + " bitlines do not hold one weight of " +
                       std::to_string(point.bits) + " bits and its " +
                       std::to_string(silicon.guard_bitlines) + " guard bitlines",
                   "bitlines");
  }
}

void read_points(base::JsonReader& reader, ColonnadeSilicon& silicon) {
  const base::IntegerRange operand{1, numeric::kMaxOperandBits};
  for (base::JsonReader& item : reader.array("energy")) {
    ColonnadeSilicon::EnergyPoint point;
    point.weight_bits = static_cast<int>(item.integer("weight_bits", operand));
    point.act_bits = static_cast<int>(item.integer("act_bits", operand));
    point.fj = item.number("fj_per_mac", kFigure);
    point.fit = item.boolean("fit", false);
    item.finish();
    silicon.energy.push_back(point);
  }
  for (base::JsonReader& item : reader.array("throughput")) {
    ColonnadeSilicon::ThroughputPoint point;
    point.bits = static_cast<int>(item.integer("bits", operand));
    point.gops = item.number("gops", kFigure);
    point.fit = item.boolean("fit", false);
    item.finish();
    silicon.throughput.push_back(point);
  }
  need_two_fits(reader, "energy", silicon.energy);
  need_two_fits(reader, "throughput", silicon.throughput);
  need_two_widths(reader, "energy", silicon.energy, [](const auto& p) { return p.weight_bits; });
  need_two_widths(reader, "throughput", silicon.throughput, [](const auto& p) { return p.bits; });
  need_room(reader, silicon);
}

void read_areas(base::JsonReader& reader, ColonnadeSilicon& silicon) {
  silicon.area_um2 = reader.number("area_um2", kFigure);
  base::JsonReader percent = reader.object("area_percent");
  for (std::size_t i = 0; i < kColonnadeParts.size(); ++i) {
    silicon.area_percent[i] = percent.number(kColonnadeParts[i], {0, 100});
  }
  percent.finish();
  base::JsonReader units = reader.object("units_um2");
  silicon.sram_cell_um2 = units.number("sram_cell", kFigure);
  silicon.full_adder_um2 = units.number("full_adder", kFigure);
  silicon.and_gate_um2 = units.number("and_gate", kFigure);
  silicon.mux_um2 = units.number("mux", kFigure);
  silicon.register_bit_um2 = units.number("register_bit", kFigure);
  silicon.driver_um2 = units.number("driver", kFigure);
  units.finish();
}

// The straight line through the two points marked fit: {at 0, per step}.
template <class Point, class X, class Y>
std::pair<double, double> line_through(const std::vector<Point>& points, X x, Y y) {
  const auto fitted = [](const Point& point) { return point.fit; };
  const auto first = std::find_if(points.begin(), points.end(), fitted);
  const auto second = std::find_if(first + 1, points.end(), fitted);
  const double slope = (y(*second) - y(*first)) / (x(*second) - x(*first));
  return {y(*first) - slope * x(*first), slope};
}

// Operations of one array per period: 2 · wordlines · weights / activation bits.
double operations(const ColonnadeSilicon& silicon, int bits) {
  const std::int64_t weights = silicon.bitlines / (bits + silicon.guard_bitlines);
  return 2.0 * static_cast<double>(silicon.wordlines * weights) / bits;
}

// One MAC priced by the component model.
double model_fj(const spec::PimArraySpec& pim, int weight_bits, int act_bits) {
  cost::LayerActivity layer;
  layer.precision.weight_bits = weight_bits;
  layer.precision.act_bits = act_bits;
  layer.count(cost::Action::PimMac) = 1;
  layer.count(cost::Action::PimWordlineBit) = act_bits;
  layer.count(cost::Action::PimCellBit) =
      act_bits * spec::cells_per_weight(pim, weight_bits) * pim.bits_per_cell;
  return 1e3 * cost::pim_energy(pim, spec::PimCostSource::Components, layer).compute_pj;
}

// Whether a point says anything about the model: its widths are those of no fitted point.
bool is_test(const ColonnadeSilicon& silicon, const ColonnadeSilicon::EnergyPoint& point) {
  return std::none_of(silicon.energy.begin(), silicon.energy.end(), [&](const auto& other) {
    return other.fit && other.weight_bits == point.weight_bits && other.act_bits == point.act_bits;
  });
}

void fit_energy(const ColonnadeSilicon& silicon, ColonnadeResult& result) {
  const auto [base, slope] = line_through(
      silicon.energy, [](const auto& p) { return static_cast<double>(p.weight_bits); },
      [](const auto& p) { return p.fj / p.act_bits; });
  result.cell_fj = slope;
  result.wordline_fj = base;
  spec::PimArraySpec pim;
  pim.cost.cell_fj = slope;
  pim.cost.wordline_fj = base;
  int tested = 0;
  for (const auto& point : silicon.energy) {
    result.energy_fj.push_back(model_fj(pim, point.weight_bits, point.act_bits));
    result.energy_tested.push_back(is_test(silicon, point));
    if (!result.energy_tested.back()) continue;
    const double error = std::fabs(result.energy_fj.back() / point.fj - 1);
    result.mean_energy_error += error;
    result.max_energy_error = std::max(result.max_energy_error, error);
    ++tested;
  }
  result.mean_energy_error /= std::max(1, tested);
}

void fit_throughput(const ColonnadeSilicon& silicon, ColonnadeResult& result) {
  std::tie(result.period_base_ns, result.period_per_bit_ns) = line_through(
      silicon.throughput, [](const auto& p) { return static_cast<double>(p.bits); },
      [&](const auto& p) { return operations(silicon, p.bits) / p.gops; });
  for (const auto& point : silicon.throughput) {
    const double period = result.period_base_ns + result.period_per_bit_ns * point.bits;
    result.gops.push_back(operations(silicon, point.bits) / period);
    if (point.fit) continue;
    result.max_throughput_error =
        std::max(result.max_throughput_error, std::fabs(result.gops.back() / point.gops - 1));
  }
}

void count_area(const ColonnadeSilicon& silicon, ColonnadeResult& result) {
  const auto rows = static_cast<double>(silicon.wordlines);
  const auto cols = static_cast<double>(silicon.bitlines);
  const auto stages = static_cast<double>(silicon.pipeline_stages);
  const double cell =
      silicon.sram_cell_um2 + silicon.full_adder_um2 + silicon.and_gate_um2 + silicon.mux_um2;
  // Inputs of stage i wait i cycles: rows/stages · (0 + 1 + … + stages − 1) bits.
  const double waiting = rows * (stages - 1) / 2;
  const double registers = cols * stages + waiting + rows + 2 * cols;
  result.part_um2 = {rows * cols * cell,
                     registers * silicon.register_bit_um2 + cols * silicon.full_adder_um2,
                     rows * silicon.driver_um2, rows * kDecoderGates * silicon.and_gate_um2};
  result.area_um2 = std::accumulate(result.part_um2.begin(), result.part_um2.end(), 0.0);
  for (std::size_t i = 0; i < result.part_um2.size(); ++i) {
    const double percent = 100 * result.part_um2[i] / result.area_um2;
    result.max_area_points =
        std::max(result.max_area_points, std::fabs(percent - silicon.area_percent[i]));
  }
}

}  // namespace

ColonnadeSilicon load_colonnade(const run::Catalog& catalog) {
  return load_colonnade(catalog.root() / kFile);
}

ColonnadeSilicon load_colonnade(const std::filesystem::path& file) {
  const base::JsonValue document = base::parse_json_file(file);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  ColonnadeSilicon silicon;
  reader.schema_version(kSchemaVersion);
  silicon.source = reader.string("source");
  silicon.units_source = reader.string("units_source");
  silicon.wordlines = reader.integer("wordlines", {1, 1024});
  silicon.bitlines = reader.integer("bitlines", {1, 65536});
  silicon.guard_bitlines = reader.integer("guard_bitlines", {0, 64});
  silicon.pipeline_stages = reader.integer("pipeline_stages", {1, 1024});
  read_points(reader, silicon);
  read_areas(reader, silicon);
  reader.finish();
  problems.throw_if_any();
  return silicon;
}

ColonnadeResult reproduce_colonnade(const ColonnadeSilicon& silicon) {
  ColonnadeResult result;
  fit_energy(silicon, result);
  fit_throughput(silicon, result);
  count_area(silicon, result);
  result.targets = {
      between("D5a", "energy per MAC, mean error on the points not fitted, %", "quoted", 0,
              100 * kMeanEnergyLimit, 100 * result.mean_energy_error),
      between("D5b", "area split, largest difference, percentage points", "quoted", 0,
              kAreaPointsLimit, result.max_area_points),
      between("D5c", "throughput, largest error on the points not fitted, %", "quoted", 0,
              100 * kThroughputLimit, 100 * result.max_throughput_error),
  };
  return result;
}

}  // namespace bitscale::reproduce

#include "arch/cost/iso.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "arch/base/file.h"
#include "arch/cost/brief.h"

namespace bitscale::cost {
namespace {

constexpr std::int64_t kLargestSide = 65536;  // as in the design point's format
constexpr double kMwPerPjMhz = 1e-3;          // 1 pJ at 1 MHz is 1 µW

bool within(const std::optional<double>& limit, double demand) {
  return !limit || demand <= *limit;
}

bool fits(const IsoDemand& demand, const IsoBudget& budget) {
  return within(budget.area_um2, demand.area_um2) && within(budget.power_mw, demand.power_mw) &&
         within(budget.peak_tops, demand.peak_tops) &&
         within(budget.bandwidth_gbps, demand.bandwidth_gbps);
}

struct Range {
  std::int64_t low = 1;
  std::int64_t high = kLargestSide;
};

std::int64_t round_up(double value, std::int64_t step) {
  const auto units = static_cast<std::int64_t>(std::ceil(value / static_cast<double>(step)));
  return std::max<std::int64_t>(1, units) * step;
}

std::int64_t round_down(double value, std::int64_t step) {
  return static_cast<std::int64_t>(std::floor(value / static_cast<double>(step))) * step;
}

Range row_range(const IsoShape& shape) {
  if (shape.rows) return {*shape.rows, *shape.rows};
  return {shape.step, round_down(static_cast<double>(kLargestSide), shape.step)};
}

/// Columns allowed beside `rows`; empty (low > high) when none are.
Range col_range(const IsoShape& shape, std::int64_t rows) {
  if (shape.cols) return {*shape.cols, *shape.cols};
  const auto largest = static_cast<double>(kLargestSide);
  if (shape.rows) return {shape.step, round_down(largest, shape.step)};
  const auto r = static_cast<double>(rows);
  return {round_up(r / (shape.aspect * shape.stretch), shape.step),
          round_down(std::min(largest, r * shape.stretch / shape.aspect), shape.step)};
}

/// How far rows / cols is from the wanted aspect, as a ratio's logarithm.
double distance(const IsoShape& shape, std::int64_t rows, std::int64_t cols) {
  const double aspect = static_cast<double>(rows) / static_cast<double>(cols);
  return std::abs(std::log(aspect / shape.aspect));
}

void check(const IsoBudget& budget, const IsoShape& shape) {
  base::Problems problems;
  int given = 0;
  const auto limit = [&](const char* name, const std::optional<double>& value) {
    if (!value) return;
    ++given;
    if (!(*value > 0)) {
      problems.add(std::string("iso budget ") + name,
                   "expected a number above 0, given " + base::format_number(*value));
    }
  };
  limit("area_um2", budget.area_um2);
  limit("power_mw", budget.power_mw);
  limit("peak_tops", budget.peak_tops);
  limit("bandwidth_gbps", budget.bandwidth_gbps);
  if (given == 0) {
    problems.add("iso budget",
                 "give at least one of area_um2, power_mw, peak_tops, bandwidth_gbps");
  }
  if (!(shape.aspect > 0)) problems.add("iso shape aspect", "expected a number above 0");
  if (!(shape.stretch >= 1)) problems.add("iso shape stretch", "expected a number of at least 1");
  const auto side = [&](const char* name, std::int64_t value) {
    if (value >= 1 && value <= kLargestSide) return;
    problems.add(std::string("iso shape ") + name,
                 "expected an integer from 1 to 65536, given " + std::to_string(value));
  };
  side("step", shape.step);
  side("rows", shape.rows.value_or(1));
  side("cols", shape.cols.value_or(1));
  problems.throw_if_any();
}

std::string text_of(const IsoDemand& demand) {
  return "area_um2 " + brief_above(demand.area_um2) + ", power_mw " + brief_above(demand.power_mw) +
         ", peak_tops " + brief_above(demand.peak_tops) + ", bandwidth_gbps " +
         brief_above(demand.bandwidth_gbps);
}

/// The most columns in the range that fit; the lowest is known to.
std::int64_t widest(const ArrayDemand& demand, const IsoBudget& budget, std::int64_t rows,
                    Range cols, std::int64_t step) {
  std::int64_t low = cols.low / step;
  std::int64_t high = cols.high / step;
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (fits(demand.at(rows, middle * step), budget)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low * step;
}

}  // namespace

double ArrayDemand::Growth::at(std::int64_t rows, std::int64_t cols) const {
  return base + per_pe * static_cast<double>(rows * cols - 1) +
         per_col * static_cast<double>(cols - 1);
}

ArrayDemand::ArrayDemand(const spec::AcceleratorSpec& accelerator, const Technology& technology,
                         int weight_bits, int act_bits)
    : cores_(static_cast<double>(accelerator.cores)), clock_mhz_(accelerator.clock_mhz) {
  const spec::PeSpec& pe = accelerator.mac_array.pe;
  if (!supports(pe, weight_bits, act_bits)) {
    throw base::UserError("iso precision", "weights of " + std::to_string(weight_bits) +
                                               " and activations of " + std::to_string(act_bits) +
                                               " bits do not fit the PE, which takes " +
                                               std::to_string(pe.weight_bits) + " and " +
                                               std::to_string(pe.act_bits));
  }
  const auto model_of = [&](std::int64_t rows, std::int64_t cols) {
    spec::AcceleratorSpec shaped = accelerator;
    shaped.mac_array.rows = rows;
    shaped.mac_array.cols = cols;
    return CostModel(shaped, technology);
  };
  const CostModel one = model_of(1, 1);
  const CostModel two_rows = model_of(2, 1);
  const CostModel two_cols = model_of(1, 2);
  const auto growth = [&](auto&& value) {
    Growth line;
    line.base = value(one);
    line.per_pe = value(two_rows) - line.base;
    line.per_col = value(two_cols) - line.base - line.per_pe;
    return line;
  };
  area_um2_ = growth([](const CostModel& model) { return model.area().total_um2; });
  leakage_mw_ = growth([](const CostModel& model) { return model.leakage_power_mw(); });
  macs_per_pe_cycle_ = macs_per_pe_cycle(pe, weight_bits, act_bits);
  pe_pj_per_cycle_ = one.pe().mac_pj(weight_bits, act_bits, 1).value * macs_per_pe_cycle_;

  const auto price = [&](Action action) { return one.price_pj(action).value; };
  const double act_stream = macs_per_pe_cycle_ * act_bits;
  const double weight_stream = macs_per_pe_cycle_ * weight_bits;
  const bool inputs_stay = accelerator.mac_array.dataflow == spec::Dataflow::InputStationary;
  row_bits_ = inputs_stay ? weight_stream : act_stream;
  row_pj_per_bit_ = price(inputs_stay ? Action::WeightReadBit : Action::ActReadBit);
  const bool outputs_stay = accelerator.mac_array.dataflow == spec::Dataflow::OutputStationary;
  col_bits_ = outputs_stay ? weight_stream : pe.acc_bits;
  col_pj_per_bit_ = price(outputs_stay ? Action::WeightReadBit : Action::OutputWriteBit);
}

IsoDemand ArrayDemand::at(std::int64_t rows, std::int64_t cols) const {
  const auto r = static_cast<double>(rows);
  const auto c = static_cast<double>(cols);
  const double pes = cores_ * r * c;
  IsoDemand demand;
  demand.area_um2 = area_um2_.at(rows, cols);
  const double cycle_pj = pes * pe_pj_per_cycle_ + cores_ * (r * row_bits_ * row_pj_per_bit_ +
                                                             c * col_bits_ * col_pj_per_bit_);
  demand.power_mw = cycle_pj * clock_mhz_ * kMwPerPjMhz + leakage_mw_.at(rows, cols);
  demand.peak_tops = 2 * pes * macs_per_pe_cycle_ * clock_mhz_ / 1e6;
  demand.bandwidth_gbps = cores_ * (r * row_bits_ + c * col_bits_) / 8 * clock_mhz_ / 1e3;
  return demand;
}

IsoResult solve_iso(const ArrayDemand& demand, const IsoBudget& budget, const IsoShape& shape) {
  check(budget, shape);
  IsoResult best;
  const Range rows = row_range(shape);
  for (std::int64_t row = rows.low; row <= rows.high; row += shape.step) {
    const Range cols = col_range(shape, row);
    if (cols.low > cols.high) continue;
    // Demand grows with both sides, and the lowest cols grow with rows: nothing beyond fits.
    if (!fits(demand.at(row, cols.low), budget)) break;
    const std::int64_t col = shape.cols ? cols.low : widest(demand, budget, row, cols, shape.step);
    const std::int64_t pes = row * col;
    const std::int64_t best_pes = best.rows * best.cols;
    if (pes > best_pes ||
        (pes == best_pes && distance(shape, row, col) < distance(shape, best.rows, best.cols))) {
      best.rows = row;
      best.cols = col;
    }
  }
  if (best.rows == 0) {
    const std::int64_t row = rows.low;
    const std::int64_t col = std::max(shape.step, col_range(shape, row).low);
    throw base::UserError("iso budget", "no allowed array fits; one of " + std::to_string(row) +
                                            " × " + std::to_string(col) + " PEs needs " +
                                            text_of(demand.at(row, col)));
  }
  best.demand = demand.at(best.rows, best.cols);
  return best;
}

}  // namespace bitscale::cost

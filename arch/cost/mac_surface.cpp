#include "arch/cost/mac_surface.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "arch/base/file.h"
#include "arch/cost/hull.h"
#include "arch/cost/least_squares.h"

namespace bitscale::cost {
namespace {

MacWidths widths_of(const MacRow& row) { return {row.weight_bits, row.act_bits, row.acc_bits}; }

Point3 point_of(const MacWidths& widths) {
  return {static_cast<double>(widths.weight_bits), static_cast<double>(widths.act_bits),
          static_cast<double>(widths.acc_bits)};
}

bool fitted(MacDesign design) {
  return design == MacDesign::MacAccRegister || design == MacDesign::PeWeightStationary ||
         design == MacDesign::PeOutputStationary;
}

int partial_product_bits(const MacWidths& widths) {
  int bits = 0;
  for (int j = 0; j < widths.weight_bits; ++j) {
    bits += std::clamp(widths.acc_bits - j, 0, widths.act_bits);
  }
  return bits;
}

std::vector<double> features_of(MacQuantity quantity, MacDesign design, const MacWidths& widths) {
  const double partial_products = partial_product_bits(widths);
  const double acc = widths.acc_bits;
  const int narrowest = std::min(widths.weight_bits, widths.act_bits);
  const double operands = widths.weight_bits + widths.act_bits;
  if (quantity == MacQuantity::Energy) {
    return {partial_products, acc, acc * std::log2(narrowest), operands};
  }
  // A single partial product still meets the accumulator in an adder: one level, as two do.
  const double tree = acc * std::log2(std::max(2, narrowest));
  const bool output_stationary = design == MacDesign::PeOutputStationary;
  return {partial_products,
          acc,
          tree,
          1,
          design == MacDesign::PeWeightStationary ? operands : 0,
          output_stationary ? operands : 0,
          output_stationary ? acc : 0,
          partial_products + std::max(0.0, acc - operands)};
}

std::vector<double> fit(MacQuantity quantity, const std::vector<MacRow>& rows) {
  std::vector<Sample> samples;
  for (const MacRow& row : rows) {
    if (!fitted(row.design)) continue;
    samples.push_back({features_of(quantity, row.design, widths_of(row)), row.value});
  }
  return fit_non_negative(samples);
}

bool narrower(const MacRow& row, const MacWidths& widths) {
  return row.weight_bits <= widths.weight_bits && row.act_bits <= widths.act_bits &&
         row.acc_bits <= widths.acc_bits;
}

bool wider(const MacRow& row, const MacWidths& widths) {
  return row.weight_bits >= widths.weight_bits && row.act_bits >= widths.act_bits &&
         row.acc_bits >= widths.acc_bits;
}

/// The fit, clamped into what the rows of the same design allow.
double evaluate(MacQuantity quantity, const std::vector<MacRow>& rows,
                const std::vector<double>& coefficients, MacDesign design,
                const MacWidths& widths) {
  double floor = 0;
  double ceiling = std::numeric_limits<double>::infinity();
  for (const MacRow& row : rows) {
    if (row.design != design) continue;
    if (narrower(row, widths)) floor = std::max(floor, row.value);
    if (wider(row, widths)) ceiling = std::min(ceiling, row.value);
  }
  const double raw = dot(features_of(quantity, design, widths), coefficients);
  return std::clamp(raw, std::min(floor, ceiling), std::max(floor, ceiling));
}

HoldOutError hold_out_error(MacQuantity quantity, const std::vector<MacRow>& rows) {
  std::set<std::pair<int, int>> groups;
  for (const MacRow& row : rows) {
    if (fitted(row.design)) groups.emplace(row.weight_bits, row.act_bits);
  }
  HoldOutError error;
  if (groups.size() < 2) return error;
  for (const auto& [weight_bits, act_bits] : groups) {
    std::vector<MacRow> kept;
    std::vector<MacRow> left_out;
    for (const MacRow& row : rows) {
      if (!fitted(row.design)) continue;
      const bool out = row.weight_bits == weight_bits && row.act_bits == act_bits;
      (out ? left_out : kept).push_back(row);
    }
    const std::vector<double> coefficients = fit(quantity, kept);
    for (const MacRow& row : left_out) {
      const double guess = evaluate(quantity, kept, coefficients, row.design, widths_of(row));
      const double relative = std::abs(guess / row.value - 1);
      error.mean += relative;
      error.max = std::max(error.max, relative);
      ++error.rows;
    }
  }
  error.mean /= error.rows;
  return error;
}

}  // namespace

std::string text_of(const HoldOutError& error) {
  const auto percent = [](double share) {
    return base::format_number(std::round(1000 * share) / 10) + " %";
  };
  return "error on left-out widths: mean " + percent(error.mean) + ", max " + percent(error.max);
}

MacSurface::MacSurface(const MacTable& table, MacQuantity quantity)
    : table_(table),
      quantity_(quantity),
      coefficients_(table.fit ? table.fit->coefficients : fit(quantity, table.rows)),
      hold_out_(table.fit ? table.fit->hold_out : hold_out_error(quantity, table.rows)) {}

bool MacSurface::has(MacDesign design) const {
  return std::any_of(table_.rows.begin(), table_.rows.end(),
                     [&](const MacRow& row) { return row.design == design; });
}

const MacRow* MacSurface::find(MacDesign design, const MacWidths& widths) const {
  const auto found = std::find_if(table_.rows.begin(), table_.rows.end(), [&](const MacRow& row) {
    return row.design == design && row.weight_bits == widths.weight_bits &&
           row.act_bits == widths.act_bits && row.acc_bits == widths.acc_bits;
  });
  return found == table_.rows.end() ? nullptr : &*found;
}

Basis MacSurface::basis(MacDesign design, const MacWidths& widths) const {
  if (find(design, widths) != nullptr) return Basis::Table;
  std::vector<Point3> points;
  for (const MacRow& row : table_.rows) {
    if (fitted(row.design)) points.push_back(point_of(widths_of(row)));
  }
  return inside_hull(points, point_of(widths)) ? Basis::Interpolated : Basis::Extrapolated;
}

Estimate MacSurface::estimate_at(MacDesign design, const MacWidths& widths,
                                 numeric::OverflowPolicy policy) const {
  BITSCALE_INVARIANT(fitted(design), "only fixed MACs follow the fit");
  const double value = evaluate(quantity_, table_.rows, coefficients_, design, widths);
  const double spread = find(design, widths) != nullptr ? 0 : std::min(hold_out_.max, 1.0);
  const double high = table_.high(widths.weight_bits, widths.act_bits, widths.acc_bits, policy);
  return {value, value * table_.low_factor * (1 - spread), value * high * (1 + spread)};
}

MacReading MacSurface::at(MacDesign design, const MacWidths& widths) const {
  return {estimate_at(design, widths), basis(design, widths)};
}

std::optional<double> MacSurface::path_ns(MacDesign design, const MacWidths& widths) const {
  const MacRow* row = find(design, widths);
  if (row == nullptr || row->path_ns == 0) return std::nullopt;
  return row->path_ns;
}

std::optional<Estimate> MacSurface::table_row(MacDesign design, const MacWidths& widths) const {
  const MacRow* row = find(design, widths);
  if (row == nullptr) return std::nullopt;
  const double high = table_.high(widths.weight_bits, widths.act_bits, widths.acc_bits,
                                  numeric::OverflowPolicy::Wrap);
  return Estimate{row->value, row->value * table_.low_factor, row->value * high};
}

}  // namespace bitscale::cost

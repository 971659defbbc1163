#include "arch/cost/sram_model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace bitscale::cost {
namespace {

// Leakage may be zero in a table; its logarithm may not.
constexpr double kTiny = 1e-30;

double log_of(double value) { return std::log(std::max(value, kTiny)); }

Estimate mix(const Estimate& a, const Estimate& b, double share) {
  const auto blend = [share](double x, double y) { return x + (y - x) * share; };
  return {blend(a.value, b.value), blend(a.low, b.low), blend(a.high, b.high)};
}

/// Share of the way from a to b at x; beyond 0 and 1 outside.
double share_of(double x, double a, double b) { return (x - a) / (b - a); }

}  // namespace

/// Where a memory lies in the table: two word columns, the mix between them, and how many copies of
/// the table's widest word it takes.
struct SramModel::Place {
  const Column* narrow = nullptr;
  const Column* wide = nullptr;
  double word_share = 0;
  double log_capacity = 0;
  double copies = 1;
  Basis basis = Basis::Table;
};

SramModel::SramModel(const Technology& technology)
    : pipelined_(technology.sram.pipelined),
      extra_port_(technology.sram_area_per_extra_port.estimate),
      macro_bytes_(technology.sram_macro_bytes.estimate.value) {
  std::map<std::int64_t, std::vector<SramRow>> by_word;
  for (const SramRow& row : technology.sram.rows) by_word[row.word_bits].push_back(row);
  for (auto& [word_bits, rows] : by_word) {
    columns_.push_back(make_column(std::move(rows)));
    columns_.back().word_bits = static_cast<double>(word_bits);
  }
  BITSCALE_INVARIANT(!columns_.empty(), "an SRAM table without rows");
}

SramModel::Column SramModel::make_column(std::vector<SramRow> rows) {
  std::sort(rows.begin(), rows.end(),
            [](const SramRow& a, const SramRow& b) { return a.capacity_bytes < b.capacity_bytes; });
  Column column;
  for (const SramRow& row : rows) {
    Point point;
    point.log_capacity = std::log2(static_cast<double>(row.capacity_bytes));
    point.log_low = {log_of(row.read_pj),  log_of(row.write_pj),  log_of(row.leakage_mw),
                     log_of(row.area_um2), log_of(row.access_ns), log_of(row.cycle_ns)};
    point.log_high = point.log_low;
    column.points.push_back(point);
  }
  for (std::size_t i = 1; i < column.points.size(); ++i) {
    Point& larger = column.points[i];
    const Point& smaller = column.points[i - 1];
    for (std::size_t m = 0; m < MetricCount; ++m) {
      larger.log_high[m] = std::max(larger.log_high[m], smaller.log_high[m]);
    }
  }
  for (std::size_t i = column.points.size(); i-- > 1;) {
    Point& smaller = column.points[i - 1];
    const Point& larger = column.points[i];
    for (std::size_t m = 0; m < MetricCount; ++m) {
      smaller.log_low[m] = std::min(smaller.log_low[m], larger.log_low[m]);
    }
  }
  return column;
}

// Logarithms of value, low and high. One point only: constant.
Estimate SramModel::along_capacity(const Column& column, double log_capacity, Metric metric) {
  const auto at_point = [metric](const Point& point) {
    return Estimate{(point.log_low[metric] + point.log_high[metric]) / 2, point.log_low[metric],
                    point.log_high[metric]};
  };
  const std::vector<Point>& points = column.points;
  if (points.size() == 1) return at_point(points.front());
  std::size_t upper = 1;
  while (upper + 1 < points.size() && points[upper].log_capacity < log_capacity) ++upper;
  const Point& a = points[upper - 1];
  const Point& b = points[upper];
  const double share = share_of(log_capacity, a.log_capacity, b.log_capacity);
  const Estimate inside = mix(at_point(a), at_point(b), share);
  if (share >= 0 && share <= 1) return inside;
  // Beyond the table the interval keeps the width of its last point.
  const Estimate end = at_point(share < 0 ? a : b);
  return {inside.value, inside.value - (end.value - end.low),
          inside.value + (end.high - end.value)};
}

SramModel::Place SramModel::place(double capacity_bytes, double word_bits) const {
  Place place;
  const double widest = columns_.back().word_bits;
  place.copies = std::max(1.0, std::ceil(word_bits / widest));
  place.log_capacity = std::log2(capacity_bytes / place.copies);
  const double word = std::max(word_bits / place.copies, columns_.front().word_bits);
  std::size_t upper = 0;
  while (columns_[upper].word_bits < word) ++upper;
  place.wide = &columns_[upper];
  place.narrow = columns_[upper].word_bits == word ? place.wide : &columns_[upper - 1];
  if (place.narrow != place.wide) {
    place.word_share = share_of(std::log2(word), std::log2(place.narrow->word_bits),
                                std::log2(place.wide->word_bits));
  }
  const auto is_point = [&](const Column& column) {
    return std::any_of(column.points.begin(), column.points.end(), [&](const Point& point) {
      return point.log_capacity == place.log_capacity;
    });
  };
  const auto outside = [&](const Column& column) {
    return place.log_capacity < column.points.front().log_capacity ||
           place.log_capacity > column.points.back().log_capacity;
  };
  if (outside(*place.narrow) || outside(*place.wide) || word_bits < columns_.front().word_bits) {
    place.basis = Basis::Extrapolated;
  } else if (place.narrow != place.wide || !is_point(*place.wide)) {
    place.basis = Basis::Interpolated;
  }
  return place;
}

Estimate SramModel::at(const Place& place, Metric metric) const {
  const Estimate narrow = along_capacity(*place.narrow, place.log_capacity, metric);
  const Estimate wide = along_capacity(*place.wide, place.log_capacity, metric);
  const Estimate mixed = mix(narrow, wide, place.word_share);
  return {std::exp(mixed.value), std::exp(mixed.low), std::exp(mixed.high)};
}

SramCost SramModel::buffer(const spec::BufferSpec& buffer) const {
  const auto banks = static_cast<double>(buffer.banks);
  const auto word_bits = static_cast<double>(buffer.word_bits);
  const double bank_bytes =
      std::max(static_cast<double>(buffer.capacity_bytes) / banks, word_bits / 8);
  const Place spot = place(bank_bytes, word_bits);
  const auto ports = static_cast<double>(buffer.ports - 1) * extra_port_ + Estimate::exact(1);
  SramCost cost;
  cost.basis = spot.basis;
  cost.read_pj_per_bit = at(spot, ReadPj) * (spot.copies / word_bits);
  cost.write_pj_per_bit = at(spot, WritePj) * (spot.copies / word_bits);
  cost.leakage_mw = at(spot, LeakageMw) * ports * (spot.copies * banks);
  cost.area_um2 = at(spot, AreaUm2) * ports * (spot.copies * banks);
  Place macro = spot;
  macro.log_capacity = std::min(spot.log_capacity, std::log2(macro_bytes_));
  cost.cycle_ns = at(macro, CycleNs).value;
  if (!pipelined_) cost.cycle_ns = std::max(cost.cycle_ns, at(spot, AccessNs).value);
  return cost;
}

}  // namespace bitscale::cost

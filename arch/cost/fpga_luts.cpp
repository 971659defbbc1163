#include "arch/cost/fpga_luts.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <sstream>
#include <string>

#include "arch/base/error.h"
#include "arch/base/file.h"

namespace bitscale::cost {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

constexpr double kFixed = 300, kRouting = 1.1;
constexpr std::int64_t kLutramDepth = 64;

struct BramShape {
  std::int64_t depth, width;
};
// RAMB18 as simple dual port, Xilinx UG473.
constexpr std::array<BramShape, 6> kBramShapes = {
    {{16384, 1}, {8192, 2}, {4096, 4}, {2048, 9}, {1024, 18}, {512, 36}}};

}  // namespace

LutBreakdown finn_luts(const spec::FpgaMvau& unit) {
  BITSCALE_INVARIANT(unit.problem().empty(), unit.name + ": " + unit.problem());
  const std::int64_t widths = unit.weight_bits + unit.act_bits;
  const double per_part = kRouting * static_cast<double>(unit.pe);
  const std::int64_t levels = unit.output_bits > 0 ? (std::int64_t{1} << unit.output_bits) - 1 : 0;
  const auto part = [&](std::int64_t luts) { return per_part * static_cast<double>(luts); };
  LutBreakdown parts;
  parts.fixed = kFixed;
  parts.multipliers = part(unit.simd * (2 * ceil_div(widths, 6) - 1) * widths);
  parts.tree = part(widths * (2 * unit.simd - 1));
  parts.accumulators = part(unit.acc_bits);
  parts.thresholds = part(levels * unit.acc_bits * ceil_div(unit.threshold_depth(), kLutramDepth));
  parts.comparators = part(levels * unit.acc_bits);
  if (unit.memory == spec::WeightMemory::Lutram) {
    parts.weight_memory = static_cast<double>(unit.pe * unit.simd * unit.weight_bits *
                                              ceil_div(unit.weight_depth(), kLutramDepth));
  }
  return parts;
}

std::int64_t weight_brams(const spec::FpgaMvau& unit) {
  if (unit.memory == spec::WeightMemory::Lutram) return 0;
  const std::int64_t width = unit.pe * unit.simd * unit.weight_bits;
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  for (const BramShape& shape : kBramShapes) {
    fewest =
        std::min(fewest, ceil_div(width, shape.width) * ceil_div(unit.weight_depth(), shape.depth));
  }
  return fewest;
}

MacLutTable MacLutTable::load(const std::filesystem::path& path) {
  std::istringstream text(base::read_text_file(path, std::uintmax_t{1} << 20));
  std::string line;
  MacLutTable table;
  for (int number = 1; std::getline(text, line); ++number) {
    const std::string where = path.string() + ":" + std::to_string(number);
    if (number == 1) {
      if (line != "weight_bits,act_bits,acc_bits,luts,carry4,flip_flops") {
        throw base::UserError(where, "another heading than scripts/fpga_luts.py writes");
      }
      continue;
    }
    std::istringstream fields(line);
    Row row;
    char comma[5] = {};
    std::string rest;
    fields >> row.weight_bits >> comma[0] >> row.act_bits >> comma[1] >> row.acc_bits >> comma[2] >>
        row.luts >> comma[3] >> row.carry4 >> comma[4] >> row.flip_flops;
    const bool commas =
        std::all_of(std::begin(comma), std::end(comma), [](char c) { return c == ','; });
    if (!fields || !commas || (fields >> rest)) {
      throw base::UserError(where, "expected six whole numbers, given '" +
                                       std::string(base::shortened(line, 60)) + "'");
    }
    table.rows_.push_back(row);
  }
  if (table.rows_.empty()) throw base::UserError(path.string(), "holds no rows");
  return table;
}

std::optional<double> MacLutTable::luts(int weight_bits, int act_bits, int acc_bits) const {
  std::vector<Row> line;
  for (const Row& row : rows_) {
    if (row.weight_bits == weight_bits && row.act_bits == act_bits) line.push_back(row);
  }
  std::sort(line.begin(), line.end(),
            [](const Row& a, const Row& b) { return a.acc_bits < b.acc_bits; });
  if (line.empty() || acc_bits < line.front().acc_bits) return std::nullopt;
  if (line.size() == 1) {
    if (acc_bits != line[0].acc_bits) return std::nullopt;
    return static_cast<double>(line[0].luts);
  }
  std::size_t upper = 1;
  while (upper + 1 < line.size() && line[upper].acc_bits < acc_bits) ++upper;
  const Row &a = line[upper - 1], &b = line[upper];
  const double slope =
      static_cast<double>(b.luts - a.luts) / static_cast<double>(b.acc_bits - a.acc_bits);
  return static_cast<double>(a.luts) + slope * static_cast<double>(acc_bits - a.acc_bits);
}

std::optional<FoldedNetwork> fold_for_interval(const std::vector<spec::FpgaMvau>& units,
                                               std::int64_t interval_cycles) {
  FoldedNetwork network;
  for (const spec::FpgaMvau& unit : units) {
    const spec::FpgaMvau* best = nullptr;
    const std::vector<spec::FpgaMvau> choices = spec::foldings(unit);
    for (const spec::FpgaMvau& choice : choices) {
      if (choice.interval_cycles() > interval_cycles) continue;
      if (best == nullptr || finn_luts(choice).total() < finn_luts(*best).total()) best = &choice;
    }
    if (best == nullptr) return std::nullopt;
    network.units.push_back(*best);
    network.luts += finn_luts(*best).total();
    network.interval_cycles = std::max(network.interval_cycles, best->interval_cycles());
  }
  return network;
}

std::optional<FoldedNetwork> fold_for_luts(const std::vector<spec::FpgaMvau>& units, double luts) {
  std::set<std::int64_t> intervals;
  for (const spec::FpgaMvau& unit : units) {
    for (const spec::FpgaMvau& choice : spec::foldings(unit)) {
      intervals.insert(choice.interval_cycles());
    }
  }
  // LUTs never grow with the interval allowed, so the first interval that fits is the fastest.
  const std::vector<std::int64_t> ordered(intervals.begin(), intervals.end());
  std::size_t low = 0, high = ordered.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const auto folded = fold_for_interval(units, ordered[middle]);
    if (folded && folded->luts <= luts) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (low == ordered.size()) return std::nullopt;
  return fold_for_interval(units, ordered[low]);
}

}  // namespace bitscale::cost

#include "sim/verify/pim_layers.h"

#include <algorithm>
#include <set>

#include "sim/mapping/pim_assign.h"
#include "sim/mapping/pim_work.h"
#include "sim/mapping/walk.h"
#include "sim/mapping/work.h"
#include "sim/verify/array_layers.h"
#include "sim/verify/tile_product.h"

namespace bitscale::verify {
namespace {

constexpr int kPsumBits = 32;

/// What one array does of a tile: a group's codes [k0, k0 + wordlines) for channels [c0, c0 +
/// cols).
struct ArrayPart {
  std::int64_t group = 0, c0 = 0;
  cosim::PimCase test;
};

/// The first sum of an output: which tile of the walk, which array of it, which of its sums.
struct Place {
  std::int64_t tile = 0;
  std::size_t array = 0, vector = 0, column = 0;
};

numeric::IntegerFormat acts_of(const mapping::Task& task) {
  return {task.precision.act_bits, task.precision.act_signed};
}

/// `gemm`: the tile's product, groups side by side along the reduction.
ArrayPart part_of(const cosim::PimSpec& pim, const mapping::Task& task, const cosim::Gemm& gemm,
                  std::int64_t first, std::int64_t lines, std::int64_t c0) {
  ArrayPart part;
  part.c0 = c0;
  for (std::int64_t k = first; k < first + lines; ++k) {
    for (std::int64_t c = c0; c < c0 + pim.cols; ++c) {
      const bool used = c < gemm.n;
      part.test.weights.push_back(used ? gemm.weights[static_cast<std::size_t>(k * gemm.n + c)]
                                       : 0);
    }
  }
  for (std::int64_t p = 0; p < gemm.m; ++p) {
    const auto begin = gemm.acts.begin() + p * gemm.k + first;
    cosim::PimVector vector{{begin, begin + lines}, acts_of(task), true};
    vector.acts.resize(static_cast<std::size_t>(pim.wordlines), 0);
    part.test.vectors.push_back(std::move(vector));
  }
  return part;
}

/// The arrays a tile lies on, as arch/timing/pim.h lays them.
std::vector<ArrayPart> parts_of(const cosim::PimSpec& pim, const mapping::Task& task,
                                const mapping::TileSlice& tile, const cosim::Gemm& gemm,
                                const std::string& name, std::uint64_t seed) {
  const std::int64_t depth = task.taps() * tile.reduction;
  std::vector<ArrayPart> parts;
  for (std::int64_t g = 0; g < tile.groups; ++g) {
    for (std::int64_t c0 = 0; c0 < tile.channels; c0 += pim.cols) {
      for (std::int64_t k0 = 0; k0 < depth; k0 += pim.wordlines) {
        const std::int64_t lines = std::min<std::int64_t>(pim.wordlines, depth - k0);
        parts.push_back(part_of(pim, task, gemm, g * depth + k0, lines, c0));
        parts.back().group = g;
        parts.back().test.name = name + ", array " + std::to_string(parts.size() - 1);
        parts.back().test.seed = seed;
      }
    }
  }
  return parts;
}

std::vector<ArrayPart> numbered_tile(const cosim::PimSpec& pim, const mapping::Task& task,
                                     const mapping::TileWalk& walk, const mapping::Tiling& tiling,
                                     const LayerOperands& operands, std::int64_t number,
                                     std::uint64_t seed) {
  const mapping::TileSlice tile = walk.core();
  const cosim::Gemm gemm = tile_operands(operands, spec::RowMapping::Im2col, task, tile,
                                         origin(task, tiling, walk.index()));
  return parts_of(pim, task, tile, gemm, task.name + ", tile " + std::to_string(number), seed);
}

/// Adds the arrays' sums up to the layer's outputs.
class PimOutputs {
 public:
  explicit PimOutputs(const model::Layer& layer)
      : layer_(layer),
        sums_(static_cast<std::size_t>(layer.output_elements())),
        places_(sums_.size()),
        met_(sums_.size(), false) {}

  void add(const mapping::TileSlice& tile, const TileOrigin& at, const ArrayPart& part,
           const std::vector<std::vector<cosim::ArraySum>>& sums, const Place& array) {
    for (std::size_t p = 0; p < sums.size(); ++p) {
      for (std::size_t c = 0; c < sums[p].size(); ++c) {
        const std::int64_t channel = part.c0 + static_cast<std::int64_t>(c);
        if (channel >= tile.channels) break;
        const std::size_t output =
            output_index(layer_, tile, at, part.group, channel, static_cast<std::int64_t>(p));
        if (!met_[output]) places_[output] = {array.tile, array.array, p, c};
        met_[output] = true;
        cosim::ArraySum& sum = sums_[output];
        sum.overflow = sum.overflow || sums[p][c].overflow;
        sum.value = numeric::accumulate(sum.value, sums[p][c].value, kPsumBits,
                                        numeric::OverflowPolicy::Wrap)
                        .value;
      }
    }
  }

  /// Counts outputs that differ from the executor's; the first one that does.
  std::optional<std::size_t> compare(const std::vector<std::int64_t>& expected, bool same_order,
                                     PimLayerCheck& check) const {
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (!same_order && sums_[i].overflow) continue;
      ++check.outputs;
      if (sums_[i].value == expected[i]) continue;
      ++check.mismatches;
      if (!first) first = i;
    }
    return first;
  }

  std::string text(std::size_t output, std::int64_t expected) const {
    const auto pixels = static_cast<std::size_t>(layer_.out_pixels());
    return "output channel " + std::to_string(output / pixels) + ", pixel " +
           std::to_string(output % pixels) + ": the executor has " + std::to_string(expected) +
           ", the arrays add up to " + std::to_string(sums_[output].value) + "; its first array:";
  }
  const Place& place(std::size_t output) const { return places_[output]; }

 private:
  const model::Layer& layer_;
  std::vector<cosim::ArraySum> sums_;
  std::vector<Place> places_;
  std::vector<bool> met_;
};

/// The arrays of a tile work at once: the one with the most wordlines is written last, the one with
/// the most planes is done last.
struct Slowest {
  std::int64_t write = 0, compute = 0;

  void take(const cosim::PimRun& run) {
    write = std::max(write, run.write_cycles);
    compute = std::max(compute, run.compute_cycles);
  }
};

/// Chunks of `wordlines` narrowed once each; exact sums where tiles cut the reduction elsewhere.
numeric::ReductionOrder order_of(const cosim::PimSpec& pim, bool same_order) {
  const auto policy = pim.mac.policy == numeric::OverflowPolicy::Wrap
                          ? numeric::OverflowPolicy::Wrap
                          : numeric::OverflowPolicy::SaturateAtEnd;
  if (!same_order) return {numeric::kMaxAccBits, numeric::kMaxAccBits, policy};
  return {pim.mac.acc_bits, kPsumBits, policy, static_cast<std::size_t>(pim.wordlines)};
}

/// A random product of the tile's extents.
cosim::Gemm random_tile(const cosim::PimSpec& pim, const mapping::Task& task,
                        const mapping::TileSlice& tile, std::uint64_t seed) {
  cosim::ArraySpec formats;
  formats.mac = pim.mac;
  formats.mac.acts = acts_of(task);
  return cosim::random_gemm(formats, tile.pixels(), tile.groups * task.taps() * tile.reduction,
                            tile.channels, seed);
}

/// What the components take for such a tile whose busiest array has this many planes.
std::int64_t components_cycles(const cosim::PimSpec& pim, const spec::AcceleratorSpec& design,
                               mapping::Task task, const mapping::TileSlice& tile,
                               std::int64_t most_planes) {
  if (pim.skip_zero_planes) {
    task.pim_planes.most = task.pim_planes.mean =
        static_cast<double>(most_planes) / static_cast<double>(tile.pixels());
  }
  const mapping::TaskContext context(task, design);
  return mapping::tile_work(context, tile, true, false).cycles +
         mapping::pim_write_work(context, tile).cycles;
}

}  // namespace

spec::AcceleratorSpec pim_design(const cosim::PimSpec& pim, std::int64_t arrays,
                                 std::int64_t capacity_bytes) {
  spec::AcceleratorSpec design = design_around({}, spec::RowMapping::Im2col, capacity_bytes);
  design.name = pim.name;
  design.mac_array = {};
  design.pim = cosim::simulated_pim(pim);
  design.pim->arrays = arrays;
  design.pim->weights = spec::PimWeights::Reloaded;
  design.pim->cost.per_mac = {{numeric::kMaxOperandBits, 1}};  // a price it must have; none is read
  return design;
}

mapping::TaskGraph pim_tasks(const model::Network& network, const cosim::PimSpec& pim,
                             const numeric::IntegerFormat& acts,
                             const spec::AcceleratorSpec& design) {
  numeric::Precision precision;
  precision.weight_bits = pim.mac.weights.bits;
  precision.act_bits = precision.output_bits = acts.bits;
  precision.acc_bits = pim.mac.acc_bits;
  precision.psum_bits = kPsumBits;
  precision.weight_signed = pim.mac.weights.codes().is_signed;
  precision.act_signed = acts.is_signed;
  mapping::TaskGraph graph = mapping::make_tasks(
      network, std::vector<numeric::Precision>(network.layers.size(), precision), design, 1);
  mapping::assign_pim(graph, design, mapping::Objective::Latency, nullptr);
  return graph;
}

mapping::NetworkMapping uncut(const mapping::TaskGraph& graph) {
  mapping::NetworkMapping mapping;
  for (const mapping::Task& task : graph.tasks) {
    mapping::TaskMapping one;
    one.tiling = mapping::one_tile(task.core);
    mapping.tasks.push_back(one);
  }
  return mapping;
}

void PimLayerCheck::take(const cosim::PimCheck& array) {
  ++arrays;
  macs += array.macs;
  mismatches += array.mismatches;
  rtl_cycles += array.rtl_cycles;
  expected_cycles += array.expected_cycles;
  coverage.add(array.coverage);
  if (!failure) failure = array.failure;
}

PimLayerCheck check_pim_layer(cosim::PimModel& model, const cosim::PimSpec& pim,
                              const mapping::Task& task, const mapping::Tiling& tiling,
                              const LayerOperands& operands, std::int64_t simulated_cycles,
                              std::uint64_t seed) {
  const auto tile_at = [&](std::int64_t number) {
    mapping::TileWalk walk(task, tiling);
    for (std::int64_t i = 0; i < number; ++i) walk.next();
    return numbered_tile(pim, task, walk, tiling, operands, number, seed);
  };
  PimOutputs outputs(operands.layer());
  PimLayerCheck check;
  for (mapping::TileWalk walk(task, tiling); !walk.done(); walk.next()) {
    const std::vector<ArrayPart> parts =
        numbered_tile(pim, task, walk, tiling, operands, check.tiles, seed);
    Slowest slowest;
    for (std::size_t a = 0; a < parts.size(); ++a) {
      const cosim::PimCheck one = cosim::check_pim(model, pim, parts[a].test);
      check.take(one);
      slowest.take(one.run);
      outputs.add(walk.core(), origin(task, tiling, walk.index()), parts[a], one.run.sums,
                  {check.tiles, a, 0, 0});
    }
    check.layer_cycles += (walk.new_weights() ? slowest.write : 0) + slowest.compute;
    ++check.tiles;
  }
  const bool same_order = tiling.reduction >= task.core.reduction;
  const std::vector<std::int64_t> expected = operands.sums(order_of(pim, same_order));
  const std::optional<std::size_t> wrong = outputs.compare(expected, same_order, check);
  if (wrong && !check.failure) {
    const Place& at = outputs.place(*wrong);
    check.failure =
        cosim::pim_failure(model, pim, tile_at(at.tile)[at.array].test, at.vector, at.column,
                           {expected[*wrong], false}, outputs.text(*wrong, expected[*wrong]));
  }
  if (check.layer_cycles != simulated_cycles) {
    ++check.mismatches;
    if (!check.failure) {
      const cosim::PimCase first = tile_at(0).front().test;
      check.failure = cosim::pim_failure(model, pim, first, first.vectors.size(), 0, {},
                                         "the components take " + std::to_string(simulated_cycles) +
                                             " cycles for the layer, the RTL " +
                                             std::to_string(check.layer_cycles) +
                                             "; the end of its first array:");
    }
  }
  return check;
}

PimLayerCheck check_sampled_pim_tiles(cosim::PimModel& model, const cosim::PimSpec& pim,
                                      const spec::AcceleratorSpec& design,
                                      const mapping::Task& task, const mapping::Tiling& tiling,
                                      std::int64_t most_macs, std::uint64_t seed) {
  const std::int64_t total = mapping::trips(task.core, tiling).total();
  const std::set<std::int64_t> wanted = {
      0, static_cast<std::int64_t>(seed % static_cast<std::uint64_t>(total)), total - 1};
  PimLayerCheck check;
  std::int64_t number = 0;
  for (mapping::TileWalk walk(task, tiling); !walk.done(); walk.next(), ++number) {
    const mapping::TileSlice tile = walk.core();
    const std::int64_t macs = task.taps() * tile.reduction * tile.outputs();
    if (wanted.count(number) == 0 || macs > most_macs) continue;
    const std::vector<ArrayPart> parts = parts_of(
        pim, task, tile, random_tile(pim, task, tile, seed),
        task.name + ", tile " + std::to_string(number) + " of " + std::to_string(total), seed);
    Slowest slowest;
    std::int64_t most_planes = 0;
    for (const ArrayPart& part : parts) {
      const cosim::PimCheck one = cosim::check_pim(model, pim, part.test);
      check.take(one);
      slowest.take(one.run);
      most_planes = std::max(most_planes, cosim::planes_of(pim, part.test.vectors));
    }
    ++check.tiles;
    const std::int64_t cycles = slowest.write + slowest.compute;
    check.layer_cycles += cycles;
    const std::int64_t expected = components_cycles(pim, design, task, tile, most_planes);
    if (cycles == expected) continue;
    ++check.mismatches;
    if (check.failure) continue;
    const cosim::PimCase& test = parts.front().test;
    check.failure = cosim::pim_failure(
        model, pim, test, test.vectors.size(), 0, {},
        "the components take " + std::to_string(expected) + " cycles for the tile, the RTL " +
            std::to_string(cycles) + "; the end of its first array:");
  }
  return check;
}

}  // namespace bitscale::verify

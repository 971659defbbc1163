#include "sim/verify/array_layers.h"

#include <set>

#include "sim/mapping/walk.h"
#include "sim/mapping/work.h"
#include "sim/run/mapped_order.h"
#include "sim/verify/tile_product.h"

namespace bitscale::verify {
namespace {

using spec::Dataflow;

/// The first sum of an output: which tile of the walk, which fold of it, which sum of that.
struct Place {
  std::int64_t tile = 0;
  std::size_t fold = 0, index = 0;
};

/// Adds a tile's folds up to the layer's outputs, as partial sums leave the array and come back.
class OutputSums {
 public:
  OutputSums(const model::Layer& layer, const cosim::ArraySpec& array, int psum_bits)
      : layer_(layer), array_(array), psum_bits_(psum_bits) {
    const auto outputs = static_cast<std::size_t>(layer.output_elements());
    sums_.resize(outputs);
    chunks_.resize(outputs, 0);
    places_.resize(outputs);
  }

  void add(const mapping::TileSlice& tile, const TileOrigin& origin,
           const std::vector<cosim::ArrayFold>& folds,
           const std::vector<std::vector<cosim::ArraySum>>& results) {
    const std::size_t group_folds = folds.size() / static_cast<std::size_t>(tile.groups);
    for (std::size_t f = 0; f < folds.size(); ++f) {
      const auto group = static_cast<std::int64_t>(f / group_folds);
      const std::int64_t channels = cosim::channels_of(array_, folds[f]);
      for (std::size_t i = 0; i < results[f].size(); ++i) {
        const auto index = static_cast<std::int64_t>(i);
        const std::size_t output =
            output_index(layer_, tile, origin, group, folds[f].n0 + index % channels,
                         folds[f].m0 + index / channels);
        if (chunks_[output] == 0) places_[output] = {tiles_, f, i};
        add(output, results[f][i]);
      }
    }
    ++tiles_;
  }

  const cosim::ArraySum& sum(std::size_t output) const { return sums_[output]; }
  const Place& place(std::size_t output) const { return places_[output]; }

 private:
  void add(std::size_t output, const cosim::ArraySum& chunk) {
    cosim::ArraySum& sum = sums_[output];
    if (chunks_[output]++ == 0) {
      sum = chunk;
      return;
    }
    const numeric::AccumulatorStep step =
        numeric::accumulate(sum.value, chunk.value, psum_bits_, array_.mac.policy);
    sum = {step.value, sum.overflow || chunk.overflow || step.overflow};
  }

  const model::Layer& layer_;
  const cosim::ArraySpec& array_;
  int psum_bits_;
  std::vector<cosim::ArraySum> sums_;
  std::vector<std::int64_t> chunks_;
  std::vector<Place> places_;
  std::int64_t tiles_ = 0;
};

/// The order in which the folds add up, in the array's accumulators; exact sums where corrections
/// of other encodings stand between the executor's and the array's.
std::optional<numeric::ReductionOrder> order_of(const cosim::ArraySpec& array,
                                                const spec::AcceleratorSpec& design,
                                                const mapping::Task& task,
                                                const mapping::Tiling& tiling) {
  if (array.mac.weights.kind != numeric::WeightEncoding::TwosComplement) return std::nullopt;
  numeric::ReductionOrder order = run::mapped_order(task, tiling, design);
  order.acc_bits = array.mac.acc_bits;
  order.policy = array.mac.policy;
  return order;
}

cosim::ArrayCase tile_case(const cosim::ArraySpec& array, const mapping::TaskContext& context,
                           const mapping::TileSlice& tile, std::uint64_t seed) {
  const mapping::Task& task = *context.task;
  const spec::RowMapping rows = context.accelerator->mac_array.row_mapping;
  cosim::ArrayCase test;
  test.name = task.name;
  test.folds = tile_folds(array, rows, task, tile);
  test.expected_cycles = mapping::tile_work(context, tile, true, false).cycles;
  test.seed = seed;
  return test;
}

/// Tile `number` of the walk with the layer's operands.
cosim::ArrayCase numbered_tile(const cosim::ArraySpec& array, const mapping::TaskContext& context,
                               const mapping::Tiling& tiling, const LayerOperands& operands,
                               std::int64_t number, std::uint64_t seed) {
  const mapping::Task& task = *context.task;
  mapping::TileWalk walk(task, tiling);
  for (std::int64_t i = 0; i < number; ++i) walk.next();
  cosim::ArrayCase test = tile_case(array, context, walk.core(), seed);
  test.gemm = tile_operands(operands, context.accelerator->mac_array.row_mapping, task, walk.core(),
                            origin(task, tiling, walk.index()));
  test.name += ", tile " + std::to_string(number);
  return test;
}

/// Counts outputs that differ; the first one that does.
std::optional<std::size_t> compare_outputs(const std::vector<std::int64_t>& expected,
                                           const OutputSums& outputs, bool same_order,
                                           LayerCheck& check) {
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const cosim::ArraySum& sum = outputs.sum(i);
    if (!same_order && sum.overflow) continue;
    ++check.outputs;
    if (sum.value == expected[i]) continue;
    ++check.mismatches;
    if (!first) first = i;
  }
  return first;
}

std::string output_text(const model::Layer& layer, std::size_t output, std::int64_t expected,
                        std::int64_t found) {
  const auto pixels = static_cast<std::size_t>(layer.out_pixels());
  return "output channel " + std::to_string(output / pixels) + ", pixel " +
         std::to_string(output % pixels) + ": the executor has " + std::to_string(expected) +
         ", the array's folds add up to " + std::to_string(found) + "; its first fold:";
}

}  // namespace

void LayerCheck::take(const cosim::ArrayCheck& tile, std::int64_t tile_cycles) {
  ++tiles;
  macs += tile.macs;
  mismatches += tile.mismatches;
  rtl_cycles += tile.run.cycles;
  expected_cycles += tile_cycles;
  coverage.add(tile.coverage);
  if (!failure) failure = tile.failure;
}

LayerCheck check_layer(cosim::ArrayModel& model, const cosim::ArraySpec& array,
                       const spec::AcceleratorSpec& design, const mapping::Task& task,
                       const mapping::Tiling& tiling, const LayerOperands& operands,
                       std::uint64_t seed) {
  const mapping::TaskContext context(task, design);
  OutputSums outputs(operands.layer(), array, task.precision.psum_bits);
  LayerCheck check;
  for (mapping::TileWalk walk(task, tiling); !walk.done(); walk.next()) {
    const mapping::TileSlice tile = walk.core();
    const TileOrigin at = origin(task, tiling, walk.index());
    cosim::ArrayCase test = tile_case(array, context, tile, seed);
    test.gemm = tile_operands(operands, design.mac_array.row_mapping, task, tile, at);
    const cosim::ArrayCheck one = cosim::check_array(model, array, test);
    check.take(one, test.expected_cycles);
    outputs.add(tile, at, test.folds, one.run.sums);
  }
  const auto known = order_of(array, design, task, tiling);
  const numeric::ReductionOrder exact{numeric::kMaxAccBits, numeric::kMaxAccBits, array.mac.policy};
  const std::vector<std::int64_t> expected = operands.sums(known.value_or(exact));
  const std::optional<std::size_t> wrong =
      compare_outputs(expected, outputs, known.has_value(), check);
  if (wrong && !check.failure) {
    const Place& place = outputs.place(*wrong);
    check.failure = cosim::array_failure(
        model, array, numbered_tile(array, context, tiling, operands, place.tile, seed), place.fold,
        place.index, {expected[*wrong], false},
        output_text(operands.layer(), *wrong, expected[*wrong], outputs.sum(*wrong).value));
  }
  return check;
}

cosim::Failure first_tile_failure(cosim::ArrayModel& model, const cosim::ArraySpec& array,
                                  const spec::AcceleratorSpec& design, const mapping::Task& task,
                                  const mapping::Tiling& tiling, const LayerOperands& operands,
                                  std::uint64_t seed, const std::string& text) {
  const mapping::TaskContext context(task, design);
  const cosim::ArrayCase test = numbered_tile(array, context, tiling, operands, 0, seed);
  return cosim::array_failure(model, array, test, test.folds.size(), 0, {}, text);
}

LayerCheck check_sampled_tiles(cosim::ArrayModel& model, const cosim::ArraySpec& array,
                               const spec::AcceleratorSpec& design, const mapping::Task& task,
                               const mapping::Tiling& tiling, std::int64_t most_macs,
                               std::uint64_t seed) {
  const mapping::TaskContext context(task, design);
  const std::int64_t total = mapping::trips(task.core, tiling).total();
  const std::set<std::int64_t> wanted = {
      0, static_cast<std::int64_t>(seed % static_cast<std::uint64_t>(total)), total - 1};
  LayerCheck check;
  std::int64_t number = 0;
  for (mapping::TileWalk walk(task, tiling); !walk.done(); walk.next(), ++number) {
    if (wanted.count(number) == 0) continue;
    const mapping::TileSlice tile = walk.core();
    const std::int64_t depth = tile.groups * task.taps() * tile.reduction;
    if (depth * tile.pixels() * tile.channels > most_macs) continue;
    cosim::ArrayCase test = tile_case(array, context, tile, seed);
    test.name += ", tile " + std::to_string(number) + " of " + std::to_string(total);
    test.gemm = cosim::random_gemm(array, tile.pixels(), depth, tile.channels, seed);
    check.take(cosim::check_array(model, array, test), test.expected_cycles);
  }
  return check;
}

}  // namespace bitscale::verify

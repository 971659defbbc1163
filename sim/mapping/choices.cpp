#include "sim/mapping/choices.h"

#include <algorithm>
#include <functional>

#include "arch/timing/fold.h"
#include "sim/mapping/pim_work.h"
#include "sim/mapping/segment.h"

namespace bitscale::mapping {
namespace {

using spec::Dataflow;

// Whether the order differs from all before it given the trips: loops of one trip do not count.
bool is_new_order(std::size_t index, const Trips& trips) {
  const auto signature = [&](const std::array<Loop, 3>& order) {
    unsigned code = 0;
    for (const Loop loop : order) {
      if (trips.of(loop) > 1) code = code * 4 + static_cast<unsigned>(loop) + 1;
    }
    return code;
  };
  for (std::size_t i = 0; i < index; ++i) {
    if (signature(kOrders[i]) == signature(kOrders[index])) return false;
  }
  return true;
}

// For each combination of loops with several trips, which orders differ.
using OrderTable = std::array<std::array<bool, 6>, 8>;

OrderTable make_order_table() {
  OrderTable table{};
  for (std::size_t mask = 0; mask < table.size(); ++mask) {
    const Trips trips{(mask & 1) != 0 ? 2 : 1, (mask & 2) != 0 ? 2 : 1, (mask & 4) != 0 ? 2 : 1};
    for (std::size_t i = 0; i < kOrders.size(); ++i) table[mask][i] = is_new_order(i, trips);
  }
  return table;
}

using Ladder = std::vector<std::int64_t>;

// The extents to choose from along each loop; a tiling is one of each.
struct Ladders {
  std::vector<Tiling> channels;  // groups and channels set
  Ladder reduction;
  std::vector<Tiling> pixels;  // images, rows and cols set
};

Ladders combine(const Extents& core, const Ladder& groups, const Ladder& channels,
                const Ladder& reduction, const std::array<Ladder, 3>& pixels) {
  Ladders choices;
  Tiling tiling;
  tiling.channels = core.channels;
  for (const std::int64_t count : groups) {
    tiling.groups = count;
    if (count > 1) choices.channels.push_back(tiling);
  }
  tiling.groups = 1;
  for (const std::int64_t count : channels) {
    tiling.channels = count;
    choices.channels.push_back(tiling);
  }
  choices.reduction = reduction;
  // Pixels: some images, some rows, part of a row (tiling.h).
  tiling.rows = core.rows;
  tiling.cols = core.cols;
  for (const std::int64_t images : pixels[0]) {
    tiling.images = images;
    choices.pixels.push_back(tiling);
  }
  tiling.images = 1;
  for (const std::int64_t rows : pixels[1]) {
    tiling.rows = rows;
    if (rows < core.rows) choices.pixels.push_back(tiling);
  }
  tiling.rows = 1;
  for (const std::int64_t cols : pixels[2]) {
    tiling.cols = cols;
    if (cols < core.cols) choices.pixels.push_back(tiling);
  }
  return choices;
}

// Which loop of the product streams, lies on the array's rows, on its columns.
struct Roles {
  Loop streamed, rows, cols;
};

Roles roles_of(Dataflow dataflow) {
  switch (dataflow) {
    case Dataflow::WeightStationary:
      return {Loop::Pixels, Loop::Reduction, Loop::Channels};
    case Dataflow::InputStationary:
      return {Loop::Channels, Loop::Reduction, Loop::Pixels};
    case Dataflow::OutputStationary:
      break;
  }
  return {Loop::Reduction, Loop::Pixels, Loop::Channels};
}

// Channels per tile on PIM arrays: whole wordlines of weights as wide as the task's, and of each
// wider width too. What a wider weight may choose, every narrower one may then choose as well, so
// no optimum rises when weights get narrower.
Ladder pim_channels(const spec::PimArraySpec& pim, const Task& task) {
  Ladder all;
  std::int64_t before = 0;
  for (int bits = task.precision.weight_bits; bits <= pim.weight_bits; ++bits) {
    const std::int64_t weights = spec::weights_per_wordline(pim, bits);
    if (weights == before) continue;
    before = weights;
    const Ladder own = halvings(task.core.channels, weights);
    all.insert(all.end(), own.begin(), own.end());
  }
  std::sort(all.begin(), all.end(), std::greater<>());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Ladders searched_ladders(const TaskContext& context) {
  const Extents& core = context.task->core;
  const spec::MacArraySpec& array = context.accelerator->mac_array;
  const Roles roles = roles_of(array.dataflow);
  const auto depth = static_cast<std::int64_t>(static_cast<double>(array.rows) *
                                               std::max(1.0, context.macs_per_cycle));
  std::int64_t rows =
      roles.rows == Loop::Reduction ? std::max<std::int64_t>(1, depth / context.task->taps()) : 1;
  Ladder channels = halvings(core.channels, roles.cols == Loop::Channels ? array.cols : 1);
  if (context.task->on_pim) {
    const spec::PimArraySpec& pim = *context.accelerator->pim;
    rows = std::max<std::int64_t>(1, pim.wordlines / context.task->taps());
    channels = pim_channels(pim, *context.task);
  }
  return combine(core, halvings(core.groups, 1), channels, halvings(core.reduction, rows),
                 {halvings(core.images, 1), halvings(core.rows, 1), halvings(core.cols, 1)});
}

// Least cycles of one fold (arch/timing/fold.h).
std::int64_t fold_cycles(const spec::MacArraySpec& array, std::int64_t stream) {
  if (array.shadow_weights) return std::max(stream, array.rows);
  return array.dataflow == Dataflow::OutputStationary ? stream + array.rows
                                                      : stream + 2 * array.rows - 1;
}

// Adds the tiles along one loop to its factor. With shadow registers a tile's last fold takes more
// than the others: `ends` sums the loop's part of that.
void add_folds(const TaskContext& context, Loop loop, std::int64_t extent, std::int64_t count,
               Factor& factor) {
  const spec::MacArraySpec& array = context.accelerator->mac_array;
  const Roles roles = roles_of(array.dataflow);
  timing::ArrayWork work;
  work.taps = context.task->taps();
  if (loop == Loop::Channels) work.channels = extent;
  if (loop == Loop::Pixels) work.pixels = extent;
  if (loop == Loop::Reduction) work.tap_channels = extent;
  const timing::FoldGrid grid = timing::fold_grid(array, work, context.macs_per_cycle);
  if (loop == roles.streamed) {
    factor.folds += count * fold_cycles(array, grid.stream);
    factor.ends += count * (grid.stream - std::max(grid.stream, array.rows));
  } else if (loop == roles.rows) {
    factor.folds += count * grid.row_folds;
    const bool by_rows = array.dataflow == Dataflow::OutputStationary;
    factor.ends += count * (by_rows ? grid.last_rows : array.rows);
  } else {
    factor.folds += count * grid.col_folds;
    factor.ends += count * (grid.last_cols - 2 + array.rows);
  }
}

std::vector<Factor> channel_factors(const TaskContext& context, const Ladders& choices) {
  const Task& task = *context.task;
  std::vector<Factor> factors;
  for (const Tiling& tiling : choices.channels) {
    Factor factor;
    factor.tiling = tiling;
    factor.within = (task.core.channels + tiling.channels - 1) / tiling.channels;
    factor.trips = (task.core.groups + tiling.groups - 1) / tiling.groups * factor.within;
    for_each_segment(channel_cut(task, tiling), [&](const Segment& segment) {
      add_folds(context, Loop::Channels, segment.tile, segment.count, factor);
    });
    factor.ends *= factor.trips / factor.within;
    factors.push_back(factor);
  }
  return factors;
}

std::vector<Factor> reduction_factors(const TaskContext& context, const Ladders& choices) {
  const Task& task = *context.task;
  std::vector<Factor> factors;
  for (const std::int64_t reduction : choices.reduction) {
    Factor factor;
    factor.tiling.reduction = reduction;
    factor.trips = (task.core.reduction + reduction - 1) / reduction;
    for_each_segment(reduction_cut(task, factor.tiling), [&](const Segment& segment) {
      add_folds(context, Loop::Reduction, segment.tile, segment.count, factor);
    });
    factors.push_back(factor);
  }
  return factors;
}

std::vector<Factor> pixel_factors(const TaskContext& context, const Ladders& choices) {
  const Task& task = *context.task;
  std::vector<Factor> factors;
  for (const Tiling& tiling : choices.pixels) {
    Factor factor;
    factor.tiling = tiling;
    factor.trips = 0;
    for_each_pixel_segment(task, tiling, [&](const Segment& segment) {
      factor.trips += segment.count;
      factor.inputs += segment.count * segment.inputs;
      add_folds(context, Loop::Pixels, segment.tile, segment.count, factor);
    });
    factor.largest_inputs = largest_input_tile(task, tiling);
    factors.push_back(factor);
  }
  return factors;
}

Ladder everything(std::int64_t extent) {
  Ladder all;
  for (std::int64_t value = extent; value >= 1; --value) all.push_back(value);
  return all;
}

}  // namespace

const std::array<bool, 6>& distinct_orders(const Trips& trips) {
  static const OrderTable kTable = make_order_table();
  return kTable[(trips.channels > 1 ? 1u : 0u) + (trips.pixels > 1 ? 2u : 0u) +
                (trips.reduction > 1 ? 4u : 0u)];
}

std::vector<std::int64_t> halvings(std::int64_t extent, std::int64_t align) {
  Ladder values;
  for (std::int64_t parts = 1; parts < 2 * extent; parts *= 2) {
    std::int64_t value = (extent + parts - 1) / parts;
    if (value > align) {
      value = std::min(extent, (value + align - 1) / align * align);
    } else if (align > 1 && !values.empty() && values.back() <= align && value > 1) {
      parts *= 2;
      value = (extent + parts - 1) / parts;
    }
    if (values.empty() || value < values.back()) values.push_back(value);
  }
  if (values.back() > 1) values.push_back(1);
  return values;
}

Choices searched_choices(const TaskContext& context) {
  const Ladders ladders = searched_ladders(context);
  return {channel_factors(context, ladders), reduction_factors(context, ladders),
          pixel_factors(context, ladders)};
}

std::vector<Tiling> all_tilings(const Task& task) {
  const Extents& core = task.core;
  const Ladders choices =
      combine(core, everything(core.groups), everything(core.channels), everything(core.reduction),
              {everything(core.images), everything(core.rows), everything(core.cols)});
  std::vector<Tiling> list;
  for (const Tiling& channels : choices.channels) {
    for (const std::int64_t reduction : choices.reduction) {
      if (channels.groups > 1 && reduction < core.reduction) continue;
      for (Tiling tiling : choices.pixels) {
        tiling.groups = channels.groups;
        tiling.channels = channels.channels;
        tiling.reduction = reduction;
        const auto& distinct = distinct_orders(trips(core, tiling));
        for (std::size_t i = 0; i < kOrders.size(); ++i) {
          tiling.order = kOrders[i];
          if (distinct[i]) list.push_back(tiling);
        }
      }
    }
  }
  return list;
}

}  // namespace bitscale::mapping

#include "sim/mapping/bounds.h"

#include <array>

#include "arch/base/error.h"

namespace bitscale::mapping {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kMostLanes = 256;  // three ladders of halved 64-bit extents have fewer
using Lanes = std::array<double, kMostLanes>;
constexpr Lanes kZeros{};

// What is the same for all candidates of a task under one placement.
struct Terms {
  bool shared;
  double weight_room, act_room, output_room;
  double skip_bytes, store_bytes, cycles_per_byte, post_cycles, latency_cycles, exchange_cycles;
  double busy_array;
  double limit;
};

// One order of a row: where its bounds go, and its columns.
struct OrderLanes {
  std::size_t slab;
  const double *input_again, *gaps, *output_room;
  double weights_again;
};

// The columns of a row; of operands that are not loaded, zeros.
struct RowLanes {
  std::size_t width;
  const CandidateGrid::Row* row;
  double weight_bytes, first_weight_bytes, weight_room;
  const double *folds, *trips, *ends;
  const double *input_bytes, *first_input_bytes, *input_room, *expanded_room;
  const double *output_share, *skip_room;
  std::size_t orders;
  std::array<OrderLanes, kSearchedOrders> order;
};

// Lanes of a column, by the compiler's vectors: two or more instructions where the machine has
// narrower ones. They stay inside functions, for how they are passed depends on the machine.
using Four [[gnu::vector_size(kGridLanes * sizeof(double)), gnu::aligned(8), gnu::may_alias]] =
    double;
const Four& four(const double* column, std::size_t i) {
  return *reinterpret_cast<const Four*>(column + i);
}
Four& four(double* column, std::size_t i) { return *reinterpret_cast<Four*>(column + i); }

// What a row's candidates have in common with those in its other orders.
struct Common {
  Lanes array, rest, over;
};

__attribute__((always_inline)) inline double least_of(const Four& least) {
  return std::min(std::min(least[0], least[1]), std::min(least[2], least[3]));
}

// The array waits for the first tile, the last one's outputs for post-processing and the store.
// Returns what no bound of the row falls below.
__attribute__((always_inline)) inline double bound_array(const Terms& t, const RowLanes& row,
                                                         Common& common) {
  const double after = t.post_cycles + t.store_bytes * t.cycles_per_byte;
  // Behind the last load the DRAM still stores the outputs of the tile before, and waits if the
  // last one's are not ready then.
  const double tail = t.post_cycles - t.store_bytes * t.cycles_per_byte;
  const CandidateGrid::Row& by = *row.row;
  Four least = Four{} + kNever;
  for (std::size_t i = 0; i < row.width; i += kGridLanes) {
    const Four first = four(row.first_input_bytes, i) + row.first_weight_bytes;
    const Four share = four(row.output_share, i);
    const Four cycles = by.by_folds * four(row.folds, i) + by.by_trips * four(row.trips, i) +
                        by.by_ends * four(row.ends, i) + by.rest;
    const Four array = t.latency_cycles + first * t.cycles_per_byte + cycles + share * after;
    const Four act = four(row.expanded_room, i) + four(row.input_room, i) + four(row.skip_room, i);
    const Four over_act = act - t.act_room;
    const Four over_weight = Four{} + (row.weight_room - t.weight_room);
    const Four apart = over_act > over_weight ? over_act : over_weight;
    four(common.array.data(), i) = array;
    const Four rest = t.latency_cycles + tail * share;
    four(common.rest.data(), i) = t.busy_array * (rest > 0 ? rest : Four{});
    four(common.over.data(), i) = t.shared ? row.weight_room + act - t.weight_room : apart;
    least = array < least ? array : least;
  }
  return Bounder::kRounding * (std::max(least_of(least), t.post_cycles) + t.exchange_cycles);
}

// The DRAM moves every byte. footprint() and fits() over columns decide who fits: a streamed
// operand without MACs needs no room, 0 bytes. Returns the least.
__attribute__((always_inline)) inline double bound_order(const Terms& t, const RowLanes& row,
                                                         const OrderLanes& order,
                                                         const Common& common, double* bounds) {
  const double stored = t.skip_bytes + t.store_bytes;
  const double channels = row.row->channel_trips - 1;
  const double output_room = t.shared ? 0 : t.output_room;
  const Four never = Four{} + kNever;
  const Four post = Four{} + t.post_cycles;
  Four least = never;
  for (std::size_t i = 0; i < row.width; i += kGridLanes) {
    const Four inputs = four(row.input_bytes, i) * (1 + four(order.input_again, i) * channels);
    const Four weights = row.weight_bytes * (1 + order.weights_again * (four(row.trips, i) - 1));
    const Four dram = (inputs + weights + stored) * t.cycles_per_byte + four(common.rest.data(), i);
    const Four array = four(common.array.data(), i);
    Four cycles = array > dram ? array : dram;
    cycles = cycles > post ? cycles : post;
    const Four bound = Bounder::kRounding * (cycles + t.exchange_cycles) + four(order.gaps, i);
    const Four before = four(common.over.data(), i);
    const Four output = four(order.output_room, i) - output_room;
    const Four more = t.shared ? before + output : output;
    const Four over = before > more ? before : more;
    const Four value = over > 0 ? never : bound;
    four(bounds, i) = value;
    least = value < least ? value : least;
  }
  return least_of(least);
}

__attribute__((always_inline)) inline void bound_row(const Terms& terms, const RowLanes& row,
                                                     Bounds& bounds) {
  Common common;
  if (bound_array(terms, row, common) > terms.limit) return;
  for (std::size_t i = 0; i < row.orders; ++i) {
    const OrderLanes& order = row.order[i];
    bounds.set_least(order.slab, bound_order(terms, row, order, common, bounds.slab(order.slab)));
  }
}

using BoundRow = void (*)(const Terms&, const RowLanes&, Bounds&);

void bound_row_plain(const Terms& terms, const RowLanes& row, Bounds& bounds) {
  bound_row(terms, row, bounds);
}

// The same operations in the same order, four candidates at a time: the same bits.
#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2"))) void bound_row_avx2(const Terms& terms, const RowLanes& row,
                                                    Bounds& bounds) {
  bound_row(terms, row, bounds);
}

BoundRow fastest() { return __builtin_cpu_supports("avx2") ? bound_row_avx2 : bound_row_plain; }
#else
BoundRow fastest() { return bound_row_plain; }
#endif

std::size_t room_column(HeldOutputs held) {
  if (held == HeldOutputs::One) return CandidateGrid::kRoom;
  return held == HeldOutputs::PixelTrips ? CandidateGrid::kRoomByPixels
                                         : CandidateGrid::kRoomByChannels;
}

void set_orders(const CandidateGrid& grid, std::size_t index, RowLanes& lanes) {
  const CandidateGrid::Row& row = grid.rows()[index];
  lanes.orders = 0;
  for (std::uint32_t i = 0; i < kSearchedOrders; ++i) {
    const CandidateGrid::Order& order = grid.order(row, i);
    if (!order.exists) continue;
    lanes.order[lanes.orders++] = {index * kSearchedOrders + i, grid.loads_inputs_again(row, i),
                                   grid.gaps(row, i), grid.output(row, room_column(order.held)),
                                   order.loads_weights_again ? 1.0 : 0.0};
  }
}

}  // namespace

Room whole_room(const spec::BuffersSpec& buffers) {
  if (buffers.shared) return {buffers.weight.capacity_bytes, 0, 0};
  return {buffers.weight.capacity_bytes, buffers.act.capacity_bytes, buffers.output.capacity_bytes};
}

bool fits(const spec::BuffersSpec& buffers, const Footprint& need, const Room& room) {
  if (buffers.shared) {
    return need.weight_bytes + need.act_bytes + need.output_bytes <= room.weight_bytes;
  }
  return need.weight_bytes <= room.weight_bytes && need.act_bytes <= room.act_bytes &&
         need.output_bytes <= room.output_bytes;
}

void Bounds::reset(std::size_t slabs, std::size_t width) {
  width_ = width;
  values_.resize(slabs * width);
  least_.assign(slabs, kNever);
}

double Bounds::least() const {
  return least_.empty() ? kNever : *std::min_element(least_.begin(), least_.end());
}

Bounder::Bounder(const TaskContext& context, const CandidateGrid& grid, const Placement& placement)
    : grid_(grid),
      shared_(context.accelerator->buffers.shared),
      weights_(placement.weights == WeightPlacement::Streamed && context.task->has_macs),
      inputs_(!placement.input),
      busy_array_(context.task->has_macs && context.accelerator->buffers.double_buffering ? 1 : 0) {
  const Task& task = *context.task;
  const auto outputs = static_cast<double>(task.whole.outputs());
  for (std::size_t i = 0; i < task.skips.size(); ++i) {
    if (placement.keeps_skip(i)) continue;
    loaded_skips_.push_back(CandidateGrid::kSkipRooms + i);
    skip_bytes_ += outputs * task.skip_bits[i] / 8;
  }
  store_bytes_ = placement.output ? 0 : outputs * task.output_bits / 8;
  cycles_per_byte_ = 1 / context.accelerator->dram_bytes_per_cycle();
  if (!folds_whole_layers(context)) {
    post_cycles_ = static_cast<double>(task.core.outputs() * task.post_steps) /
                   static_cast<double>(context.accelerator->post_processing.lanes);
  }
  if (weights_ || inputs_) {
    latency_cycles_ = static_cast<double>(context.accelerator->dram_latency_cycles());
  }
  exchange_cycles_ = static_cast<double>(exchange_cost(context, placement).cycles);
}

double Bounder::loads(std::uint32_t number) const {
  const std::size_t lane = number % grid_.width();
  const auto order = static_cast<std::uint32_t>(number / grid_.width() % kSearchedOrders);
  const CandidateGrid::Row& row = grid_.rows()[number / grid_.width() / kSearchedOrders];
  double bytes = skip_bytes_;
  if (weights_) {
    bytes += grid_.weight_bytes() * (grid_.order(row, order).loads_weights_again
                                         ? grid_.pixels(CandidateGrid::kTrips)[lane]
                                         : 1);
  }
  if (inputs_) {
    bytes += grid_.input(row, CandidateGrid::kBytes)[lane] *
             (grid_.loads_inputs_again(row, order)[lane] > 0 ? row.channel_trips : 1);
  }
  return bytes;
}

void Bounder::bound(const Room& room, Bounds& bounds, double limit) const {
  static const BoundRow kBoundRow = fastest();
  BITSCALE_INVARIANT(grid_.width() <= kMostLanes,
                     "a grid has more choices of pixels than halvings");
  const Terms terms{shared_,
                    static_cast<double>(room.weight_bytes),
                    static_cast<double>(room.act_bytes),
                    static_cast<double>(room.output_bytes),
                    skip_bytes_,
                    store_bytes_,
                    cycles_per_byte_,
                    post_cycles_,
                    latency_cycles_,
                    exchange_cycles_,
                    busy_array_,
                    limit};
  bounds.reset(grid_.rows().size() * kSearchedOrders, grid_.width());
  Lanes skips{};
  RowLanes lanes{};
  lanes.width = grid_.width();
  lanes.folds = grid_.pixels(CandidateGrid::kFolds);
  lanes.trips = grid_.pixels(CandidateGrid::kTrips);
  lanes.ends = grid_.pixels(CandidateGrid::kEnds);
  lanes.skip_room = skips.data();
  for (std::size_t i = 0; i < grid_.rows().size(); ++i) {
    const CandidateGrid::Row& row = grid_.rows()[i];
    if (weights_ && row.weight_room > terms.weight_room) continue;  // none fits
    lanes.row = &row;
    lanes.weight_bytes = weights_ ? grid_.weight_bytes() : 0;
    lanes.first_weight_bytes = weights_ ? row.first_weight_bytes : 0;
    lanes.weight_room = weights_ ? row.weight_room : 0;
    const auto input = [&](CandidateGrid::InputColumn column) {
      return inputs_ ? grid_.input(row, column) : kZeros.data();
    };
    lanes.input_bytes = input(CandidateGrid::kBytes);
    lanes.first_input_bytes = input(CandidateGrid::kFirstBytes);
    lanes.input_room = input(CandidateGrid::kInputRoom);
    lanes.expanded_room = grid_.input(row, CandidateGrid::kExpandedRoom);
    lanes.output_share = grid_.output(row, CandidateGrid::kShare);
    if (!loaded_skips_.empty()) skips.fill(0);
    for (const std::size_t column : loaded_skips_) {
      for (std::size_t k = 0; k < lanes.width; ++k) skips[k] += grid_.output(row, column)[k];
    }
    set_orders(grid_, i, lanes);
    kBoundRow(terms, lanes, bounds);
  }
}

}  // namespace bitscale::mapping

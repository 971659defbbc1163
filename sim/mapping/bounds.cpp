#include "sim/mapping/bounds.h"

#include <array>
#include <limits>

namespace bitscale::mapping {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kBlock = Bounds::kBlock;
using Column = std::array<double, kBlock>;
constexpr Column kZeros{};

// What is the same for all candidates of a task under one placement.
struct Terms {
  bool shared;
  double weight_room, act_room, output_room;
  double skip_bytes, store_bytes, cycles_per_byte, post_cycles, latency_cycles, exchange_cycles;
  double busy_array;
};

// The columns from a block's first candidate on; of operands that are not loaded, zeros.
struct Block {
  const double *array_cycles, *output_share;
  const double *weight_bytes, *first_weight_bytes, *weight_room;
  const double *input_bytes, *first_input_bytes, *input_room;
  const double *expanded_room, *output_room, *skip_room;
};

// The array waits for the first tile, the last one's outputs for post-processing and the store; the
// DRAM moves every byte. footprint() and fits() over columns decide who fits: a streamed operand
// without MACs needs no room, 0 bytes.
__attribute__((always_inline)) inline void bound_block(const Terms& terms, const Block& block,
                                                       std::size_t count, double* bounds) {
  const Terms t = terms;
  Column values;  // of this function, so that the compiler knows it to overlap no column
  const double after = t.post_cycles + t.store_bytes * t.cycles_per_byte;
  const double stored = t.skip_bytes + t.store_bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const double first = block.first_input_bytes[i] + block.first_weight_bytes[i];
    const double share = block.output_share[i];
    const double array =
        t.latency_cycles + first * t.cycles_per_byte + block.array_cycles[i] + share * after;
    const double rest = t.busy_array * (t.latency_cycles + t.post_cycles * share);
    const double moved = block.input_bytes[i] + block.weight_bytes[i] + stored;
    const double dram = moved * t.cycles_per_byte + rest;
    const double least = std::max(std::max(array, dram), t.post_cycles);
    values[i] = Bounder::kRounding * (least + t.exchange_cycles);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const double act = block.expanded_room[i] + block.input_room[i] + block.skip_room[i];
    const double weight = block.weight_room[i];
    const double output = block.output_room[i];
    const double whole = weight + act + output - t.weight_room;
    double apart = output - t.output_room;
    apart = std::max(apart, weight - t.weight_room);
    apart = std::max(apart, act - t.act_room);
    const double over = t.shared ? whole : apart;
    values[i] = over > 0 ? kNever : values[i];
  }
  std::copy_n(values.begin(), count, bounds);
}

using BoundBlock = void (*)(const Terms&, const Block&, std::size_t, double*);

void bound_block_plain(const Terms& terms, const Block& block, std::size_t count, double* bounds) {
  bound_block(terms, block, count, bounds);
}

// The same operations in the same order, four candidates at a time: the same bits.
#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2"))) void bound_block_avx2(const Terms& terms, const Block& block,
                                                      std::size_t count, double* bounds) {
  bound_block(terms, block, count, bounds);
}

BoundBlock fastest() {
  return __builtin_cpu_supports("avx2") ? bound_block_avx2 : bound_block_plain;
}
#else
BoundBlock fastest() { return bound_block_plain; }
#endif

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

double Bounds::find_least() {
  double all = kNever;
  least_.clear();
  for (std::size_t begin = 0; begin < values_.size(); begin += kBlock) {
    const std::size_t end = std::min(values_.size(), begin + kBlock);
    std::array<double, 4> lanes{kNever, kNever, kNever, kNever};
    std::size_t i = begin;
    for (; i + lanes.size() <= end; i += lanes.size()) {
      for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
        const double value = values_[i + lane];
        lanes[lane] = value < lanes[lane] ? value : lanes[lane];
      }
    }
    for (; i < end; ++i) lanes[0] = std::min(lanes[0], values_[i]);
    least_.push_back(*std::min_element(lanes.begin(), lanes.end()));
    all = std::min(all, least_.back());
  }
  return all;
}

Bounder::Bounder(const TaskContext& context, const Outlines& outlines, const Placement& placement)
    : outlines_(outlines),
      shared_(context.accelerator->buffers.shared),
      weight_(placement.weights == WeightPlacement::Streamed && context.task->has_macs ? 1 : 0),
      input_(placement.input ? 0 : 1),
      busy_array_(context.task->has_macs && context.accelerator->buffers.double_buffering ? 1 : 0) {
  const Task& task = *context.task;
  const auto outputs = static_cast<double>(task.whole.outputs());
  for (std::size_t i = 0; i < task.skips.size(); ++i) {
    if (placement.keeps_skip(i)) continue;
    skip_rooms_.push_back(outlines_.skip_rooms[i].data());
    skip_bytes_ += outputs * task.skip_bits[i] / 8;
  }
  store_bytes_ = placement.output ? 0 : outputs * task.output_bits / 8;
  cycles_per_byte_ = 1 / context.accelerator->dram_bytes_per_cycle();
  if (!folds_whole_layers(context)) {
    post_cycles_ = static_cast<double>(task.core.outputs() * task.post_steps) /
                   static_cast<double>(context.accelerator->post_processing.lanes);
  }
  if (weight_ + input_ > 0) {
    latency_cycles_ = static_cast<double>(context.accelerator->dram_latency_cycles());
  }
  exchange_cycles_ = static_cast<double>(exchange_cost(context, placement).cycles);
}

void Bounder::bound(const Room& room, Bounds& bounds) const {
  static const BoundBlock kBoundBlock = fastest();
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
                    busy_array_};
  const Outlines& out = outlines_;
  Column skips{};
  for (std::size_t begin = 0; begin < bounds.size(); begin += kBlock) {
    const std::size_t count = std::min(kBlock, bounds.size() - begin);
    const auto loaded = [&](double factor, const std::vector<double>& column) {
      return factor > 0 ? column.data() + begin : kZeros.data();
    };
    skips.fill(0);
    for (const double* skip_room : skip_rooms_) {
      for (std::size_t i = 0; i < count; ++i) skips[i] += skip_room[begin + i];
    }
    const Block block{out.array_cycles.data() + begin,
                      out.output_share.data() + begin,
                      loaded(weight_, out.weight_bytes),
                      loaded(weight_, out.first_weight_bytes),
                      loaded(weight_, out.weight_room),
                      loaded(input_, out.input_bytes),
                      loaded(input_, out.first_input_bytes),
                      loaded(input_, out.input_room),
                      out.expanded_room.data() + begin,
                      out.output_room.data() + begin,
                      skip_rooms_.empty() ? kZeros.data() : skips.data()};
    kBoundBlock(terms, block, count, bounds.data() + begin);
  }
}

}  // namespace bitscale::mapping

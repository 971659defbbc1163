#include "sim/run/mapped_order.h"

#include <algorithm>

namespace bitscale::run {
namespace {

// Products that one pass takes of `together`, which no pass exceeds.
std::int64_t pass_of(const mapping::Task& task, const spec::AcceleratorSpec& design,
                     std::int64_t together) {
  if (task.on_pim) return std::min(design.pim->wordlines, together);
  const spec::MacArraySpec& array = design.mac_array;
  if (array.dataflow == spec::Dataflow::OutputStationary) return together;
  const double parallel = std::max(
      1.0, spec::macs_per_pe_cycle(array.pe, task.precision.weight_bits, task.precision.act_bits));
  const double rows = static_cast<double>(array.rows) * parallel;
  return std::min(static_cast<std::int64_t>(rows), together);
}

// Steps of a tile that takes its kernel taps one after the other.
void add_tap_steps(std::int64_t first, std::int64_t count, std::int64_t taps,
                   std::vector<std::size_t>& steps) {
  for (std::int64_t tap = 0; tap < taps; ++tap) {
    for (std::int64_t c = first; c < first + count; ++c) {
      steps.push_back(static_cast<std::size_t>(c * taps + tap));
    }
  }
}

// A run of `length` steps whose passes begin and end with it.
void add_ends(std::int64_t length, std::int64_t pass, std::vector<std::size_t>& ends) {
  const std::size_t begin = ends.empty() ? 0 : ends.back();
  for (std::int64_t at = pass; at < length; at += pass) {
    ends.push_back(begin + static_cast<std::size_t>(at));
  }
  ends.push_back(begin + static_cast<std::size_t>(length));
}

// Chunks of one length (but the last) need no list.
void simplify(numeric::ReductionOrder& order) {
  std::size_t begin = 0, longest = 0;
  for (const std::size_t end : order.chunk_ends) {
    longest = std::max(longest, end - begin);
    begin = end;
  }
  order.chunk_length = longest;
  bool alike = true;
  for (std::size_t i = 0; i + 1 < order.chunk_ends.size(); ++i) {
    alike = alike && order.chunk_ends[i] == (i + 1) * longest;
  }
  if (alike) order.chunk_ends.clear();
}

}  // namespace

numeric::ReductionOrder mapped_order(const mapping::Task& task, const mapping::Tiling& tiling,
                                     const spec::AcceleratorSpec& design) {
  const spec::MacArraySpec& array = design.mac_array;
  const std::int64_t taps = task.taps(), channels = task.whole.reduction;
  const bool by_tap = !task.on_pim && array.row_mapping == spec::RowMapping::Channels && taps > 1;
  const bool outputs_stay = !task.on_pim && array.dataflow == spec::Dataflow::OutputStationary;
  numeric::ReductionOrder order{task.precision.acc_bits, task.precision.psum_bits,
                                array.pe.overflow, 0};
  if (task.on_pim) {
    order.acc_bits = design.pim->acc_bits;
    order.policy = design.pim->overflow;
    order.narrow_chunks = true;
  }
  for (std::int64_t first = 0; first < channels; first += tiling.reduction) {
    const std::int64_t count = std::min(tiling.reduction, channels - first);
    if (by_tap) add_tap_steps(first, count, taps, order.steps);
    const std::int64_t runs = by_tap && !outputs_stay ? taps : 1;
    const std::int64_t length = count * taps / runs;
    for (std::int64_t run = 0; run < runs; ++run) {
      add_ends(length, pass_of(task, design, length), order.chunk_ends);
    }
  }
  simplify(order);
  return order;
}

}  // namespace bitscale::run

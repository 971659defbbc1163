#include "workloads/exec/sum_toggles.h"

#include <algorithm>
#include <bitset>
#include <vector>

namespace bitscale::exec {
namespace {

using numeric::CodeView;

constexpr std::size_t kPlaces = 4;  // channels, and pixels, whose outputs are followed

/// Register contents after each product of one output.
std::vector<std::uint64_t> running_sums(const CodeView& weights, std::size_t channel,
                                        const CodeView& acts, std::size_t pixel,
                                        const numeric::ReductionOrder& order) {
  const std::uint64_t mask = (std::uint64_t{1} << order.acc_bits) - 1;
  const auto policy = order.policy == numeric::OverflowPolicy::SaturateEachStep
                          ? numeric::OverflowPolicy::SaturateEachStep
                          : numeric::OverflowPolicy::Wrap;
  std::vector<std::uint64_t> sums;
  sums.reserve(weights.length);
  std::int64_t sum = 0;
  std::size_t end = order.chunk_end(0, weights.length);
  for (std::size_t step = 0; step < weights.length; ++step) {
    if (step == end) {
      sum = 0;
      end = order.chunk_end(step, weights.length);
    }
    const std::size_t k = order.product(step);
    sum =
        numeric::accumulate(sum, weights.at(channel, k) * acts.at(pixel, k), order.acc_bits, policy)
            .value;
    sums.push_back(static_cast<std::uint64_t>(sum) & mask);
  }
  return sums;
}

/// Up to kPlaces of an extent, spread over it.
std::vector<std::size_t> places(std::size_t extent) {
  const std::size_t count = std::min(extent, kPlaces);
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < count; ++i)
    found.push_back(count == 1 ? 0 : (extent - 1) * i / (count - 1));
  return found;
}

}  // namespace

double ToggleCount::rate() const {
  return transition_bits == 0
             ? 0.0
             : static_cast<double>(toggled_bits) / static_cast<double>(transition_bits);
}

void ToggleCount::merge(const ToggleCount& other) {
  toggled_bits += other.toggled_bits;
  transition_bits += other.transition_bits;
}

ToggleCount sum_toggles(const CodeView& weights, const CodeView& acts,
                        const numeric::ReductionOrder& order) {
  ToggleCount toggles;
  for (const std::size_t channel : places(weights.vectors)) {
    for (const std::size_t pixel : places(acts.vectors)) {
      const std::vector<std::uint64_t> sums = running_sums(weights, channel, acts, pixel, order);
      for (std::size_t k = 1; k < sums.size(); ++k) {
        const std::bitset<64> changed(sums[k - 1] ^ sums[k]);
        toggles.toggled_bits += static_cast<std::int64_t>(changed.count());
        toggles.transition_bits += order.acc_bits;
      }
    }
  }
  return toggles;
}

}  // namespace bitscale::exec

#include "workloads/exec/activity.h"

#include <algorithm>
#include <vector>

#include "workloads/exec/patches.h"

namespace bitscale::exec {
namespace {

using numeric::CodeView;
using numeric::StreamStatistics;

constexpr std::int64_t kSampledGroups = 4;

/// Streams over the vectors of a view, one per step (a lone vector: one stream over its steps);
/// `zeros[k]` counts codes 0 at step k.
StreamStatistics view_streams(const CodeView& view, int bits, std::vector<std::int64_t>* zeros) {
  StreamStatistics all;
  zeros->assign(view.length, 0);
  view.visit([&](const auto* codes) {
    for (std::size_t k = 0; k < view.length; ++k) {
      const StreamStatistics one = numeric::stream_statistics(
          codes + k * view.step_stride, view.vectors, view.vector_stride, bits);
      (*zeros)[k] = one.codes - one.nonzero;
      if (view.vectors > 1) all.merge(one);
    }
    if (view.vectors == 1) {
      all = numeric::stream_statistics(codes, view.length, view.step_stride, bits);
    }
  });
  return all;
}

}  // namespace

double MacActivity::activation_density() const {
  return act_elements == 0 ? 0.0
                           : static_cast<double>(act_nonzero) / static_cast<double>(act_elements);
}

void MacActivity::merge(const MacActivity& other) {
  act_elements += other.act_elements;
  act_nonzero += other.act_nonzero;
  acts.merge(other.acts);
  weights.merge(other.weights);
  macs.pairs += other.macs.pairs;
  macs.zero_weight += other.macs.zero_weight;
  macs.zero_act += other.macs.zero_act;
  macs.zero_either += other.macs.zero_either;
  sums.merge(other.sums);
}

MacActivity measure_activity(const MacLayer& mac, const numeric::OperandEncoding& act_encoding,
                             const model::Tensor& acts, const model::Tensor* second) {
  MacActivity activity;
  activity.act_elements = acts.elements();
  // Encodings without a code for 0 have no zero activations.
  const std::int64_t zero_code = act_encoding.zero_code().value_or(act_encoding.codes().min() - 1);
  model::visit_elements(acts, [&](const auto* codes) {
    activity.act_nonzero = std::count_if(codes, codes + acts.elements(), [&](auto code) {
      return static_cast<std::int64_t>(code) != zero_code;
    });
  });
  const model::Layer& layer = mac.layer();
  const int weight_bits = mac.weight_bits();
  std::vector<std::int64_t> zero_acts, zero_weights;
  for (std::int64_t g = 0; g < layer.groups; ++g) {
    const Patches patches(layer, mac.node().layout, acts, g, mac.pad_code());
    const CodeView weights = mac.weight_view(second, g);
    activity.acts.merge(view_streams(patches.view(), act_encoding.bits, &zero_acts));
    activity.weights.merge(view_streams(weights, weight_bits, &zero_weights));
    const auto rows = static_cast<std::int64_t>(weights.vectors);
    const auto columns = static_cast<std::int64_t>(patches.view().vectors);
    for (std::size_t k = 0; k < weights.length; ++k) {
      activity.macs.zero_weight += zero_weights[k] * columns;
      activity.macs.zero_act += zero_acts[k] * rows;
      activity.macs.zero_either +=
          rows * columns - (rows - zero_weights[k]) * (columns - zero_acts[k]);
    }
    activity.macs.pairs += rows * columns * static_cast<std::int64_t>(weights.length);
    const numeric::ReductionOrder& order = mac.options().order;
    if (g < kSampledGroups && !order.narrow_chunks) {
      activity.sums.merge(sum_toggles(weights, patches.view(), order));
    }
  }
  return activity;
}

}  // namespace bitscale::exec

#include "sim/cli/tensor_report.h"

#include <algorithm>

#include "arch/numeric/encoding.h"

namespace bitscale::cli {
namespace {

/// The task that does a network layer.
std::size_t task_of(const mapping::TaskGraph& tasks, int layer) {
  for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
    for (const int done : tasks.tasks[t].layers) {
      if (done == layer) return t;
    }
  }
  throw base::InternalError("a layer without a task");
}

report::ChannelUse channel_use(const exec::ChannelOverflow& channel,
                               const numeric::ReductionOrder& order) {
  const numeric::OverflowStats& acc = channel.account.acc;
  const numeric::OverflowStats& psum = channel.account.psum;
  report::ChannelUse use;
  use.l1_norm = channel.bounds.codes.l1_norm;
  use.data_type_bound_bits = channel.bounds.data_type_bits();
  use.l1_bound_bits = channel.bounds.l1_bits();
  use.exact_bound_bits = channel.bounds.exact_bits();
  use.l1_slack_bits = channel.bounds.l1_slack_bits();
  use.steps = acc.steps + psum.steps;
  use.overflows = acc.overflows + psum.overflows;
  if (use.steps > 0) {
    use.overflow_rate = static_cast<double>(use.overflows) / static_cast<double>(use.steps);
  }
  use.overflowed_outputs = channel.account.lossy_outputs;
  use.max_abs_partial_sum = std::max(acc.max_abs_sum(), psum.max_abs_sum());
  use.observed_bits = acc.observed_bits();
  use.wasted_bits = std::max(0, order.acc_bits - use.observed_bits);
  if (psum.steps > 0) {
    use.psum_observed_bits = psum.observed_bits();
    use.psum_wasted_bits = std::max(0, order.psum_bits - psum.observed_bits());
  }
  const numeric::OverflowStats& first = acc.overflows > 0 ? acc : psum;
  if (first.overflows > 0) {
    use.first_overflow_output = first.first_reduction;
    use.first_overflow_step = first.first_step;
  }
  return use;
}

void add_bounds(const exec::LayerOverflow& layer, report::AccumulatorUse& use) {
  use.data_type_bound_bits = layer.bounds.data_type_bits;
  use.l1_bound_bits = layer.bounds.l1_bits;
  use.exact_bound_bits = layer.bounds.exact_bits;
  use.l1_slack_bits = layer.l1_slack_bits();
  if (!layer.corrected) return;
  use.code_data_type_bound_bits = layer.code_bounds.data_type_bits;
  use.code_l1_bound_bits = layer.code_bounds.l1_bits;
  use.code_exact_bound_bits = layer.code_bounds.exact_bits;
}

void add_counts(const exec::LayerOverflow& layer, report::AccumulatorUse& use) {
  use.outputs = layer.outputs;
  use.overflowed_outputs = layer.lossy_outputs;
  use.steps = layer.steps;
  use.overflows = layer.overflows;
  use.overflow_rate = layer.overflow_rate();
  use.max_abs_partial_sum = layer.max_abs_sum;
  use.observed_bits = layer.observed_acc_bits;
  use.wasted_bits = layer.wasted_bits();
  if (layer.sums_chunks()) {
    use.psum_observed_bits = layer.observed_psum_bits;
    use.psum_wasted_bits = layer.wasted_psum_bits();
  }
  for (const exec::ChannelOverflow& channel : layer.channels) {
    use.channels.push_back(channel_use(channel, layer.order));
  }
}

void add_requantization(const exec::RequantizationDifference& difference,
                        report::AccumulatorUse& use) {
  if (difference.outputs == 0) return;
  use.requantized_outputs = difference.outputs;
  use.requantized_differing = difference.differing;
  use.requantized_max_difference = difference.max_difference;
}

/// MACs one code of each operand stays at the multiplier: a stationary one for a whole stream.
struct Held {
  double acts = 1, weights = 1;
};

Held held_macs(spec::Dataflow dataflow, const model::Layer& layer) {
  Held held;
  if (dataflow == spec::Dataflow::WeightStationary) {
    held.weights = static_cast<double>(layer.out_pixels());
  } else if (dataflow == spec::Dataflow::InputStationary) {
    const std::int64_t channels = layer.out_channels / layer.groups;
    held.acts = static_cast<double>(channels);
  }
  return held;
}

/// Share of an accumulator's bits that change; −1 where none were counted, and where products of
/// other outputs follow each other in a processing element: the prices of sums were measured on one
/// output after the other.
double sum_toggle_rate(spec::Dataflow dataflow, const exec::ToggleCount& sums) {
  const bool counts = dataflow == spec::Dataflow::OutputStationary && sums.transition_bits > 0;
  return counts ? sums.rate() : -1;
}

void add_correction(const exec::MacLayer& mac, const numeric::OperandEncoding& acts,
                    report::AccumulatorUse& use) {
  const numeric::CorrectionCost cost =
      numeric::correction_cost(mac.node().weights.encoding, acts, mac.layer().reduction());
  use.act_sum_bits = cost.act_sum_bits;
  use.corrected_bits = cost.result_bits;
}

}  // namespace

std::vector<report::AccumulatorUse> accumulator_uses(const Measurement& measured) {
  std::vector<report::AccumulatorUse> uses;
  const model::QuantizedGraph& graph = measured.executor->graph();
  for (const exec::LayerOverflow& layer :
       exec::overflow_report(*measured.executor, *measured.record)) {
    const model::QuantizedNode& node = graph.nodes[layer.node];
    report::AccumulatorUse use;
    use.layer = measured.tasks->tasks[task_of(*measured.tasks, node.layer)].name;
    use.acc_bits = layer.order.acc_bits;
    use.policy = numeric::kOverflowPolicyNames.name(layer.order.policy);
    use.psum_bits = layer.order.psum_bits;
    use.chunk_length = static_cast<std::int64_t>(layer.order.chunk_length);
    add_bounds(layer, use);
    use.guaranteed_acc_bits = layer.guaranteed.acc_bits;
    use.guaranteed_psum_bits = layer.guaranteed.psum_bits;
    add_correction(*measured.executor->mac(layer.node), graph.value(node.inputs[0]).format.encoding,
                   use);
    if (measured.record->samples > 0) add_counts(layer, use);
    add_requantization(measured.record->nodes[layer.node].requantization, use);
    if (measured.register_bits && !layer.order.narrow_chunks) {
      use.register_bits = measured.register_bits;
    }
    uses.push_back(std::move(use));
  }
  return uses;
}

void add_operand_statistics(const Measurement& measured, cost::RunActivity& run) {
  const model::QuantizedGraph& graph = measured.executor->graph();
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const exec::MacActivity& activity = measured.record->nodes[n].activity;
    if (activity.macs.pairs == 0) continue;
    const std::size_t task = task_of(*measured.tasks, graph.nodes[n].layer);
    const auto pairs = static_cast<double>(activity.macs.pairs);
    const Held held = held_macs(run.accelerator.mac_array.dataflow, graph.layer(graph.nodes[n]));
    for (auto* layers : {&run.layers, &run.steady_layers}) {
      cost::LayerActivity& layer = (*layers)[task];
      layer.act_density = 1 - static_cast<double>(activity.macs.zero_act) / pairs;
      layer.weight_density = 1 - static_cast<double>(activity.macs.zero_weight) / pairs;
      layer.zero_operand_rate = activity.macs.zero_operand_rate();
      layer.act_bit_density = activity.acts.bit_density();
      layer.weight_bit_density = activity.weights.bit_density();
      layer.act_toggle_rate = activity.acts.toggle_rate() / held.acts;
      layer.weight_toggle_rate = activity.weights.toggle_rate() / held.weights;
      layer.sum_toggle_rate = sum_toggle_rate(run.accelerator.mac_array.dataflow, activity.sums);
    }
  }
}

void price_activity(const cost::LayerActivity& layer, double clock_mhz,
                    const cost::CostModel& prices, report::OperandActivity& shown) {
  cost::LayerActivity fixed = layer;
  fixed.act_density = fixed.weight_density = fixed.zero_operand_rate = -1;
  fixed.act_bit_density = fixed.weight_bit_density = -1;
  shown.energy_pj = prices.energy(layer, clock_mhz).total_pj();
  shown.fixed_activity_energy_pj = prices.energy(fixed, clock_mhz).total_pj();
}

std::vector<report::OperandActivity> operand_activity(const Measurement& measured,
                                                      const cost::RunActivity& run,
                                                      const cost::CostModel& prices) {
  std::vector<report::OperandActivity> list;
  const model::QuantizedGraph& graph = measured.executor->graph();
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const exec::MacActivity& activity = measured.record->nodes[n].activity;
    if (activity.macs.pairs == 0) continue;
    const cost::LayerActivity& layer = run.layers[task_of(*measured.tasks, graph.nodes[n].layer)];
    report::OperandActivity shown;
    shown.layer = layer.name;
    shown.activation_density = activity.activation_density();
    shown.zero_act_rate = 1 - layer.act_density;
    shown.zero_weight_rate = 1 - layer.weight_density;
    shown.zero_operand_rate = layer.zero_operand_rate;
    shown.act_toggle_rate = activity.acts.toggle_rate();
    shown.weight_toggle_rate = activity.weights.toggle_rate();
    shown.act_bit_density = activity.acts.bit_density();
    shown.weight_bit_density = activity.weights.bit_density();
    price_activity(layer, run.clock_mhz, prices, shown);
    list.push_back(std::move(shown));
  }
  return list;
}

}  // namespace bitscale::cli

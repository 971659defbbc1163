#include "workloads/exec/execution_json.h"

namespace bitscale::exec {
namespace {

void write_stats(base::JsonWriter& json, const char* key, const numeric::OverflowStats& stats) {
  json.begin_object(key)
      .member("steps", stats.steps)
      .member("overflows", stats.overflows)
      .member("min_partial_sum", stats.min_sum)
      .member("max_partial_sum", stats.max_sum)
      .member("observed_bits", stats.observed_bits());
  if (stats.overflows > 0) {
    json.member("first_overflow_output", stats.first_reduction)
        .member("first_overflow_step", stats.first_step);
  }
  json.end();
}

void write_channel(base::JsonWriter& json, const ChannelOverflow& channel) {
  json.begin_object()
      .member("l1_norm", channel.bounds.codes.l1_norm)
      .member("l1_bound_bits", channel.bounds.l1_bits())
      .member("exact_minimum_bits", channel.bounds.exact_bits())
      .member("overflowed_outputs", channel.account.lossy_outputs);
  write_stats(json, "array", channel.account.acc);
  if (channel.account.psum.steps > 0) write_stats(json, "across_chunks", channel.account.psum);
  json.end();
}

void write_stream(base::JsonWriter& json, const char* key,
                  const numeric::StreamStatistics& stream) {
  json.begin_object(key)
      .member("density", stream.density())
      .member("bit_density", stream.bit_density())
      .member("toggle_rate", stream.toggle_rate())
      .end();
}

void write_activity(base::JsonWriter& json, const MacActivity& activity) {
  if (activity.act_elements == 0) return;
  json.begin_object("activity").member("activation_density", activity.activation_density());
  write_stream(json, "act_codes", activity.acts);
  write_stream(json, "weight_codes", activity.weights);
  json.member("zero_operand_rate", activity.macs.zero_operand_rate()).end();
}

void write_requantization(base::JsonWriter& json, const RequantizationDifference& difference) {
  if (difference.outputs == 0) return;
  json.begin_object("fixed_point_requantization")
      .member("outputs", difference.outputs)
      .member("differing", difference.differing)
      .member("max_code_difference", difference.max_difference)
      .end();
}

void write_layer(base::JsonWriter& json, const LayerOverflow& layer, const NodeRecord& record) {
  json.begin_object()
      .member("name", layer.name)
      .member("acc_bits", layer.order.acc_bits)
      .member("psum_bits", layer.order.psum_bits)
      .member("overflow", numeric::kOverflowPolicyNames.name(layer.order.policy))
      .member("chunk_length", layer.order.chunk_length)
      .member("steps", layer.steps)
      .member("overflows", layer.overflows)
      .member("overflow_rate", layer.overflow_rate())
      .member("outputs", layer.outputs)
      .member("overflowed_outputs", layer.lossy_outputs)
      .member("max_abs_partial_sum", layer.max_abs_sum)
      .member("observed_bits", layer.observed_acc_bits)
      .member("data_type_bound_bits", layer.bounds.data_type_bits)
      .member("l1_bound_bits", layer.bounds.l1_bits)
      .member("exact_minimum_bits", layer.bounds.exact_bits)
      .member("l1_slack_bits", layer.l1_slack_bits())
      .member("guaranteed_acc_bits", layer.guaranteed.acc_bits)
      .member("guaranteed_psum_bits", layer.guaranteed.psum_bits)
      .member("wasted_bits", layer.wasted_bits());
  if (layer.sums_chunks()) {
    json.member("psum_observed_bits", layer.observed_psum_bits)
        .member("psum_wasted_bits", layer.wasted_psum_bits());
  }
  if (layer.corrected) {
    json.member("code_data_type_bound_bits", layer.code_bounds.data_type_bits)
        .member("code_l1_bound_bits", layer.code_bounds.l1_bits)
        .member("code_exact_minimum_bits", layer.code_bounds.exact_bits);
  }
  write_activity(json, record.activity);
  write_requantization(json, record.requantization);
  json.begin_array("channels");
  for (const ChannelOverflow& channel : layer.channels) write_channel(json, channel);
  json.end().end();
}

void write_point(base::JsonWriter& json, const AccumulatorPoint& point) {
  json.begin_object()
      .member("acc_bits", point.acc_bits)
      .member("overflow", numeric::kOverflowPolicyNames.name(point.policy))
      .member("overflow_rate", point.overflow_rate())
      .member("overflowed_output_rate", point.lossy_output_rate());
  if (point.top1) json.member("top1", *point.top1);
  json.end();
}

}  // namespace

void write_execution(base::JsonWriter& json, const Execution& execution) {
  json.begin_object()
      .member("schema_version", kExecutionSchemaVersion)
      .member("network", execution.executor->graph().name)
      .member("samples", execution.record->samples);
  if (execution.top1) json.member("top1", *execution.top1);
  json.begin_array("layers");
  for (const LayerOverflow& layer : overflow_report(*execution.executor, *execution.record)) {
    write_layer(json, layer, execution.record->nodes[layer.node]);
  }
  json.end();
  if (!execution.sweep.empty()) {
    json.begin_array("accumulator_sweep");
    for (const AccumulatorPoint& point : execution.sweep) write_point(json, point);
    json.end();
  }
  json.end();
}

}  // namespace bitscale::exec
